"""A project on setuptools."""

__version__ = "1.2.0"
