"""Running the phase `publish` again: finished, interrupted, raced, and after somebody's hand."""

import hashlib
import os
import signal
import time
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest

from dist_actions.distributions.manifest import MANIFEST_NAME
from support.projects.releases import TaggedProject
from support.sandbox.fixtures import commit_file, git
from support.sandbox.releases import bot_token
from support.stages.running import StageResult

MINTING = ("POST app/installations/ID/access_tokens", "DELETE installation/token")
UPLOAD = r"^/artifact-registry/[^/]+/[^/]+/[^/]+/$"
ASSET = r"^/api/uploads/.*/assets$"
RELEASES = r"/releases$"
RELEASE = r"/releases/\d+$"


def finished(project: TaggedProject) -> None:
    """Assert the state that a run without any fault reaches."""
    release = project.release()
    assert not release.draft
    built = {path.name for path in project.dist.iterdir()}
    assert {(asset.name, asset.state) for asset in release.assets} == {
        (name, "uploaded") for name in built
    }
    assert project.indexed() == project.built()


def uploads(results: list[StageResult]) -> int:
    """How many files the index accepted, over several runs."""
    calls = [(request.path, request.status) for one in results for request in one.requests]
    return sum(status == 200 and path.endswith("/eigenoid-python/") for path, status in calls)


def fault(project: TaggedProject, **described: Any) -> None:
    project.sandbox.control("POST", "faults", described)


def test_a_rerun_of_a_finished_release_changes_nothing_and_mints_no_app_token(
    tagged: TaggedProject,
) -> None:
    tagged.publish()
    again = tagged.publish()
    assert (again.exit_status, again.changes) == (0, ())
    assert not set(MINTING) & set(again.calls)
    asked = [call.split("/")[0] for call in again.calls if "/oidc/.well-known" not in call]
    assert asked.count("GET releases") == 1
    # What the run publishes (tag with settings, branch, the job's environment), then the release,
    # three steps to a Google token, the index.
    assert len(asked) == 8
    assert again.outputs["release-url"].endswith("/releases/tag/v0.1.0-dev")
    finished(tagged)


def test_a_rerun_needs_no_app(tagged: TaggedProject) -> None:
    """The credentials are asked for before anything is known, so they must still be given."""
    tagged.publish()
    again = tagged.publish({"client-id": "Iv1.ffffffffffffffff"})
    assert again.exit_status == 0, again.log


def test_a_rebuilt_release_stops_with_both_digests(tagged: TaggedProject) -> None:
    """`Re-run all jobs` builds again; `Re-run failed jobs` keeps the files, and finishes."""
    tagged.publish()
    tagged.build("the same commit, built to other bytes")
    again = tagged.publish()
    assert (again.exit_status, again.changes) == (1, ()), again.log
    assert not set(MINTING) & set(again.calls)
    message = again.annotation.message
    digests = {asset.sha256 for asset in tagged.release().assets if asset.name != MANIFEST_NAME}
    digests |= {hashlib.sha256(data).hexdigest() for data in tagged.built().values()}
    assert len(digests) == 4
    assert [digest for digest in digests if str(digest) not in message] == []
    assert "`Re-run failed jobs`" in message
    tagged.build()
    assert tagged.publish().exit_status == 0
    finished(tagged)


def test_a_release_with_the_same_files_keeps_its_manifest(tagged: TaggedProject) -> None:
    """The same bytes were built by another Python."""
    tagged.publish()
    first = (tagged.dist / MANIFEST_NAME).read_bytes()
    tagged.write_manifest(python="3.14.2")
    again = tagged.publish()
    assert (again.exit_status, again.changes) == (0, ()), again.log
    assert "holds these files; going on with its manifest" in again.annotation.message
    assert (tagged.dist / MANIFEST_NAME).read_bytes() == first
    finished(tagged)


def test_a_draft_keeps_the_first_bytes_too(tagged: TaggedProject) -> None:
    fault(tagged, method="POST", path=UPLOAD, status=403)
    assert tagged.publish().exit_status == 1
    first = tagged.built()
    tagged.build("the same commit, built to other bytes")
    again = tagged.publish()
    assert again.exit_status == 0, again.log
    assert tagged.built() == first
    finished(tagged)


KILLED_AT = {
    "minting": ("POST", r"/access_tokens$", 0),
    "draft": ("POST", RELEASES, 0),
    "first asset": ("POST", ASSET, 0),
    "last asset": ("POST", ASSET, 2),
    "token exchange": ("POST", "^/sts/", 0),
    "first file": ("POST", UPLOAD, 0),
    "second file": ("POST", UPLOAD, 1),
    "reading back": ("GET", "/simple/", 1),
    "publication": ("PATCH", RELEASE, 0),
    "revocation": ("DELETE", "/installation/token$", 0),
}


@pytest.mark.parametrize("point", list(KILLED_AT))
def test_a_run_that_is_killed_is_finished_by_one_rerun(tagged: TaggedProject, point: str) -> None:
    """The request reaches its service, whose answer nobody is there to read."""
    method, path, skip = KILLED_AT[point]
    fault(tagged, method=method, path=path, skip=skip, delay_seconds=0.5)
    stage = tagged.run_stage.start("release", tagged.inputs(), **tagged.options())
    deadline = time.monotonic() + 60
    while tagged.sandbox.control("GET", "faults") and time.monotonic() < deadline:
        time.sleep(0.02)
    os.kill(stage.process.pid, signal.SIGKILL)
    killed = stage.finish(expect_revoked=False)
    assert killed.exit_status == -signal.SIGKILL
    time.sleep(0.8)  # the request that was under way is served
    begun = [request.changed for request in stage.runner.requests(stage.first_request)]
    again = tagged.publish(expect_revoked=False)
    assert again.exit_status == 0, again.log
    finished(tagged)
    every = stage.runner.requests(stage.first_request)
    accepted = [one for one in every if one.changed and one.path.endswith("/eigenoid-python/")]
    assert len(accepted) == 2, begun


def test_a_cancelled_run_revokes_its_token_and_is_finished_by_a_rerun(
    tagged: TaggedProject,
) -> None:
    fault(tagged, method="POST", path=ASSET, skip=1, delay_seconds=1.0)
    stage = tagged.run_stage.start("release", tagged.inputs(), **tagged.options())
    while tagged.sandbox.control("GET", "faults"):
        time.sleep(0.02)
    stage.process.send_signal(signal.SIGTERM)
    result = stage.finish()
    assert result.exit_status == 143
    message = result.annotation.message
    assert "release was cancelled. Until then it had done: " in message
    assert "done: create the release of v0.1.0-dev; upload the asset " in message
    assert "\nWhy: " in message
    assert "\nFix: run the job again" in message
    assert "release was cancelled" in result.summary
    time.sleep(1.2)
    assert tagged.publish().exit_status == 0
    finished(tagged)


RESET: dict[str, Any] = {"connection": "reset"}
BAD_GATEWAY: dict[str, Any] = {"status": 502}
LOST = {
    "draft made, reset": {"method": "POST", "path": RELEASES, "applied": True, **RESET},
    "draft made, 502": {"method": "POST", "path": RELEASES, "applied": True, **BAD_GATEWAY},
    "draft not made, 502": {"method": "POST", "path": RELEASES, **BAD_GATEWAY},
    "asset taken, reset": {"method": "POST", "path": ASSET, "applied": True, **RESET},
    "asset not taken, 502": {"method": "POST", "path": ASSET, **BAD_GATEWAY},
    "file taken, reset": {"method": "POST", "path": UPLOAD, "applied": True, **RESET},
    "file taken, 502": {"method": "POST", "path": UPLOAD, "applied": True, **BAD_GATEWAY},
    "file not taken, reset": {"method": "POST", "path": UPLOAD, **RESET},
    "release published, reset": {"method": "PATCH", "path": RELEASE, "applied": True, **RESET},
    "release not published, 502": {"method": "PATCH", "path": RELEASE, **BAD_GATEWAY},
}


@pytest.mark.parametrize("point", list(LOST))
def test_a_lost_answer_is_settled_within_the_run(tagged: TaggedProject, point: str) -> None:
    fault(tagged, **LOST[point])
    result = tagged.publish()
    assert result.exit_status == 0, result.log
    assert tagged.sandbox.control("GET", "faults") == []
    finished(tagged)


def test_a_publication_answered_with_502_is_not_repeated_on_an_immutable_release(
    tagged: TaggedProject,
) -> None:
    tagged.sandbox.control("POST", "repository", {"immutable_releases": True})
    fault(tagged, method="PATCH", path=RELEASE, applied=True, status=502)
    result = tagged.publish()
    assert result.exit_status == 0, result.log
    assert [call for call in result.calls if call.startswith("PATCH")] == [
        f"PATCH releases/{tagged.release().release_id}"
    ]


def test_an_unfinished_asset_of_ours_is_replaced(tagged: TaggedProject) -> None:
    fault(tagged, method="POST", path=UPLOAD, status=403)
    tagged.publish()
    asset = tagged.release().assets[0]
    asset.state, asset.sha256 = "starter", None
    result = tagged.publish()
    assert result.exit_status == 0, result.log
    assert f"DELETE releases/assets/{asset.asset_id}" in result.changes
    finished(tagged)


def test_an_asset_without_a_digest_is_read_and_compared(tagged: TaggedProject) -> None:
    fault(tagged, method="POST", path=UPLOAD, status=403)
    tagged.publish()
    for asset in tagged.release().assets:
        asset.sha256 = None
    result = tagged.publish()
    assert result.exit_status == 0, result.log
    assert [call for call in result.calls if call.startswith("GET releases/assets/")]
    assert not tagged.release().draft


def test_a_draft_with_other_bytes_is_left_as_it_is(tagged: TaggedProject) -> None:
    fault(tagged, method="POST", path=UPLOAD, status=403)
    tagged.publish()
    left = tagged.release()
    wheel = next(one for one in left.assets if one.name.endswith(".whl"))
    wheel.sha256 = "0" * 64
    result = tagged.publish()
    assert result.exit_status == 0, result.log
    assert f"(release {left.release_id}) holds other files" in result.annotation.message
    assert left.draft
    assert wheel.sha256 == "0" * 64
    assert tagged.indexed() == tagged.built()


def test_of_two_drafts_the_one_with_the_first_build_is_taken(tagged: TaggedProject) -> None:
    fault(tagged, method="POST", path=UPLOAD, status=403)
    tagged.publish()
    (complete,) = tagged.releases()
    empty = make_draft(tagged, by_bot=True)
    complete.release_id, empty["id"] = complete.release_id + 10_000, complete.release_id
    result = tagged.publish()
    assert result.exit_status == 0, result.log
    assert [one.release_id for one in tagged.releases() if not one.draft] == [complete.release_id]


def test_two_empty_drafts_lead_every_run_to_the_same_one(tagged: TaggedProject) -> None:
    first, _ = make_draft(tagged, by_bot=True), make_draft(tagged, by_bot=True)
    assert tagged.publish().exit_status == 0
    assert tagged.release().release_id == first["id"], "the other one is removed"
    assert tagged.publish().changes == ()


def test_a_draft_that_a_lost_answer_left_is_removed(tagged: TaggedProject) -> None:
    """GitHub made it, and its list was behind."""
    fault(tagged, method="POST", path=RELEASES, applied=True, **RESET)
    fault(tagged, method="GET", path=RELEASES, skip=1, times=2, status=200, body="[]")
    result = tagged.publish()
    assert result.exit_status == 0, result.log
    assert "Removed an empty draft" in result.log
    finished(tagged)


def test_another_account_s_draft_beside_the_release_stays(tagged: TaggedProject) -> None:
    draft = make_draft(tagged, body="By hand.")
    result = tagged.publish()
    assert result.exit_status == 0, result.log
    assert [annotation.level for annotation in result.annotations] == ["warning"]
    assert draft["id"] in {release.release_id for release in tagged.releases() if release.draft}


def test_a_release_that_its_tag_does_not_show_yet_is_known_by_the_list(
    tagged: TaggedProject,
) -> None:
    tagged.publish()
    fault(
        tagged, method="GET", path=r"/releases/tags/", status=404, body='{"message": "Not Found"}'
    )
    again = tagged.publish()
    assert again.exit_status == 0, again.log
    assert [call for call in again.changes if "releases" in call] == []
    finished(tagged)


def make_draft(project: TaggedProject, *, by_bot: bool = False, **changes: Any) -> dict[str, Any]:
    body = {"tag_name": project.tag, "draft": True, **changes}
    sandbox = project.sandbox
    with bot_token(sandbox) if by_bot else nullcontext(sandbox.user_token) as token:
        answer = sandbox.request("POST", "releases", token=token, json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def test_a_release_made_by_hand_gets_its_files(tagged: TaggedProject) -> None:
    make_draft(tagged, draft=False, prerelease=True, body="By hand.")
    result = tagged.publish()
    assert result.exit_status == 0, result.log
    finished(tagged)
    assert tagged.release().body == "By hand."
    assert tagged.publish().changes == ()


def test_an_immutable_release_made_by_hand_is_explained(tagged: TaggedProject) -> None:
    tagged.sandbox.control("POST", "repository", {"immutable_releases": True})
    make_draft(tagged, draft=False, prerelease=True)
    result = tagged.publish()
    assert result.exit_status == 1
    assert "out without the files of this version, and immutable" in result.annotation.message
    assert result.changes == ()
    assert tagged.indexed() == {}


MOVED_AT = {
    "before the draft": ("GET", r"/releases$"),
    "before the first file": ("POST", RELEASES),
    "before publication": ("POST", UPLOAD),
}


@pytest.mark.parametrize("point", list(MOVED_AT))
def test_a_moved_tag_stops_what_follows(tagged: TaggedProject, checkout: Any, point: str) -> None:
    other = commit_file(checkout, "later.txt", "later")
    git("push", "-q", "origin", "dev", cwd=checkout)
    method, path = MOVED_AT[point]
    fault(tagged, method=method, path=path, delay_seconds=0.5)
    stage = tagged.run_stage.start("release", tagged.inputs(), **tagged.options())
    while tagged.sandbox.control("GET", "faults"):
        time.sleep(0.02)
    tagged.move_tag(other)
    result = stage.finish()
    assert result.exit_status == 1, result.log
    message = result.annotation.message
    assert f"The tag v0.1.0-dev is now on {other[:7]}, but {tagged.commit_sha[:7]} was built" in (
        message
    )
    assert all(release.draft for release in tagged.releases())
    assert (tagged.indexed() == {}) is (point != "before publication")
    assert (tagged.releases() == []) is (point == "before the draft")


def test_a_deleted_tag_stops_the_run(tagged: TaggedProject) -> None:
    tagged.sandbox.repository.git.delete_ref("refs/tags/v0.1.0-dev")
    result = tagged.publish()
    assert (result.exit_status, result.changes) == (1, ())
    assert "The tag v0.1.0-dev is gone" in result.annotation.message


def test_two_runs_at_once_end_in_one_release(tag_project: Callable[..., TaggedProject]) -> None:
    project = tag_project()
    stages = [
        project.run_stage.start("release", project.inputs(), **project.options()) for _ in range(2)
    ]
    results = [stage.finish(expect_revoked=False) for stage in stages]
    assert uploads(results[:1]) == 2  # both see the same log
    again = project.publish()
    assert again.exit_status == 0, [one.log for one in results]
    assert MANIFEST_NAME in {path.name for path in project.dist.iterdir()}
    assert project.indexed() == project.built()
    assert [one.draft for one in project.releases()].count(False) == 1


def test_a_draft_of_an_interrupted_build_does_not_stop_another_build(
    tagged: TaggedProject,
) -> None:
    """A backend whose sdists differ from build to build, killed before its manifest was up."""
    fault(tagged, method="POST", path=ASSET, skip=2, status=403)
    assert tagged.publish().exit_status == 1
    (left,) = tagged.releases()
    assert {asset.name for asset in left.assets} == set(tagged.built())
    tagged.build("the same commit, built to other bytes")
    again = tagged.publish()
    assert again.exit_status == 0, again.log
    assert f"(release {left.release_id})" in again.annotation.message
    assert again.annotation.level == "warning"
    (published,) = [one for one in tagged.releases() if not one.draft]
    assert len(published.assets) == 3
    assert tagged.indexed() == tagged.built()
    assert left.draft, "nothing that was uploaded is deleted"
    assert tagged.publish().changes == ()


def test_a_tag_that_moved_after_its_release_releases_nothing_else(
    tagged: TaggedProject, checkout: Any
) -> None:
    assert tagged.publish().exit_status == 0
    before = tagged.indexed()
    other = commit_file(checkout, "later.txt", "later")
    git("push", "-q", "origin", "dev", cwd=checkout)
    tagged.move_tag(other)
    first, tagged.commit_sha = tagged.commit_sha, other
    tagged.build("another commit")
    result = tagged.publish()
    assert (result.exit_status, result.changes) == (1, ())
    assert f"was built from {first[:7]}, this run from {other[:7]}" in result.annotation.message
    assert tagged.indexed() == before
