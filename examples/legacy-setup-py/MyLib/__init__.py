"""The legacy starter's package."""

from MyLib.MyLib import __version__, greet

__all__ = ["__version__", "greet"]
