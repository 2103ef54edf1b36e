"""What every package of the organisation needs."""


def greet(name: str) -> str:
    """Greet somebody."""
    return f"Hello, {name}!"
