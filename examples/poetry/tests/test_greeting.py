from importlib.metadata import version

import eigenoid_poetry


def test_a_greeting() -> None:
    assert eigenoid_poetry.greet("world") == "Hello, world!"


def test_a_version_is_installed() -> None:
    assert version("eigenoid-poetry")
