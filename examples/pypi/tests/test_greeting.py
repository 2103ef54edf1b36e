from importlib.metadata import version

import eigenoid_pypi


def test_a_greeting() -> None:
    assert eigenoid_pypi.greet("world") == "Hello, world!"


def test_a_version_is_installed() -> None:
    assert version("eigenoid-pypi")
