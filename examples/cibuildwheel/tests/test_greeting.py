from importlib.metadata import version

import eigenoid_cibuildwheel


def test_a_greeting() -> None:
    assert eigenoid_cibuildwheel.greet("world") == "Hello, world!"


def test_the_version_is_that_of_the_wheel() -> None:
    assert eigenoid_cibuildwheel.__version__ == version("eigenoid-cibuildwheel")
