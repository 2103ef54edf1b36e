"""The starter for versions that only a build tells."""

from importlib.metadata import version

__version__ = version("eigenoid-computed")


def greet(name: str) -> str:
    """Return a greeting."""
    return f"Hello, {name}!"
