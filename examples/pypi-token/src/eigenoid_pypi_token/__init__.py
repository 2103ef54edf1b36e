"""A package that goes to PyPI by a token, once somebody approved it."""


def greet(name: str) -> str:
    """Return a greeting."""
    return f"Hello, {name}!"
