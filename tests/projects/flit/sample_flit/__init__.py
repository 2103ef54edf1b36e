"""A project on flit."""

__version__ = "1.2.0"
