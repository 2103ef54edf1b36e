"""A version travels: what dev released is carried to qa and production, byte for byte."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dist_actions.distributions.manifest import MANIFEST_NAME
from support.distributions.builders import write_release
from support.projects.carried import CarriedProject, assert_refused
from support.projects.releases import (
    commit_version,
)
from support.sandbox.fixtures import Sandbox, commit_file, git
from support.stages.misbehaving import KINDS, require_bounded_runs
from support.stages.running import StageRunner


@pytest.fixture
def travel(
    sandbox: Sandbox, run_stage: StageRunner, checkout: Path, tmp_path: Path
) -> CarriedProject:
    """Version 0.1.0, released in dev, and its tag of qa on the same commit."""
    made = CarriedProject(sandbox, run_stage, checkout, tmp_path)
    commit_file(checkout, ".gitignore", "dist/\n")
    commit_version(checkout, "0.1.0")
    made.tag("dev")
    made.release_by_hand("dev")
    made.tag("qa")
    return made


def test_the_same_bytes_go_from_dev_to_production(travel: CarriedProject) -> None:
    planned = travel.phase("plan", "qa")
    assert planned.exit_status == 0, planned.log
    assert (planned.outputs["source"], planned.outputs["carried-from"]) == ("carry", "v0.1.0-dev")
    assert "carried from `v0.1.0-dev`: dev released this tree as 0.1.0" in planned.summary
    # As many as docs/publishing.md says: the three of every plan, and three.
    assert planned.calls[:5] == (
        "GET git/matching-refs/tags/v0.1.0-",
        "GET git/tags/SHA",
        "GET compare/refs/heads/qa...SHA",
        "GET commits/tags/v0.1.0-dev",
        "GET releases/tags/v0.1.0-dev",
    )
    manifest, storage = planned.calls[5:]
    assert manifest.startswith("GET releases/assets/")
    assert storage.startswith("GET /api/release-assets/")
    digest = planned.outputs["carried-manifest-sha256"]

    built = travel.phase("build", "qa", carried_manifest_sha256=digest)
    assert (built.exit_status, built.changes) == (0, ()), built.log
    assert "Building" not in built.log
    assert "Carried from `v0.1.0-dev`, byte for byte" in built.summary
    first = travel.manifest
    head = git("rev-parse", "HEAD", cwd=travel.checkout).stdout.strip()
    tree = git("rev-parse", "HEAD^{tree}", cwd=travel.checkout).stdout.strip()
    assert first["carried-from"] == {
        "environment": "dev",
        "tag": "v0.1.0-dev",
        "commit": head,
        "tree": tree,
        "manifest-sha256": digest,
    }
    assert first["built"] == {"environment": "dev", "tag": "v0.1.0-dev", "commit": head}
    assert (first["tag"], first["environment"], first["suffix"]) == ("v0.1.0-qa", "qa", "-qa")
    assert {one["name"]: one["sha256"] for one in first["files"]} == travel.assets("v0.1.0-dev")

    published = travel.publish("qa", built.outputs["manifest-sha256"])
    assert published.exit_status == 0, published.log
    assert "Carried from `v0.1.0-dev`" in published.summary
    assert "Compared with the release `v0.1.0-dev` and its manifest" in published.summary
    assert travel.assets("v0.1.0-qa") == travel.assets("v0.1.0-dev")
    (release,) = [one for one in travel.sandbox.repository.releases if one.tag_name == "v0.1.0-qa"]
    assert "Carried from `v0.1.0-dev`, byte for byte" in (release.body or "")

    # On to production: another commit with the same tree, as a merge makes it.
    git("commit", "-q", "--allow-empty", "-m", "Merge", cwd=travel.checkout)
    travel.tag("prd")
    travel.empty()
    travel.let_read("prd", "qa")
    index = travel.index_url("qa")
    out = travel.publish("prd", "", phase="all", artifacts="carry", previous_index=index)
    assert out.exit_status == 0, out.log
    second = travel.manifest
    assert second["carried-from"]["tag"] == "v0.1.0-qa"
    assert second["built"] == first["built"]
    assert second["source-date-epoch"] == first["source-date-epoch"]
    assert f"The index `{index}` holds the same files." in out.summary
    assert travel.assets("v0.1.0") == travel.assets("v0.1.0-dev")
    digest = out.outputs["manifest-sha256"]
    again = travel.publish("prd", digest, previous_index=index)
    assert (again.exit_status, again.changes) == (0, ()), again.log


@pytest.mark.parametrize("kind", KINDS)
def test_every_request_for_carried_files_may_meet_a_misbehaving_server(
    travel: CarriedProject, kind: str
) -> None:
    digest = travel.phase("plan", "qa").outputs["carried-manifest-sha256"]
    inputs = {"carried_manifest_sha256": digest, "max_wait": "0s"}
    travel.phase("build", "qa", **inputs)
    travel.empty()
    require_bounded_runs(
        travel.sandbox,
        kind,
        lambda environ: travel.phase("build", "qa", environ, **inputs),
        travel.empty,
    )


OTHER_BYTES = "other bytes than GitHub lists"
PROXY_PAGE = "<html><body>Sign in to the network.</body></html>"
LIMIT = json.dumps({"message": "You have exceeded a secondary rate limit. Please wait."})


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 403, "headers": {"retry-after": "1"}, "body": LIMIT},
        {"status": 429, "headers": {"retry-after": "1"}, "body": LIMIT},
        {"status": 404, "body": '{"message": "Not Found"}'},
        {"status": 503},
        {"status": 200, "headers": {"content-type": "text/html"}, "body": PROXY_PAGE},
        {"path": "/api/release-assets/", "connection": "half"},
    ],
    ids=["403, a limit", "429", "404 once", "503", "a proxy's page", "half of it"],
)
def test_a_download_that_is_limited_or_fails_once_is_made_again(
    travel: CarriedProject, fault: dict[str, Any]
) -> None:
    travel.sandbox.control("POST", "faults", {"path": r"/releases/assets/\d+$", **fault})
    result = travel.phase("plan", "qa")
    assert result.exit_status == 0, result.log
    assert result.outputs["carried-manifest-sha256"]


def test_other_bytes_than_github_lists_are_the_fault_of_what_answers(
    travel: CarriedProject,
) -> None:
    fault = {"path": r"/releases/assets/\d+$", "status": 200, "body": PROXY_PAGE, "times": 99}
    travel.sandbox.control("POST", "faults", fault)
    result = travel.phase("plan", "qa", max_wait="0s")
    assert_refused(result, f"{OTHER_BYTES} for {MANIFEST_NAME}", "a proxy", status=3)
    assert result.outputs == {}


def test_a_download_that_stays_limited_is_told_as_a_limit(travel: CarriedProject) -> None:
    """Without a header, a minute is waited for."""
    fault = {"path": r"/releases/assets/\d+$", "status": 403, "body": LIMIT}
    travel.sandbox.control("POST", "faults", fault)
    result = travel.phase("plan", "qa", max_wait="30s")
    assert result.exit_status == 3
    assert "HTTP 403, a rate limit" in result.annotation.message


def test_what_the_previous_index_does_not_hold_is_refused(travel: CarriedProject) -> None:
    digest = travel.phase("build", "qa").outputs["manifest-sha256"]
    index = travel.index_url("dev").removesuffix("/")
    denied = travel.publish("qa", digest, previous_index=index)
    assert denied.exit_status == 1, denied.log
    assert "cannot be read: HTTP 403" in denied.annotation.message
    travel.let_read("qa", "dev")
    repository = travel.repository("dev")
    (wheel,) = [path for path in repository.files() if path.suffix == ".whl"]
    kept = wheel.read_bytes()
    wheel.unlink()
    gone = travel.publish("qa", digest, previous_index=index)
    assert gone.exit_status == 1
    assert "does not hold what is carried from v0.1.0-dev" in gone.annotation.message
    assert f"{wheel.name} is not there" in gone.annotation.message
    wheel.write_bytes(kept + b"more")
    other = travel.publish("qa", digest, previous_index=index)
    assert other.exit_status == 1
    assert f"{wheel.name} has sha256" in other.annotation.message
    assert list(travel.repository("qa").files()) == []
    assert [one.tag_name for one in travel.sandbox.repository.releases] == ["v0.1.0-dev"]
    bad = travel.publish("qa", digest, previous_index="http://example.org/simple/")
    assert_refused(bad, "Input previous-index is", "not encrypted", status=2)
    elsewhere = travel.sandbox.world.addresses.service_variables["DIST_ACTIONS_PYPI_URL"]
    public = travel.publish("qa", digest, previous_index=f"{elsewhere}/simple")
    assert public.exit_status == 1
    assert f"{elsewhere}/simple/ does not hold" in public.annotation.message


@pytest.mark.parametrize("artifacts", ["auto", "carry", "build"])
def test_other_files_under_the_same_version_are_refused(
    travel: CarriedProject, artifacts: str
) -> None:
    git("push", "-q", "origin", ":refs/tags/v0.1.0-qa", cwd=travel.checkout)
    git("tag", "-d", "v0.1.0-qa", cwd=travel.checkout)
    before = git("rev-parse", "--short=7", "HEAD", cwd=travel.checkout).stdout.strip()
    tree = git("rev-parse", "--short=7", "HEAD^{tree}", cwd=travel.checkout).stdout.strip()
    after = commit_file(travel.checkout, "fix.txt", "on qa")
    travel.tag("qa")
    for phase in ("plan", "build"):
        result = travel.phase(phase, "qa", artifacts=artifacts)
        assert_refused(result, "0.1.0 is in dev already, with other files", before, tree, after[:7])
        assert_refused(result, "one version is one set of bytes", "raise the version")
        assert result.outputs == {}


def without_release(travel: CarriedProject) -> str:
    travel.sandbox.repository.releases.clear()
    return "v0.1.0-dev has no published GitHub release"


def as_draft(travel: CarriedProject) -> str:
    travel.sandbox.repository.releases[0].draft = True
    return "v0.1.0-dev has no published GitHub release"


def by_another_tool(travel: CarriedProject) -> str:
    release = travel.sandbox.repository.releases[0]
    release.assets[:] = [one for one in release.assets if one.name != MANIFEST_NAME]
    return "v0.1.0-dev has no dist-manifest.json in its release"


@pytest.mark.parametrize("lacking", [without_release, as_draft, by_another_tool])
def test_without_an_earlier_release_it_is_built_and_said(
    travel: CarriedProject, lacking: Callable[[CarriedProject], str]
) -> None:
    reason = lacking(travel)
    planned = travel.phase("plan", "qa")
    assert planned.exit_status == 0, planned.log
    assert (planned.outputs["source"], planned.outputs["carried-from"]) == ("build", "")
    assert planned.outputs["carried-manifest-sha256"] == ""
    assert f"built: {reason}" in planned.summary
    assert f"v0.1.0-qa is built anew, because {reason}." in planned.annotation.message
    assert_refused(
        travel.phase("plan", "qa", artifacts="carry"),
        f"Nothing can be carried to v0.1.0-qa: {reason}",
    )


@pytest.mark.parametrize("path", ["/commits/tags/", "/releases/tags/"])
def test_what_is_missing_in_one_answer_alone_is_carried(travel: CarriedProject, path: str) -> None:
    fault = {"path": path, "status": 404, "body": "{}"}
    travel.sandbox.control("POST", "faults", fault)
    planned = travel.phase("plan", "qa")
    assert travel.sandbox.control("GET", "faults") == []
    assert planned.outputs["source"] == "carry", planned.log


def test_a_version_that_starts_here_or_skips_an_environment(travel: CarriedProject) -> None:
    """Dev is the first; production takes dev's where qa never had the version."""
    result = travel.phase("plan", "dev")
    assert (result.outputs["source"], len(result.calls)) == ("build", 3)
    assert "dev is the first environment" in result.summary
    assert_refused(travel.phase("plan", "dev", artifacts="carry"), "dev is the first environment")
    git("push", "-q", "origin", ":refs/tags/v0.1.0-qa", cwd=travel.checkout)
    travel.tag("prd")
    skipped = travel.phase("plan", "prd")
    assert skipped.outputs["carried-from"] == "v0.1.0-dev"
    assert skipped.annotations == ()
    git("push", "-q", "origin", ":refs/tags/v0.1.0-dev", cwd=travel.checkout)
    unknown = travel.phase("plan", "prd")
    assert (unknown.outputs["source"], unknown.annotations) == ("build", ())
    assert "no earlier environment has 0.1.0" in unknown.summary


def replaced(travel: CarriedProject, name: str, data: bytes, *, digest: bool = True) -> None:
    """Put other bytes into an asset of dev's release."""
    release = travel.sandbox.repository.releases[0]
    (asset,) = [one for one in release.assets if one.name.endswith(name)]
    asset.path.write_bytes(data)
    if digest:
        asset.size_bytes, asset.sha256 = len(data), hashlib.sha256(data).hexdigest()


def manifest_of_dev(travel: CarriedProject) -> dict[str, Any]:
    release = travel.sandbox.repository.releases[0]
    (asset,) = [one for one in release.assets if one.name == MANIFEST_NAME]
    return dict(json.loads(asset.path.read_bytes()))


def test_a_release_that_was_changed_is_refused(travel: CarriedProject) -> None:
    planned = travel.phase("plan", "qa").outputs["carried-manifest-sha256"]
    true = manifest_of_dev(travel)
    for key, value in {
        "commit": "a" * 40,
        "tree": "b" * 40,
        "version": "0.2.0",
        "name": "another",
        "tag": "v0.1.0-qa",
    }.items():
        replaced(travel, MANIFEST_NAME, json.dumps({**true, key: value}).encode())
        assert_refused(
            travel.phase("plan", "qa"), "is of something else", f"{key} '{value}' is not"
        )
    for data in (b"{", b"[]", b"[" * 100_000, json.dumps({**true, "built": "x"}).encode()):
        replaced(travel, MANIFEST_NAME, data)
        assert_refused(travel.phase("plan", "qa"), f"{MANIFEST_NAME} cannot be read")
    replaced(travel, MANIFEST_NAME, json.dumps({**true, "notes": "other"}).encode())
    moved = travel.phase("build", "qa", carried_manifest_sha256=planned)
    assert_refused(moved, f"The plan was to carry the files of the manifest {planned}")
    replaced(travel, MANIFEST_NAME, json.dumps(true).encode(), digest=False)
    assert_refused(travel.phase("plan", "qa", max_wait="0s"), OTHER_BYTES, "a proxy", status=3)
    travel.sandbox.repository.releases.clear()
    gone = travel.phase("build", "qa", carried_manifest_sha256=planned)
    assert_refused(gone, "and nothing is carried now")
    assert not travel.dist.exists()


def test_files_that_were_changed_are_refused(travel: CarriedProject) -> None:
    (wheel,) = [path for path in travel.repository("dev").files() if path.suffix == ".whl"]
    release = travel.sandbox.repository.releases[0]
    (asset,) = [one for one in release.assets if one.name == wheel.name]
    replaced(travel, ".whl", wheel.read_bytes()[::-1], digest=False)
    assert_refused(travel.phase("build", "qa", max_wait="0s"), OTHER_BYTES, "a proxy", status=3)
    replaced(travel, ".whl", wheel.read_bytes()[::-1])
    assert_refused(
        travel.phase("build", "qa"), f"{wheel.name} of the release v0.1.0-dev has the sha"
    )
    release.assets.remove(asset)
    assert_refused(travel.phase("build", "qa"), f"The release v0.1.0-dev lacks {wheel.name}")
    true = manifest_of_dev(travel)
    evil = travel.tmp_path / "evil"
    write_release(evil, "0.2.0")
    (other,) = evil.glob("*.whl")
    files = [{"name": "../up.whl", "size": 1, "sha256": "0" * 64}]
    replaced(travel, MANIFEST_NAME, json.dumps({**true, "files": files}).encode())
    assert_refused(travel.phase("build", "qa"), "lacks ../up.whl")
    sha256 = hashlib.sha256(other.read_bytes()).hexdigest()
    files = [{"name": other.name, "size": other.stat().st_size, "sha256": sha256}]
    token = travel.sandbox.user_token
    uploads = travel.sandbox.request("GET", f"releases/{release.release_id}", token=token).json()
    url = f"{uploads['upload_url'].partition('{')[0]}?name={other.name}"
    assert travel.sandbox.request("POST", url, token=token, data=other.read_bytes()).ok
    replaced(travel, MANIFEST_NAME, json.dumps({**true, "files": files}).encode())
    assert_refused(
        travel.phase("build", "qa"), "is eigenoid-sample 0.2.0, not eigenoid-sample 0.1.0"
    )
    assert not travel.dist.exists()


def test_a_draft_with_other_files_does_not_come_out(travel: CarriedProject) -> None:
    """An interrupted run built them, before there was anything to carry."""
    (dev,) = travel.sandbox.repository.releases
    dev.draft = True
    fault = {"method": "POST", "path": r"^/artifact-registry/", "status": 403}
    travel.sandbox.control("POST", "faults", fault)
    with pytest.raises(AssertionError):
        travel.release_by_hand("qa")
    dev.draft = False
    digest = travel.phase("build", "qa").outputs["manifest-sha256"]
    result = travel.publish("qa", digest)
    assert result.exit_status == 0, result.log
    assert "holds other files than this run, and is left as it is" in result.annotation.message
    assert travel.assets("v0.1.0-qa", draft=False) == travel.assets("v0.1.0-dev")
