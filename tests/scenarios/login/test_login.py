"""What a login hands over, to which jobs, and for which environment."""

from pathlib import Path

import pytest

from dist_actions.job.event import UNTRUSTED_EVENTS
from support.closed_port import CLOSED_PORT
from support.projects.private_packages import PrivatePackages
from support.sandbox.private_index import USERNAME, private_index
from support.stages.running import StageResult

ADDRESSES = {"PIP_INDEX_URL", "UV_DEFAULT_INDEX", "PDM_PYPI_URL"}


def pull_request(base: str, head: str = "eigenoid/eigenoid-sample") -> dict[str, object]:
    """Options of a run for a pull request."""
    return {
        "event": "pull_request",
        "ref": "refs/pull/7/merge",
        "environ": {"GITHUB_BASE_REF": base},
        "payload": {"pull_request": {"head": {"repo": {"full_name": head}}}},
    }


@pytest.mark.parametrize(
    ("environment", "options"),
    [
        ("dev", {"ref": "refs/heads/dev"}),
        ("qa", {"ref": "refs/tags/v1.2.0-qa"}),
        ("prd", {"ref": "refs/tags/v1.2.0"}),
        ("prd", pull_request("main")),
        ("qa", {"ref": "refs/heads/feature", "inputs": {"environment": "qa"}}),
        ("qa", {"ref": "refs/tags/eigenoid-core/1.2-qa", "inputs": {
            "tag-format": "{name}/{version}{suffix}"}}),
    ],
)  # fmt: skip
def test_the_index_is_that_of_the_runs_environment(
    private_packages: PrivatePackages, environment: str, options: dict[str, object]
) -> None:
    result = private_packages.log_in(**options)  # type: ignore[arg-type]
    assert result.exit_status == 0, result.log
    url = private_packages.index_url(environment)
    assert result.outputs["environment"] == environment
    assert (result.outputs["index-url"], result.outputs["index-name"]) == (url, "eigenoid-all")
    assert result.outputs["expires-at"].endswith("Z")
    assert {result.variables[name] for name in ADDRESSES} == {url}
    assert url in result.summary
    assert result.annotations == ()


def test_the_credential_stands_in_one_file_of_the_job(private_packages: PrivatePackages) -> None:
    result = private_packages.log_in({"lifetime": "10m"})
    assert set(result.variables) == {"NETRC", *ADDRESSES}
    netrc = Path(result.variables["NETRC"])
    assert "temp" in netrc.parts  # RUNNER_TEMP, which the runner empties
    assert netrc.stat().st_mode & 0o077 == 0
    assert netrc.parent.stat().st_mode & 0o077 == 0
    token = private_packages.token(result)
    world = private_packages.sandbox.world
    issued = world.google.live_token(token)
    assert issued is not None
    assert issued.identity.name.endswith("eigenoid-reader@eigenoid-dev.iam.gserviceaccount.com")
    assert (issued.expires_at - world.clock.now()).total_seconds() < 601
    masks = {command.data for command in result.commands if command.name == "add-mask"}
    assert token in masks


def test_credentials_of_other_hosts_stay(private_packages: PrivatePackages, tmp_path: Path) -> None:
    (tmp_path / "before").write_text("machine example.com login us password theirs\n")
    result = private_packages.log_in(environ={"NETRC": str(tmp_path / "before")})
    text = Path(result.variables["NETRC"]).read_text()
    assert text.startswith("machine example.com login us password theirs\n\nmachine 127.0.0.1 ")


@pytest.mark.parametrize(
    "text", ["machine example.com login us password\n", "garbage\n", "machine example.com login\n"]
)
def test_a_file_of_credentials_that_nobody_can_read_is_told(
    private_packages: PrivatePackages, tmp_path: Path, text: str
) -> None:
    (tmp_path / "before").write_text(text)
    result = private_packages.log_in(environ={"NETRC": str(tmp_path / "before")})
    assert_refused(result, 2, f"The job's own {tmp_path / 'before'} is not of the form of .netrc")


def test_a_standard_repository_is_no_default(private_packages: PrivatePackages) -> None:
    url = private_packages.index_url(name="eigenoid-python")
    result = private_packages.log_in({"indexes": url, "index-name": "ours"})
    assert result.exit_status == 0, result.log
    assert set(result.variables) == {"NETRC"}
    assert result.outputs["index-name"] == "ours"
    for told in ("explicit = true", 'priority = "explicit"', f"--no-deps --index-url {url}"):
        assert told in result.summary


@pytest.mark.parametrize(("default_index", "names"), [("true", ADDRESSES), ("false", set())])
def test_the_workflow_decides_what_is_the_default(
    private_packages: PrivatePackages, default_index: str, names: set[str]
) -> None:
    result = private_packages.log_in({"default-index": default_index})
    assert set(result.variables) == {"NETRC", *names}


def test_an_index_with_a_password(private_packages: PrivatePackages, tmp_path: Path) -> None:
    with private_index(tmp_path / "company") as index:
        inputs = {
            "indexes": index.index_url,
            "username": USERNAME,
            "password": index.password,
            "default-index": "true",
            "workload-identity-provider": "",
            "service-account": "",
        }
        result = private_packages.log_in(inputs, permissions={})
        assert result.exit_status == 0, result.log
        wrong = private_packages.log_in({**inputs, "password": "not-the-password"}, permissions={})
    assert result.variables["PIP_INDEX_URL"] == index.index_url
    assert private_packages.token(result) == index.password
    assert result.outputs["expires-at"] == ""
    assert (wrong.exit_status, wrong.variables) == (1, {})
    assert "refuses to be read (HTTP 401)" in wrong.annotation.message


@pytest.mark.parametrize("event", sorted(UNTRUSTED_EVENTS))
def test_a_job_on_what_others_wrote_gets_nothing(
    private_packages: PrivatePackages, event: str
) -> None:
    result = private_packages.log_in(event=event)
    assert_refused(result, 2, f"The event {event} is refused")
    assert result.requests == ()


def test_a_fork_gets_nothing_even_with_an_id_token(private_packages: PrivatePackages) -> None:
    result = private_packages.log_in(**pull_request("dev", "stranger/eigenoid-sample"))
    assert_refused(result, 1, "A pull request from a fork does not log in")
    assert result.requests == ()


@pytest.mark.parametrize(
    ("inputs", "options", "status", "text"),
    [
        ({}, {"permissions": {}}, 1, "This job cannot ask for an ID token"),
        ({"indexes": ""}, {}, 2, "The input indexes is empty"),
        ({"workload-identity-provider": ""}, {}, 2, "READER_WIF_PROVIDER"),
        ({"environment": "staging"}, {}, 2, "there is no such environment"),
        ({}, {"ref": "refs/heads/feature"}, 2, "feature belongs to none of the environments"),
        ({}, {"ref": "refs/tags/nightly"}, 2, "nightly belongs to none of the environments"),
        ({"indexes": "qa = https://index.example.com/"}, {}, 2, "environment dev has no index"),
        ({"lifetime": "2h"}, {}, 2, "Input lifetime is no time between"),
        ({"index-name": "a b"}, {}, 2, "Input index-name is 'a b'"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said(
    private_packages: PrivatePackages,
    inputs: dict[str, str],
    options: dict[str, object],
    status: int,
    text: str,
) -> None:
    assert_refused(private_packages.log_in(inputs, **options), status, text)


def test_a_refused_federation_asks_for_neither_tag_nor_environment(
    private_packages: PrivatePackages,
) -> None:
    google = private_packages.sandbox.world.google
    provider = private_packages.environment().readers_provider
    condition = "assertion.ref == 'refs/heads/other'"
    google.providers[provider] = type(google.providers[provider])(
        **{**vars(google.providers[provider]), "attribute_condition": condition}
    )
    result = private_packages.log_in()
    assert_refused(result, 1, "rejected by the attribute condition")
    assert "ref=refs/heads/dev" in result.annotation.message
    assert "which is no tag" not in result.annotation.message
    assert "environment: NAME" not in result.annotation.message


@pytest.mark.parametrize("name", ["eigenoid-all", "eigenoid-python", "pypi-cache"])
def test_a_repository_that_the_reader_may_not_read_is_named(
    private_packages: PrivatePackages, name: str
) -> None:
    private_packages.repository(name=name).bindings.clear()
    result = private_packages.log_in()
    assert_refused(result, 1, f"may not read the repository {name}")
    command = f"gcloud artifacts repositories add-iam-policy-binding {name}"
    assert command in result.annotation.message


def test_a_disabled_api_is_told(private_packages: PrivatePackages) -> None:
    virtual = private_packages.repository(name="eigenoid-all")
    virtual.settings = virtual.settings.changed({"files_api": "disabled"})
    result = private_packages.log_in()
    assert_refused(result, 1, "gcloud services enable artifactregistry.googleapis.com")


def test_an_index_that_does_not_answer_is_told(private_packages: PrivatePackages) -> None:
    inputs = {"indexes": f"http://{CLOSED_PORT}/simple/", "max-wait": "0s"}
    result = private_packages.log_in(inputs)
    assert_refused(result, 3, "read the index")


def assert_refused(result: StageResult, status: int, text: str) -> None:
    """One annotation in three parts, and nothing that a later step has."""
    assert result.exit_status == status, result.log
    assert text in result.annotation.message
    assert "Why: " in result.annotation.message
    assert "Fix: " in result.annotation.message
    assert (result.variables, result.outputs) == ({}, {})
