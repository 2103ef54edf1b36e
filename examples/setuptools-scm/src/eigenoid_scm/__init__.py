"""The starter for versions that are derived from tags."""

from importlib.metadata import version

__version__ = version("eigenoid-scm")


def greet(name: str) -> str:
    """Return a greeting."""
    return f"Hello, {name}!"
