"""A package that goes to Artifact Registry and to PyPI in one run."""


def greet(name: str) -> str:
    """Return a greeting."""
    return f"Hello, {name}!"
