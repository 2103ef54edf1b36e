"""A package with a module in Rust."""

from importlib.metadata import version

from eigenoid_maturin._greeting import greet

__all__ = ["greet"]
__version__ = version("eigenoid-maturin")
