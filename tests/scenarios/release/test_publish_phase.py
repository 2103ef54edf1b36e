"""The phase `publish`: draft first, index, read back, and the GitHub release published last."""

import hashlib
import json
from collections.abc import Callable

import pytest

from dist_actions.distributions.manifest import MANIFEST_NAME
from dist_sandbox.github.releases.releases import find_latest
from support.projects.releases import TaggedProject
from support.sandbox.fixtures import Sandbox

INDEX = "POST /artifact-registry/us-central1/eigenoid-dev/eigenoid-python/"
TOKEN_EXCHANGE = [
    "GET /oidc/token",  # for the job's own environment
    "GET /oidc/token",
    "POST /sts/v1/token",
    "POST /iam-credentials/v1/projects/-/serviceAccounts/"
    "eigenoid-sample-publisher@eigenoid-dev.iam.gserviceaccount.com:generateAccessToken",
]


def test_the_release_is_drafted_first_and_published_last(tagged: TaggedProject) -> None:
    result = tagged.publish()
    assert result.exit_status == 0, result.log
    release = f"releases/{tagged.release().release_id}"
    asset = f"POST /api/uploads/repos/eigenoid/eigenoid-sample/{release}/assets"
    assert result.changes == ("POST releases", *[asset] * 3, *[INDEX] * 2, f"PATCH {release}")
    after_publication = result.calls[result.calls.index(result.changes[-1]) + 1 :]
    assert after_publication == ("GET releases", "DELETE installation/token")


def test_what_was_built_is_what_stands_everywhere(tagged: TaggedProject) -> None:
    result = tagged.publish()
    assert tagged.indexed() == tagged.built()
    release = tagged.release()
    assert {asset.name: asset.sha256 for asset in release.assets} == {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in tagged.dist.iterdir()
    }
    assert MANIFEST_NAME in {asset.name for asset in release.assets}
    manifest = json.loads((tagged.dist / MANIFEST_NAME).read_text())
    assert manifest["commit"] == tagged.commit_sha
    page = f"{tagged.sandbox.repository.html_url}/releases/tag/v0.1.0-dev"
    assert result.outputs == {
        "release-url": page,
        "project-url": page,
        "index-urls": tagged.sandbox.world.addresses.index_url(
            project_id="eigenoid-dev", location="us-central1", repository="eigenoid-python"
        ),
        "files": "eigenoid_sample-0.1.0-py3-none-any.whl\neigenoid_sample-0.1.0.tar.gz",
    }
    assert hashlib.sha256(tagged.built()["eigenoid_sample-0.1.0.tar.gz"]).hexdigest() in (
        result.summary
    )


def test_everything_is_read_back_before_the_release_is_published(tagged: TaggedProject) -> None:
    calls = tagged.publish().calls
    simple = next(call for call in calls if "/simple/" in call)
    last_upload = max(index for index, call in enumerate(calls) if call == INDEX)
    publication = next(index for index, call in enumerate(calls) if call.startswith("PATCH"))
    assert simple in calls[last_upload:publication]
    assert any(call.startswith("GET git/matching-refs") for call in calls[last_upload:publication])


def test_google_is_asked_for_nothing_but_the_exchange(tagged: TaggedProject) -> None:
    calls = [call for call in tagged.publish().calls if "/oidc/.well-known" not in call]
    asked = [call for call in calls if call.startswith(("GET /oidc", "POST /sts", "POST /iam"))]
    assert asked == TOKEN_EXCHANGE


@pytest.mark.parametrize(
    ("environment", "prerelease"), [("dev", True), ("qa", True), ("prd", False)]
)
def test_all_but_production_are_prereleases_by_the_releaser_bot(
    tag_project: Callable[..., TaggedProject],
    sandbox: Sandbox,
    environment: str,
    prerelease: bool,
) -> None:
    project = tag_project("1.0.0", environment)
    assert project.publish().exit_status == 0
    release = project.release()
    assert (release.draft, release.prerelease) == (False, prerelease)
    assert release.author.login == "releaser-bot[bot]"
    latest = find_latest(sandbox.repository.releases, sandbox.repository.latest_release_id)
    assert (latest is release) is not prerelease


@pytest.mark.parametrize(
    ("out", "late", "latest"),
    [
        ("1.1.0", "1.0.0", "1.1.0"),
        ("2.0.0", "1.10.1", "2.0.0"),
        ("1.9.0", "1.10.0", "1.10.0"),
    ],
    ids=["a failed job is run again", "an old line is maintained", "a higher one"],
)
def test_a_lower_version_that_comes_later_is_not_the_latest(
    tag_project: Callable[..., TaggedProject], sandbox: Sandbox, out: str, late: str, latest: str
) -> None:
    for version in (out, late):
        assert tag_project(version, "prd").publish({"artifacts": "build"}).exit_status == 0

    found = find_latest(sandbox.repository.releases, sandbox.repository.latest_release_id)
    assert found is not None
    assert found.tag_name == f"v{latest}"


def test_the_notes_start_at_the_previous_tag_of_the_same_environment(
    tag_project: Callable[..., TaggedProject],
) -> None:
    for version, environment in (("1.0.0", "dev"), ("1.0.0", "qa"), ("1.1.0", "dev")):
        project = tag_project(version, environment)
        project.write_manifest(notes=f"- What is new in {version}.")
        assert project.publish({"artifacts": "build"}).exit_status == 0
    body = project.release().body or ""
    parts = ["- What is new in 1.1.0.", "v1.0.0-dev...v1.1.0-dev", "### Files", "pip install "]
    positions = [body.index(part) for part in parts]
    assert positions == sorted(positions)
    assert "--index-url" in body
    assert "v1.0.0-qa" not in body


@pytest.mark.parametrize("environments", [["prd"], ["dev", "qa", "prd"]])
def test_the_notes_list_what_was_pushed_without_pull_requests(
    tag_project: Callable[..., TaggedProject], environments: list[str]
) -> None:
    """The first release of an environment goes back to the beginning, not to another's tag."""
    for version, environment in ((v, e) for v in ("1.0.0", "1.1.0") for e in environments):
        project = tag_project(version, environment)
        project.write_manifest()
        assert project.publish({"artifacts": "build"}).exit_status == 0
    notes = {
        release.tag_name: release.body or "" for release in project.sandbox.repository.releases
    }
    for version in ("1.0.0", "1.1.0"):
        assert notes[f"v{version}"].startswith(f"## What's Changed\n\n* Version {version} ([")
    assert "/compare/" not in notes["v1.0.0"]
    assert "Version 1.0.0" not in notes["v1.1.0"]
    assert "/compare/v1.0.0...v1.1.0" in notes["v1.1.0"]


def test_a_dry_run_changes_nothing(tagged: TaggedProject) -> None:
    result = tagged.publish({"dry-run": "true"})
    assert (result.exit_status, result.changes) == (0, ())
    assert result.annotation.message == "Would publish v0.1.0-dev."
    assert "2 to upload, 0 there already" in result.log
    assert tagged.releases() == []
    assert tagged.indexed() == {}


def test_a_federated_token_publishes_without_a_service_account(tagged: TaggedProject) -> None:
    world = tagged.sandbox.world
    pool = tagged.environment.workload_identity_provider.partition("/providers/")[0]
    member = (
        f"principalSet://iam.googleapis.com/{pool}/attribute.repository_id/"
        f"{world.organisation.repository_id}"
    )
    bindings = {"roles/artifactregistry.writer": [member]}
    tagged.sandbox.control("PATCH", "google/repositories/dev", {"bindings": bindings})
    result = tagged.publish({"service-account": ""})
    assert result.exit_status == 0, result.log
    assert not [call for call in result.calls if "iam-credentials" in call]
    assert tagged.indexed() == tagged.built()


def test_an_index_without_hashes_is_compared_by_reading_its_files(tagged: TaggedProject) -> None:
    tagged.sandbox.control("PATCH", "google/repositories/dev", {"shows_hashes": False})
    assert tagged.publish().exit_status == 0
    assert tagged.publish().changes == ()
    tagged.build("other bytes")
    tagged.sandbox.repository.releases.clear()
    result = tagged.publish()
    assert result.exit_status == 1
    assert "holds other bytes under the same name" in result.annotation.message


def test_a_repository_with_many_releases_costs_no_more_requests(tagged: TaggedProject) -> None:
    few = releases_read(tagged)
    for number in range(5):
        body = {"tag_name": f"v0.0.{number}-dev", "target_commitish": "dev", "prerelease": True}
        token = tagged.sandbox.user_token
        assert tagged.sandbox.request("POST", "releases", token=token, json=body).ok
    assert releases_read(tagged) == few == 2  # the tag's own, and the list


def releases_read(project: TaggedProject) -> int:
    """How many requests for releases a dry run sends."""
    calls = project.publish({"dry-run": "true"}).calls
    return sum(call.startswith("GET releases") for call in calls)


def test_a_version_with_an_epoch_is_released_once(
    tag_project: Callable[..., TaggedProject],
) -> None:
    """GitHub calls the assets otherwise than the files; a rerun knows them all the same."""
    project = tag_project("1!2.0")

    first = project.publish()
    again = project.publish()

    assert (first.exit_status, again.exit_status) == (0, 0), again.log
    names = {asset.name for asset in project.release().assets}
    assert {"eigenoid_sample-1.2.0.tar.gz", "eigenoid_sample-1.2.0-py3-none-any.whl"} < names
    assert again.changes == ()
    assert set(project.indexed()) == set(project.built())
