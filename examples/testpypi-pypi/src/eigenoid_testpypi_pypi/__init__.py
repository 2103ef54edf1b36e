"""A package that is built once and goes to TestPyPI, then to PyPI."""


def greet(name: str) -> str:
    """Return a greeting."""
    return f"Hello, {name}!"
