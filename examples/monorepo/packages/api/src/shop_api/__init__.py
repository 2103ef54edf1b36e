"""What a shop offers to the outside."""

from shop_core import total


def receipt(prices: list[int]) -> str:
    """Return what a customer pays, in euros."""
    return f"{total(prices) / 100:.2f} €"
