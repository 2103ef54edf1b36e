from importlib.metadata import version

import eigenoid_artifact_registry_pypi


def test_a_greeting() -> None:
    assert eigenoid_artifact_registry_pypi.greet("world") == "Hello, world!"


def test_a_version_is_installed() -> None:
    assert version("eigenoid-artifact-registry-pypi")
