"""A package that goes from main to PyPI, without any secret."""


def greet(name: str) -> str:
    """Return a greeting."""
    return f"Hello, {name}!"
