from shop_api import receipt


def test_a_receipt() -> None:
    assert receipt([100, 250]) == "3.50 €"
