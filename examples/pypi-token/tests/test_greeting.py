from importlib.metadata import version

import eigenoid_pypi_token


def test_a_greeting() -> None:
    assert eigenoid_pypi_token.greet("world") == "Hello, world!"


def test_a_version_is_installed() -> None:
    assert version("eigenoid-pypi-token")
