from shop_core import total


def test_a_total() -> None:
    assert total([100, 250]) == 350
