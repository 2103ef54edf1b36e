"""A project whose version setuptools-scm derives from tags."""
