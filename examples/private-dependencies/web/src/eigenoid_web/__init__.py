"""A page that greets."""

from eigenoid_core import greet


def render(name: str) -> str:
    """Make the page for a visitor."""
    return f"<h1>{greet(name)}</h1>"
