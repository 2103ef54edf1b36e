from importlib.metadata import version

import eigenoid_service_account_key


def test_a_greeting() -> None:
    assert eigenoid_service_account_key.greet("world") == "Hello, world!"


def test_a_version_is_installed() -> None:
    assert version("eigenoid-service-account-key")
