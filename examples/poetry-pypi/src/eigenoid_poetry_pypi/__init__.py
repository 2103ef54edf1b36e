"""A poetry project that goes to PyPI and to a private index."""


def greet(name: str) -> str:
    """Return a greeting."""
    return f"Hello, {name}!"
