"""The smallest package worth releasing."""

from importlib.metadata import version

__version__ = version("eigenoid-sample")


def greet(name: str) -> str:
    """A greeting for `name`."""
    return f"Hello, {name}, from eigenoid-sample {__version__}!"
