"""The one module that says the version; setup.py and dist-actions read it here."""

__version__ = "1.0.0"


def greet(name: str) -> str:
    """Return a greeting."""
    return f"Hello, {name}!"
