"""Where credentials may be sent."""

from dataclasses import replace

import pytest

from dist_actions.errors import InputError
from dist_actions.job.endpoints import (
    GoogleEndpoints,
    PyPIEndpoints,
    is_location,
    is_public_address,
    is_safe_url,
    origin,
)


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
    assert endpoints.index_url("us-central1", "p", "r") == (
        "https://us-central1-python.pkg.dev/p/r/simple/"
    )
    assert endpoints.repository_api_url("eu", "p", "r") == (
        "https://artifactregistry.googleapis.com/v1/projects/p/locations/eu/repositories/r"
    )
    assert endpoints.impersonation_url("a@b") == (
        "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/a@b:generateAccessToken"
    )


def test_a_private_endpoint_replaces_a_public_one() -> None:
    endpoints = GoogleEndpoints.from_environ(
        {"DIST_ACTIONS_ARTIFACT_REGISTRY_URL": "https://{location}.inside.example.com/py/"}
    )
    assert endpoints.repository_url("eu", "p", "r") == "https://eu.inside.example.com/py/p/r/"


VARIABLES = {
    "DIST_ACTIONS_STS_URL": "sts_url",
    "DIST_ACTIONS_IAM_CREDENTIALS_URL": "iam_credentials_url",
    "DIST_ACTIONS_ARTIFACT_REGISTRY_URL": "artifact_registry_url",
    "DIST_ACTIONS_ARTIFACT_REGISTRY_API_URL": "artifact_registry_api_url",
    "DIST_ACTIONS_OAUTH_TOKEN_URL": "oauth_token_url",
}


@pytest.mark.parametrize("variable", VARIABLES)
def test_a_variable_sets_one_address_of_google(variable: str) -> None:
    environ = {variable: "https://inside.example.com/{location}//"}
    assert GoogleEndpoints.from_environ(environ) == replace(
        GoogleEndpoints(), **{VARIABLES[variable]: "https://inside.example.com/{location}"}
    )


@pytest.mark.parametrize("variable", VARIABLES)
def test_an_unsafe_endpoint_is_refused(variable: str) -> None:
    with pytest.raises(InputError) as refused:
        GoogleEndpoints.from_environ({variable: "http://example.com/"})
    assert refused.value.what == f"{variable} is 'http://example.com'."
    assert refused.value.fix == f"correct {variable} or leave it out."


@pytest.mark.parametrize(
    ("index_url", "place"),
    [
        ("https://eu-python.pkg.dev/p/r/simple/", ("p", "eu", "r")),
        ("https://eu-python.pkg.dev/p/r/simple", ("p", "eu", "r")),
        ("https://EU-python.pkg.dev/p/r/simple/", None),
        ("https://eu-pythonxpkg.dev/p/r/simple/", None),
        ("https://a.b/eu-python.pkg.dev/p/r/simple/", None),
        ("https://eu-python.pkg.dev/p/r/", None),
        ("https://eu-python.pkg.dev/p/q/r/simple/", None),
    ],
)
def test_an_index_of_artifact_registry_is_recognised(
    index_url: str, place: tuple[str, str, str] | None
) -> None:
    assert GoogleEndpoints().place_of(index_url) == place


@pytest.mark.parametrize("name", ["pypi", "testpypi"])
def test_an_index_of_pypi_lies_below_one_address(name: str) -> None:
    upload = "https://upload.example.com/legacy/"
    variable = f"DIST_ACTIONS_{name.upper()}_URL"
    public = PyPIEndpoints.from_environ({}, name, upload)
    assert public == PyPIEndpoints(
        repository_url=upload,
        index_url="https://example.com/simple/",
        oidc_url="https://example.com/_/oidc",
        publishing_url="https://example.com/manage/account/publishing/",
    )
    assert PyPIEndpoints.from_environ({variable: "https://example.com/"}, name, upload) == public
    elsewhere = PyPIEndpoints.from_environ({variable: "https://x.example.com/"}, name, upload)
    assert elsewhere.repository_url == "https://x.example.com/legacy/"
    assert elsewhere.index_url == "https://x.example.com/simple/"
    with pytest.raises(InputError, match=f"{variable} is"):
        PyPIEndpoints.from_environ({variable: "http://example.com/"}, name, upload)


@pytest.mark.parametrize(
    ("url", "same"),
    [
        ("https://Example.com:443/x", True),
        ("https://example.com:80/", False),
        ("https://example.com:8443/", False),
        ("http://example.com/", False),
        ("https://user@example.com/", False),
        ("https://a.example.com/", False),
    ],
)
def test_credentials_stay_with_their_origin(url: str, same: bool) -> None:
    assert (origin(url) == origin("https://example.com/simple/")) is same
    assert origin("http://example.com:80/") == ("http", "example.com")
    assert origin("ftp://example.com:443/") == ("ftp", "example.com:443")


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
        "2001:0:4136:e378:8000:63bf:80ff:fffe",  # Teredo, of 127.0.0.1
        "2001:0:4136:e378:8000:63bf:f7f7:f7f7",  # of 8.8.8.8: a tunnel, which is no more
        "8.8.8.8%eth0",
        "224.0.1.1",
        "ff0e::1",
        "10.0.0.1",
        "localhost",
        "",
    ],
)
def test_an_address_that_is_not_public(address: str) -> None:
    assert not is_public_address(address)


@pytest.mark.parametrize(
    "address",
    [
        *("8.8.8.8", "2001:4860:4860::8888", "64:ff9b::8.8.8.8", "::ffff:8.8.8.8", "::8.8.8.8"),
        *("2002:808:808::", "2001:4860:4860::8888%eth0"),
    ],
)
def test_a_public_address(address: str) -> None:
    assert is_public_address(address)
