"""A package with a module in C."""

from importlib.metadata import version

from eigenoid_cibuildwheel._greeting import greet

__all__ = ["greet"]
__version__ = version("eigenoid-cibuildwheel")
