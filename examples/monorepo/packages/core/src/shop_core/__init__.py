"""Prices and baskets."""


def total(prices: list[int]) -> int:
    """Return the sum of prices in cents."""
    return sum(prices)
