"""A package that goes to Artifact Registry by a service-account key."""


def greet(name: str) -> str:
    """Return a greeting."""
    return f"Hello, {name}!"
