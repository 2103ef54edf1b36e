"""Inputs that contradict themselves or send a credential astray are refused before any request."""

import base64
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from dist_actions.publish.main import main
from dist_sandbox.addresses import Addresses
from support.distributions.builders import write_release, write_wheel
from support.publishing.job import PublishingJob
from support.stages.action_inputs import mapped_inputs

#: Stands for a credential wherever it must not be shown.
CANARY = "c4n4ry-of-a-credential"
URL = "https://index.example.com/upload/"
FEDERATION = "projects/1/locations/global/workloadIdentityPools/github/providers/github"
GOOGLE = {
    "workload-identity-provider": FEDERATION,
    "project-id": "eigenoid-dev",
    "location": "us-central1",
    "repository": "eigenoid-python",
}
PASSWORD = {"username": "somebody", "password": CANARY}


def with_url(url: str, **more: str) -> dict[str, str]:
    """The inputs for a repository address."""
    return {"index": url, "index-url": "https://index.example.com/simple/", **PASSWORD, **more}


def key(**changes: Any) -> dict[str, str]:
    """A key file with changes; None removes a field."""
    described = {
        "type": "service_account",
        "client_email": "publisher@eigenoid-dev.iam.gserviceaccount.com",
        "private_key": CANARY,
        "private_key_id": "0123",
        **changes,
    }
    kept = {name: value for name, value in described.items() if value is not None}
    return given_key(json.dumps(kept))


def given_key(text: str) -> dict[str, str]:
    return {"workload-identity-provider": "", "service-account": "", "credentials-json": text}


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


REFUSED: dict[str, tuple[dict[str, str], str]] = {
    "an unknown target": ({"index": "conda"}, "input index is 'conda'"),
    "a target in capitals": ({"index": "PyPI"}, "input index is 'PyPI'"),
    "two targets in one line": ({"index": "pypi, testpypi"}, "input index is 'pypi, testpypi'"),
    "a target twice": ({"index": "pypi\npypi"}, "names a target twice"),
    "a host without a scheme": ({"index": "index.example.com"}, "is 'index.example.com'"),
    "http": (with_url("http://index.example.com/"), "which is not encrypted"),
    "http to a name like loopback": (with_url("http://localhost.example.com/"), "not encrypted"),
    "http to a name before @": (with_url("http://127.0.0.1@example.com/"), "holds credentials"),
    "ftp": (with_url("ftp://index.example.com/"), "which is no address of an index"),
    "a file": (with_url("file:///etc/passwd"), "which is no address of an index"),
    "a scheme alone": (with_url("https://"), "which is no address of an index"),
    "a space in the host": (with_url("https://index example.com/"), "no address of an index"),
    "an empty label": (with_url("https://.example.com/"), "which is no address of an index"),
    "a port that is no number": (with_url("https://index.example.com:x/"), "no address"),
    "a port that is too large": (with_url("https://index.example.com:99999/"), "no address"),
    "half an IPv6 address": (with_url("https://[::1/"), "no address of an index"),
    "credentials in the address": (
        with_url(f"https://somebody:{CANARY}@index.example.com/"),
        "holds credentials in its address",
    ),
    "a token as user in the address": (
        with_url(f"https://{CANARY}@index.example.com/"),
        "holds credentials in its address",
    ),
    "credentials in http": (
        with_url(f"http://somebody:{CANARY}@index.example.com/"),
        "holds credentials in its address",
    ),
    "credentials without a scheme": (
        {"index": f"somebody:{CANARY}@index.example.com"},
        "something with '@' or '?' in it",
    ),
    "credentials with a slash": (
        with_url(f"http://somebody:/{CANARY}@index.example.com/"),
        "something with '@' or '?' in it",
    ),
    "a query": (with_url(f"https://index.example.com/?token={CANARY}"), "something with '@'"),
    "a fragment": (with_url("https://index.example.com/#x"), "no address of an index"),
    "credentials in index-url": (
        with_url(URL, **{"index-url": f"https://a:{CANARY}@index.example.com/"}),
        "input index-url holds credentials",
    ),
    "http in index-url": (
        with_url(URL, **{"index-url": "http://index.example.com/simple/"}),
        "input index-url is 'http://index.example.com/simple/', which is not encrypted",
    ),
    "index-url of the project's page": (
        with_url(URL, **{"index-url": "https://index.example.com/simple/eigenoid-sample/"}),
        "Fix: write https://index.example.com/simple/",
    ),
    "index-url of the project's page, spelled otherwise": (
        with_url(URL, **{"index-url": "https://index.example.com/simple/Eigenoid_Sample"}),
        "The input index-url ends in the project's name",
    ),
    "two addresses": (with_url(f"{URL}\nhttps://other.example.com/"), "lists two addresses"),
    "an address without index-url": (
        with_url(URL, **{"index-url": ""}),
        "The input index-url is empty",
    ),
    "index-url without an address": (
        {"index": "pypi", "index-url": "https://index.example.com/simple/"},
        "is given, but index lists no repository address",
    ),
    "an address without a password": (with_url(URL, password=""), "password or username"),
    "an address without a user": (with_url(URL, username=""), "password or username"),
    "a user without a password": ({"index": "pypi", "username": "__token__"}, "is empty"),
    "a password beside Artifact Registry": (PASSWORD, "given beside artifact-registry"),
    "a password for two indexes": (
        {"index": "testpypi\npypi", **PASSWORD},
        "is given for pypi and testpypi, which share no token",
    ),
    "federation and a key": (
        {**key(), "workload-identity-provider": FEDERATION},
        "is given beside workload-identity-provider",
    ),
    "federation without Artifact Registry": (
        {"index": "pypi", "workload-identity-provider": FEDERATION},
        "input workload-identity-provider is given, but index does not list artifact-registry",
    ),
    "a key without Artifact Registry": (
        {"index": "pypi", **key()},
        "input credentials-json is given, but index does not list artifact-registry",
    ),
    "a provider by its pool": (
        {"workload-identity-provider": FEDERATION.partition("/providers")[0]},
        "input workload-identity-provider is",
    ),
    "a provider by the project's ID": (
        {"workload-identity-provider": FEDERATION.replace("projects/1", "projects/eigenoid")},
        "input workload-identity-provider is",
    ),
    "a path as repository": ({"repository": "../other"}, "input repository is"),
    "a host as location": ({"location": "evil.example.com/"}, "input location is"),
    "options as project": ({"project-id": "--impersonate"}, "input project-id is"),
    "settings that are missing": (
        {"project-id": "", "repository": ""},
        "GCP_PROJECT_ID, AR_REPOSITORY",
    ),
    "a credential configuration": (
        key(type="external_account"),
        "a credential configuration of workload identity federation",
    ),
    "a person's login": (key(type="authorized_user"), "a person's own login"),
    "another kind of key": (key(type="gdch_service_account"), "without `type: service_account`"),
    "a key without its type": (key(type=None), "without `type: service_account`"),
    "a key without its account": (key(client_email=None), "lacks client_email"),
    "a key with an empty ID": (key(private_key_id=""), "lacks private_key_id"),
    "a key whose key is a number": (key(private_key=7), "lacks private_key"),
    "a cut key": (given_key(key()["credentials-json"][:-20]), "a part of the file is missing"),
    "a list": (given_key(encoded(f'["{CANARY}"]')), "is no JSON object"),
    "base64 of nonsense": (given_key(encoded(f"nonsense {CANARY}")), "is no JSON"),
    "base64 of bytes": (given_key(base64.b64encode(b"\xff\xfe\x00").decode()), "neither JSON"),
    "no base64": (given_key(f"!{CANARY}"), "is neither JSON nor base64 of JSON"),
    "a path to a key": (given_key("./key.json"), "is neither JSON nor base64 of JSON"),
    "a wait of nonsense": ({"max-wait": "soon"}, "input max-wait is 'soon'"),
    "a folder outside": ({"dist": "../elsewhere"}, "outside the repository"),
}


@pytest.fixture
def refuse_inputs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Runs the stage where no service answers, so that a request would fail otherwise."""
    write_release(tmp_path / "dist")

    def run(given: Mapping[str, str], **foreign: str) -> str:
        services = Addresses("http://127.0.0.1:9").service_variables
        google = GOOGLE if "artifact-registry" in given.get("index", "artifact-registry") else {}
        environ = {
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_NAME": "push",
            "GITHUB_REPOSITORY": "eigenoid/eigenoid-sample",
            "GITHUB_WORKSPACE": str(tmp_path),
            **services,
            **mapped_inputs("publish", {**google, **given}),
            **foreign,
        }
        status = main(environ)
        log = capsys.readouterr().out
        assert status == 2, log
        return log

    return run


@pytest.mark.parametrize("name", list(REFUSED))
def test_bad_input_is_refused_without_a_request(
    refuse_inputs: Callable[..., str], name: str
) -> None:
    given, said = REFUSED[name]
    log = refuse_inputs(given)
    assert said.lower() in log.replace("%0A", "\n").lower()
    assert CANARY not in log


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        (
            {"INPUT_REPOSITORY-URL": URL, "INPUT_PACKAGES-DIR": "wheelhouse/"},
            ["repository-url: give the address as index", "packages-dir: call it dist"],
        ),
        ({"INPUT_PACKAGES_DIR": "wheelhouse"}, ["input packages-dir is no input", "call it dist"]),
        ({"INPUT_USER": "__token__", "INPUT_VERBOSE": "true"}, ["user: call it username"]),
        ({"INPUT_SKIP-EXISTING": "true"}, ["skip-existing: leave it out"]),
    ],
)
def test_inputs_of_the_usual_action_for_pypi_are_named_by_ours(
    refuse_inputs: Callable[..., str], variables: Mapping[str, str], expected: list[str]
) -> None:
    log = refuse_inputs({"index": "pypi"}, **variables)

    for text in expected:
        assert text.lower() in log.lower()


def test_without_an_index_the_message_says_which_one_is_meant(
    refuse_inputs: Callable[..., str],
) -> None:
    log = refuse_inputs(dict.fromkeys(GOOGLE, ""))

    assert "the input index means artifact-registry where it lists nothing" in log
    assert "for PyPI write `index: pypi`" in log


def test_all_bad_inputs_are_told_at_once(refuse_inputs: Callable[..., str]) -> None:
    log = refuse_inputs({"index": "pypi\npypi\nconda", "max-wait": "soon", **PASSWORD})
    for said in ("names a target twice", "is 'conda'", "max-wait is 'soon'"):
        assert said in log


def test_two_projects_in_a_folder_are_refused_without_a_request(publisher: PublishingJob) -> None:
    write_wheel(publisher.dist, project="another")
    first = publisher.sandbox.world.requests.last_number()
    assert publisher.run_here({"index": "artifact-registry\npypi"}) == 1
    assert "is another 0.1.0, not eigenoid-sample" in publisher.log or (
        "is eigenoid-sample 0.1.0, not another" in publisher.log
    )
    assert publisher.sandbox.world.requests.since(first) == []


def test_a_bad_input_of_the_real_entrypoint_ends_with_2(publisher: PublishingJob) -> None:
    result = publisher(with_url(f"https://somebody:{CANARY}@index.example.com/"))
    assert (result.exit_status, result.requests) == (2, ())
    assert "holds credentials in its address" in result.annotation.message
