from eigenoid_core import greet


def test_somebody_is_greeted() -> None:
    assert greet("Ada") == "Hello, Ada!"
