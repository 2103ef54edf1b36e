from importlib.metadata import version

import eigenoid_maturin


def test_a_greeting() -> None:
    assert eigenoid_maturin.greet("world") == "Hello, world!"


def test_the_version_is_that_of_the_wheel() -> None:
    assert eigenoid_maturin.__version__ == version("eigenoid-maturin")
