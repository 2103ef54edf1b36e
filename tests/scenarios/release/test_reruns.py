"""Running the phase `publish` again: finished, interrupted, and after somebody's hand."""

import signal
import time
from typing import Any

from dist_actions.distributions.manifest import MANIFEST_NAME
from support.projects.releases import TaggedProject
from support.sandbox.fixtures import commit_file, git

MINTING = ("POST app/installations/ID/access_tokens", "DELETE installation/token")
UPLOAD = r"^/artifact-registry/[^/]+/[^/]+/[^/]+/$"
ASSET = r"^/api/uploads/.*/assets$"
RELEASES = r"/releases$"


def finished(project: TaggedProject) -> None:
    """Assert the state that a run without any fault reaches."""
    release = project.release()
    assert not release.draft
    built = {path.name for path in project.dist.iterdir()}
    assert {(asset.name, asset.state) for asset in release.assets} == {
        (name, "uploaded") for name in built
    }
    assert project.indexed() == project.built()


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


def test_another_account_s_draft_beside_the_release_stays(tagged: TaggedProject) -> None:
    draft = make_draft(tagged, body="By hand.")
    result = tagged.publish()
    assert result.exit_status == 0, result.log
    assert [annotation.level for annotation in result.annotations] == ["warning"]
    assert draft["id"] in {release.release_id for release in tagged.releases() if release.draft}


def make_draft(project: TaggedProject, **changes: Any) -> dict[str, Any]:
    body = {"tag_name": project.tag, "draft": True, **changes}
    sandbox = project.sandbox
    answer = sandbox.request("POST", "releases", token=sandbox.user_token, json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


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


def test_a_release_that_shows_when_it_is_to_be_published_again_is_taken(
    tagged: TaggedProject,
) -> None:
    """The draft beside it has files by then, so it is named and not removed."""
    tagged.publish()
    missing = {"status": 404, "body": '{"message": "Not Found"}'}
    fault(tagged, method="GET", path="/releases/tags/", times=2, **missing)
    fault(tagged, method="GET", path=RELEASES, times=2, status=200, body="[]")
    again = tagged.publish()
    assert again.exit_status == 0, again.log
    (draft,) = [release for release in tagged.releases() if release.draft]
    assert f"there is a draft (release {draft.release_id})" in again.annotation.message
    assert again.outputs["release-url"].endswith("/releases/tag/v0.1.0-dev")
