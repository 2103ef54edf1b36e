"""Releases and drafts of the tag that somebody else made: nothing of them is taken over."""

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from dist_actions.distributions.manifest import MANIFEST_NAME
from support.distributions.builders import make_manifest, write_manifest, write_release
from support.projects.releases import TaggedProject
from support.publishing.forging import assert_stopped
from support.publishing.job import UPLOAD
from support.sandbox.fixtures import Sandbox
from support.sandbox.releases import (
    attach_files,
    bot_token,
    draft_release,
    publish_release,
)


@pytest.fixture
def hostile(tagged: TaggedProject, tmp_path: Path) -> Path:
    """Files of other bytes under the same names, and a manifest that agrees with the run."""
    folder = tmp_path / "hostile"
    write_release(folder, content="hostile")
    write_manifest(folder, make_manifest(folder, **tagged.describe()))
    return folder


def digests(folder: Path) -> set[str]:
    paths = (path for path in folder.iterdir() if path.name != MANIFEST_NAME)
    return {hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def test_a_release_with_other_bytes_stops_the_run_with_both_digests(
    tagged: TaggedProject, hostile: Path
) -> None:
    theirs = digests(hostile)
    publish_release(tagged.sandbox, tagged.tag, hostile)
    result = tagged.publish()
    assert_stopped(result, *theirs, *digests(tagged.dist), "is out with other files")
    assert tagged.indexed() == {}


def test_productions_release_that_a_dev_run_made_is_not_adopted(
    tag_project: Callable[..., TaggedProject], tmp_path: Path
) -> None:
    """The releaser bot itself made it: that proves nothing of a release that is out."""
    production = tag_project("1.0.1", "prd")
    folder = tmp_path / "hostile"
    write_release(folder, "1.0.1", content="hostile")
    write_manifest(folder, make_manifest(folder, **production.describe()))
    sandbox, theirs = production.sandbox, digests(folder)
    with bot_token(sandbox) as token:
        publish_release(sandbox, production.tag, folder, token=token)
    assert production.release().author.login == "releaser-bot[bot]"
    result = production.publish()
    assert_stopped(result, *theirs, *digests(production.dist))
    assert production.indexed() == {}


def test_a_release_whose_manifest_is_not_of_the_run_is_not_adopted(
    tagged: TaggedProject, tmp_path: Path
) -> None:
    """It holds our bytes, and a manifest that says more of them than is true."""
    folder = tmp_path / "same"
    write_release(folder)
    manifest = make_manifest(folder, **{**tagged.describe(), "production": True})
    write_manifest(folder, manifest)
    publish_release(tagged.sandbox, tagged.tag, folder)
    where = "dist-manifest.json of the release v0.1.0-dev is not of this run"
    assert_stopped(tagged.publish(), where, "production is true, not false")


def test_somebody_elses_draft_is_left_and_ours_comes_out(
    tagged: TaggedProject, hostile: Path
) -> None:
    draft_release(tagged.sandbox, tagged.tag, hostile)
    (left,) = tagged.releases()
    result = tagged.publish()
    assert result.exit_status == 0, result.log
    assert result.annotation.level == "warning"
    assert f"(release {left.release_id}) holds other files than this run" in result.log
    assert left.draft
    assert tagged.indexed() == tagged.built()
    (published,) = [one for one in tagged.releases() if not one.draft]
    assert {asset.sha256 for asset in published.assets} >= digests(tagged.dist)


def test_a_draft_of_our_bot_with_an_asset_of_somebody_else_is_left(
    tagged: TaggedProject, hostile: Path, sandbox: Sandbox
) -> None:
    """Whoever may write can exchange the files of the bot's draft, manifest included."""
    sandbox.control("POST", "faults", {"method": "POST", "path": UPLOAD, "status": 403})
    assert tagged.publish().exit_status == 1
    draft = tagged.release()
    draft.assets.clear()
    attach_files(sandbox, draft.release_id, hostile)
    result = tagged.publish()
    assert result.exit_status == 0, result.log
    assert f"(release {draft.release_id}) holds other files than this run" in result.log
    assert draft.draft
    assert tagged.indexed() == tagged.built()


def test_a_draft_with_a_file_more_is_left(tagged: TaggedProject, tmp_path: Path) -> None:
    """Published with ours, it would be taken for ours."""
    folder = tmp_path / "more"
    write_release(folder, "9.9.9", content="hostile")
    draft_release(tagged.sandbox, tagged.tag, folder)
    (left,) = tagged.releases()
    result = tagged.publish()
    assert result.exit_status == 0, result.log
    assert left.draft
    (published,) = [one for one in tagged.releases() if not one.draft]
    assert len(published.assets) == 3


@pytest.mark.parametrize("holds", ["nothing", "our files"])
def test_somebody_elses_draft_with_nothing_wrong_in_it_is_left(
    tagged: TaggedProject, tmp_path: Path, holds: str
) -> None:
    """Continued, the release would come out under an author who may be anybody."""
    folder = tmp_path / "theirs"
    folder.mkdir()
    if holds == "our files":
        shutil.copytree(tagged.dist, folder, dirs_exist_ok=True)
    draft_release(tagged.sandbox, tagged.tag, folder)
    (left,) = tagged.releases()
    assets = list(left.assets)
    result = tagged.publish()
    assert result.exit_status == 0, result.log
    assert f"(release {left.release_id}) is not all of this run's own account" in result.log
    assert left.draft
    assert left.assets == assets
    (published,) = [one for one in tagged.releases() if not one.draft]
    assert published.author.login == "releaser-bot[bot]"
    assert {asset.uploader.login for asset in published.assets} == {"releaser-bot[bot]"}
    assert tagged.indexed() == tagged.built()


def test_a_draft_of_our_bot_with_a_file_that_somebody_else_uploaded_is_left(
    tagged: TaggedProject, tmp_path: Path
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    with bot_token(tagged.sandbox) as token:
        draft_release(tagged.sandbox, tagged.tag, empty, token=token)
    (left,) = tagged.releases()
    attach_files(tagged.sandbox, left.release_id, tagged.dist)
    result = tagged.publish()
    assert result.exit_status == 0, result.log
    assert f"(release {left.release_id}) is not all of this run's own account" in result.log
    assert left.draft


def test_the_own_account_is_asked_for_only_beside_a_draft_of_the_tag(
    tagged: TaggedProject, tmp_path: Path
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    draft_release(tagged.sandbox, "v9.9.9-dev", empty)
    without = tagged.publish({"dry-run": "true"})
    draft_release(tagged.sandbox, tagged.tag, empty)
    beside = tagged.publish({"dry-run": "true"})
    assert (without.exit_status, beside.exit_status) == (0, 0), without.log + beside.log
    queries = [one.calls.count("POST /api/graphql") for one in (without, beside)]
    assert queries[1] == queries[0] + 1


@pytest.mark.parametrize("name", ["evil_lib-0.1.0-py3-none-any.whl", "Evil.TAR.GZ", "evil.zip"])
def test_a_release_by_hand_with_a_distribution_that_is_not_ours_stops_the_run(
    tagged: TaggedProject, tmp_path: Path, name: str
) -> None:
    """It has no manifest, so nothing in it says other than the run does."""
    folder = tmp_path / "theirs"
    folder.mkdir()
    (folder / name).write_bytes(b"hostile")
    publish_release(tagged.sandbox, tagged.tag, folder)
    result = tagged.publish()
    assert_stopped(result, f"is out with files that are not of this run: {name}")
    assert tagged.indexed() == {}


def test_a_distribution_beside_our_files_in_a_release_stops_a_rerun(
    tagged: TaggedProject, tmp_path: Path
) -> None:
    assert tagged.publish().exit_status == 0
    folder = tmp_path / "theirs"
    write_release(folder, "9.9.9", content="hostile")
    attach_files(tagged.sandbox, tagged.release().release_id, folder)
    assert_stopped(tagged.publish(), "is out with files that are not of this run", "9.9.9")


@pytest.mark.parametrize("ending", [".tar.xz", ".tar.bz2", ".tgz", ".TAR", ".egg"])
def test_an_archive_that_installers_take_beside_our_files_stops_a_rerun(
    tagged: TaggedProject, tmp_path: Path, ending: str
) -> None:
    assert tagged.publish().exit_status == 0
    folder = tmp_path / "theirs"
    folder.mkdir()
    (folder / f"eigenoid_sample-9.9{ending}").write_bytes(b"hostile")
    attach_files(tagged.sandbox, tagged.release().release_id, folder)
    assert_stopped(tagged.publish(), "is out with files that are not of this run", "9.9")


def test_a_text_beside_our_files_in_a_release_stops_nothing(
    tagged: TaggedProject, tmp_path: Path
) -> None:
    folder = tmp_path / "theirs"
    folder.mkdir()
    (folder / "checksums.txt").write_text("of somebody")
    publish_release(tagged.sandbox, tagged.tag, folder)
    result = tagged.publish()
    assert result.exit_status == 0, result.log
    assert tagged.indexed() == tagged.built()
