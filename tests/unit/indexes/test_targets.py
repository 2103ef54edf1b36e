"""The lines of `index`, and what belongs to each of them."""

import contextlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dist_actions.errors import InputError
from dist_actions.identity.google import Federation
from dist_actions.indexes.target_inputs import read_targets, require_targets
from dist_actions.indexes.targets import (
    ArtifactRegistryTarget,
    PyPITarget,
    RepositoryTarget,
    Target,
)
from dist_actions.job.inputs import InputReader

PROVIDER = "projects/1/locations/global/workloadIdentityPools/github/providers/github"
CANARY = "c4n4ry-of-a-credential"


def read(**inputs: str) -> tuple[Target, ...]:
    """Read targets from inputs, with `_` for `-`."""
    reader = InputReader({f"INPUT_{name.upper()}": text for name, text in inputs.items()})
    targets = read_targets(reader)
    reader.finish()
    return targets


def test_artifact_registry_is_the_default() -> None:
    (target,) = read(workload_identity_provider=PROVIDER, project_id="eigenoid-dev")
    assert isinstance(target, ArtifactRegistryTarget)
    assert target.identity == Federation(PROVIDER, "")


@pytest.mark.parametrize("prefix", ["", "//iam.googleapis.com/"])
def test_a_provider_may_be_written_as_the_console_shows_it(prefix: str) -> None:
    (target,) = read(workload_identity_provider=f"{prefix}{PROVIDER}")
    assert isinstance(target, ArtifactRegistryTarget)
    assert isinstance(target.identity, Federation)
    assert target.identity.provider == PROVIDER


def test_targets_keep_their_order_and_lines_may_be_indented() -> None:
    targets = read(index="  testpypi\n\n\tpypi  \r\n")
    assert targets == (PyPITarget("testpypi"), PyPITarget("pypi"))


def test_a_password_goes_to_the_address_and_not_to_pypi() -> None:
    pypi, private = read(
        index="pypi\nhttps://index.example.com/up",
        index_url="https://index.example.com/simple",
        username="us",
        password="pw",
    )
    assert pypi == PyPITarget("pypi", None)
    assert isinstance(private, RepositoryTarget)
    assert (private.login.username, private.login.secret.reveal()) == ("us", "pw")
    assert private.index_url == "https://index.example.com/simple/"


@pytest.mark.parametrize(("username", "sent"), [("", "__token__"), ("somebody", "somebody")])
def test_a_password_of_pypi_is_a_token_unless_a_user_is_given(username: str, sent: str) -> None:
    (target,) = read(index="pypi", username=username, password="pypi-x")
    assert isinstance(target, PyPITarget)
    assert target.login is not None
    assert target.login.username == sent


@pytest.mark.parametrize(
    "url",
    [
        "https://index.example.com",
        "https://index.example.com:8443/a/b/",
        "https://pkgs.example.com/feed@Local/pypi/upload/",
        "https://[2001:db8::1]/",
        "https://10.0.0.7/",
        "http://127.0.0.1:8080/",
        "http://[::1]:8080/",
        "http://localhost/",
        "https://my_index.example.com/",
    ],
)
def test_an_address_of_this_kind_is_taken(url: str) -> None:
    (target,) = read(index=url, index_url=url, username="us", password="pw")
    assert isinstance(target, RepositoryTarget)
    assert target.repository_url == url


@pytest.mark.parametrize(
    "made",
    [
        lambda secret: f"https://{secret}@index.example.com/",
        lambda secret: f"https://us:{secret}@index.example.com/",
        lambda secret: f"http://us:/{secret}@index.example.com/",
        lambda secret: f"//us:{secret}@index.example.com/",
        lambda secret: f"us:{secret}@index.example.com",
        lambda secret: f"https://index.example.com/?key={secret}",
        lambda secret: f"index.example.com/?key={secret}",
    ],
)
@pytest.mark.parametrize("name", ["index", "index_url"])
def test_no_credential_in_an_address_is_taken_or_shown(
    made: Callable[[str], str], name: str
) -> None:
    given = {"index": "https://a.example.com/", "index_url": "https://a.example.com/"}
    with pytest.raises(InputError) as raised:
        read(**{**given, "username": "us", "password": "pw", name: made(CANARY)})
    assert CANARY not in str(raised.value)


@given(st.text())
def test_any_text_is_a_target_or_refused(text: str) -> None:
    with contextlib.suppress(InputError):
        require_targets(read(index=text), "")
