"""Where credentials may be sent."""

import pytest

from dist_actions.errors import InputError
from dist_actions.job.endpoints import GoogleEndpoints, is_location, is_public_address, is_safe_url


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://sts.googleapis.com/v1/token", True),
        ("http://127.0.0.1:8000/x", True),
        ("http://[::1]:8000/x", True),
        ("http://localhost/x", True),
        ("http://sts.googleapis.com/v1/token", False),
        ("http://127.0.0.1.example.com/", False),
        ("http://127.0.0.1@example.com/", False),
        ("https://user@example.com/", False),
        ("https://example.com/#x", False),
        ("ftp://127.0.0.1/", False),
        ("https:///path", False),
        ("https://[bad/", False),
        ("", False),
    ],
)
def test_credentials_go_to_https_or_to_this_machine(url: str, safe: bool) -> None:
    assert is_safe_url(url) is safe


def test_the_defaults_are_the_public_addresses() -> None:
    endpoints = GoogleEndpoints.from_environ({})
    assert endpoints.repository_url("us-central1", "eigenoid-dev", "eigenoid-python") == (
        "https://us-central1-python.pkg.dev/eigenoid-dev/eigenoid-python/"
    )
    assert endpoints.index_url("us-central1", "p", "r").endswith("/p/r/simple/")
    assert endpoints.impersonation_url("a@b") == (
        "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/a@b:generateAccessToken"
    )


def test_a_private_endpoint_replaces_a_public_one() -> None:
    endpoints = GoogleEndpoints.from_environ(
        {"DIST_ACTIONS_ARTIFACT_REGISTRY_URL": "https://{location}.inside.example.com/py/"}
    )
    assert endpoints.repository_url("eu", "p", "r") == "https://eu.inside.example.com/py/p/r/"


def test_an_unsafe_endpoint_is_refused() -> None:
    with pytest.raises(InputError, match="DIST_ACTIONS_STS_URL is"):
        GoogleEndpoints.from_environ({"DIST_ACTIONS_STS_URL": "http://example.com/"})


@pytest.mark.parametrize(
    ("text", "usable"),
    [("us-central1", True), ("eu", True), ("", False), ("US", False), ("a.example.com/", False)],
)
def test_a_location_is_a_plain_word(text: str, usable: bool) -> None:
    assert is_location(text) is usable


@pytest.mark.parametrize(
    "address",
    [
        "fec0::1",
        "::127.0.0.1",
        "::10.0.0.1",
        "::",
        "::1",
        "64:ff9b::10.0.0.1",
        "64:ff9b:1::7f00:1",
        "64:ff9b:1::8.8.8.8",
        "::ffff:0:127.0.0.1",
        "::ffff:169.254.169.254",
        "168.63.129.16",
        "::ffff:168.63.129.16",
        "64:ff9b::168.63.129.16",
        "2002:7f00:1::",
        "fe80::1%eth0",
    ],
)
def test_an_address_that_is_not_public(address: str) -> None:
    assert not is_public_address(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "2001:4860:4860::8888", "64:ff9b::8.8.8.8", "::ffff:8.8.8.8"]
)
def test_a_public_address(address: str) -> None:
    assert is_public_address(address)
