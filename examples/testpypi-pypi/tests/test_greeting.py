from importlib.metadata import version

import eigenoid_testpypi_pypi


def test_a_greeting() -> None:
    assert eigenoid_testpypi_pypi.greet("world") == "Hello, world!"


def test_a_version_is_installed() -> None:
    assert version("eigenoid-testpypi-pypi")
