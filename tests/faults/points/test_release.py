"""Named points of the GitHub release: drafts, assets, and its publication."""

import hashlib
import json
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from typing import Any

import pytest

from dist_sandbox.github.releases.releases import Asset, Release
from support.faults.flows import Flow
from support.faults.modes import EVER
from support.faults.points import LOST, play, play_refusal
from support.faults.trial import observe
from support.publishing.job import UPLOAD
from support.sandbox.releases import bot_token

Flows = Callable[[str], Flow]

LIST = {"method": "GET", "path": "/releases$"}
STALE = {**LIST, "status": 200, "body": "[]"}
CREATION = {"method": "POST", "path": "/releases$"}
ASSET = ("POST", r"^/api/uploads/.*/assets$")
UPLOADED = {"method": ASSET[0], "path": ASSET[1]}
PUBLICATION = {"method": "PATCH", "path": r"/releases/\d+$"}
TAG_PAGE = {"method": "GET", "path": "/releases/tags/"}
DELETION = {"method": "DELETE", "path": r"/releases/assets/\d+$"}
MISSING = {"status": 404, "body": json.dumps({"message": "Not Found"})}
RULES = {"status": 422, "body": json.dumps({"message": "Repository rule violations found"})}
FORBIDDEN = {
    "status": 403,
    "body": json.dumps({"message": "Resource not accessible by integration"}),
}


def draft(flow: Flow, *, by_bot: bool = True, **changes: Any) -> Release:
    """Make a draft of the tag, as another run does, or somebody by hand."""
    sandbox = flow.sandbox
    body = {"tag_name": flow.project.tag, "draft": True, "prerelease": True, **changes}
    with bot_token(sandbox) if by_bot else nullcontext(sandbox.user_token) as token:
        answer = sandbox.request("POST", "releases", token=token, json=body)
    assert answer.status_code == 201, answer.text
    return flow.sandbox.repository.releases[-1]


def interrupt(flow: Flow) -> Release:
    """Run until all assets are in the draft, and the index refuses its first file."""
    flow.sandbox.control("POST", "faults", {"path": UPLOAD, "status": 403, "times": EVER})
    assert flow.run().exit_status == 1
    flow.sandbox.control("DELETE", "faults")
    return flow.project.release()


def leave_starter(flow: Flow, ending: str) -> None:
    """Let the interrupted run's upload of a file have been broken off."""
    for asset in interrupt(flow).assets:
        if asset.name.endswith(ending):
            asset.state, asset.sha256 = "starter", None


def add_asset(flow: Flow, data: bytes = b"", **changes: Any) -> None:
    """Add the wheel to the draft, as an upload of another run; other data under its name."""
    github, release = flow.sandbox.world.github, flow.project.release()
    (wheel,) = flow.project.dist.glob("*.whl")
    content = data or wheel.read_bytes()
    path = flow.project.workspace / f"asset-{github.next_id()}"
    path.write_bytes(content)
    now = github.clock.now()
    asset = Asset(
        asset_id=github.next_id(),
        name=wheel.name,
        label="",
        content_type="application/octet-stream",
        uploader=release.author,
        created_at=now,
        updated_at=now,
        path=path,
        state="uploaded",
        size_bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )
    release.assets.append(asset)
    for name, value in changes.items():
        setattr(asset, name, value)


def remove_releases(flow: Flow) -> None:
    flow.sandbox.repository.releases.clear()


def test_point_23_draft_not_listed_yet(release_flow: Flow) -> None:
    """Another run's draft shows late; and so does the one that this run has just made."""
    broken = [
        play(
            release_flow,
            [STALE],
            before=lambda: draft(release_flow),
            says=["Removed an empty draft"],
        ),
        play(release_flow, [{**STALE, "skip": 1}]),
    ]
    assert broken == [[], []]


@pytest.mark.parametrize("fault", [*LOST, {"status": 502}], ids=str)
def test_point_24_draft_made_answer_lost(release_flow: Flow, fault: Mapping[str, Any]) -> None:
    assert play(release_flow, [{**CREATION, **fault}]) == []


def test_point_24_draft_made_answer_lost_and_not_listed(release_flow: Flow) -> None:
    """Another one is made, and the first is removed when it shows."""
    lost = {**CREATION, "connection": "reset", "applied": True}
    stale = {**STALE, "skip": 1, "times": 2}
    assert play(release_flow, [lost, stale], says=["Removed an empty draft"]) == []


@pytest.mark.parametrize(
    "faults",
    [[], [{**TAG_PAGE, **MISSING}], [{**TAG_PAGE, **MISSING}, STALE]],
    ids=["shown", "not by its tag", "not in the list"],
)
def test_point_25_release_exists(release_flow: Flow, faults: list[dict[str, Any]]) -> None:
    assert (
        play(release_flow, faults, before=release_flow.run, says=["The release v0.1.0-dev is out."])
        == []
    )


def test_point_26_two_drafts(release_flow: Flow) -> None:
    """Of two empty ones the older is taken; before an empty one, the one that has the files."""

    def two_empty() -> None:
        draft(release_flow)
        draft(release_flow)

    def complete_and_empty() -> None:
        interrupt(release_flow).release_id += 10_000
        draft(release_flow)

    broken = [play(release_flow, before=two_empty), play(release_flow, before=complete_and_empty)]
    assert broken == [[], []]


def test_point_27_release_made_by_hand(release_flow: Flow) -> None:
    """It gets the files, and keeps its text."""
    texts: list[str | None] = []
    broken = play(
        release_flow,
        before=lambda: draft(release_flow, by_bot=False, draft=False, body="By hand."),
        after=lambda: texts.append(release_flow.project.release().body),
    )
    assert (broken, texts) == ([], ["By hand."])


def test_point_27_immutable_release_made_by_hand(shared_flow: Flows) -> None:
    flow = shared_flow("release immutable")
    broken = play_refusal(
        flow,
        lambda: draft(flow, by_bot=False, draft=False),
        says=["out without the files of this version, and immutable"],
    )
    assert broken == []


@pytest.mark.parametrize("skip", [0, 1, 2])
def test_point_28_asset_reset_mid_body(release_flow: Flow, skip: int) -> None:
    assert play(release_flow, [{**UPLOADED, "connection": "reset", "skip": skip}]) == []


def test_point_28_asset_reset_mid_body_leaves_its_beginning(release_flow: Flow) -> None:
    started = {"state": "starter", "sha256": None, "size_bytes": 0}
    broken = play(
        release_flow,
        [{**UPLOADED, "connection": "reset"}],
        at=ASSET,
        meanwhile=lambda: add_asset(release_flow, **started),
    )
    assert broken == []


@pytest.mark.parametrize("ending", [".whl", ".tar.gz", ".json"])
def test_point_29_starter_left_behind(release_flow: Flow, ending: str) -> None:
    assert play(release_flow, before=lambda: leave_starter(release_flow, ending)) == []


def test_point_30_asset_exists_same_digest(release_flow: Flow) -> None:
    """A rerun uploads nothing again; and an upload that another run has made counts."""
    broken = [
        play(release_flow, before=lambda: interrupt(release_flow)),
        play(release_flow, at=ASSET, meanwhile=lambda: add_asset(release_flow)),
    ]
    assert broken == [[], []]


def test_point_31_asset_exists_other_digest(release_flow: Flow) -> None:
    other = b"other bytes"
    broken = play(
        release_flow,
        at=ASSET,
        meanwhile=lambda: add_asset(release_flow, other),
        after=lambda: remove_releases(release_flow),
        exit_status=1,
        says=[hashlib.sha256(other).hexdigest(), "the release holds another build"],
    )
    assert broken == []


def test_point_31_draft_with_another_digest_stays(release_flow: Flow) -> None:
    """It is named and left as it is; the release comes out beside it."""

    def alter() -> None:
        for asset in interrupt(release_flow).assets:
            if asset.name.endswith(".whl"):
                asset.sha256 = "0" * 64

    def remove_draft() -> None:
        releases = release_flow.sandbox.repository.releases
        releases[:] = [release for release in releases if not release.draft]

    says = ["holds other files than this run, and is left as it is"]
    broken = play(release_flow, before=alter, after=remove_draft, says=says)
    assert len(broken) == 1, broken
    assert broken[0].startswith("I5: success, but releases "), "there is a draft more"


@pytest.mark.parametrize("fault", LOST, ids=str)
def test_point_32_immutable(shared_flow: Flows, fault: Mapping[str, Any]) -> None:
    """A publication whose answer is lost is read, and not sent again."""
    assert play(shared_flow("release immutable"), [{**PUBLICATION, **fault}]) == []


def test_point_32_is_not_out_yet(release_flow: Flow) -> None:
    """GitHub's own "not found" is an answer; only a token that is seconds old is doubted once."""
    release_flow.before.restore()
    release_flow.sandbox.control("POST", "faults", {**PUBLICATION, "status": 408, "times": 2})
    run = observe(release_flow, release_flow.run)
    assert (run.result.exit_status, run.standing) == (0, release_flow.goal), run.result.log
    assert run.waited_seconds < 10, run.result.log


def test_point_32_immutable_by_another_run(shared_flow: Flows) -> None:
    """It is about to publish the draft of both, which is out and immutable by then."""
    flow = shared_flow("release immutable")
    at = (PUBLICATION["method"], PUBLICATION["path"])
    assert play(flow, at=at, meanwhile=flow.run) == []


def test_point_33_renamed_by_github(shared_flow: Flows) -> None:
    """GitHub writes `1.2.0` for `1!2.0`; its asset is known again after a lost answer."""
    flow = shared_flow("release of an epoch")
    broken = [play(flow, [{**UPLOADED, **fault}]) for fault in LOST]
    assert broken == [[]] * len(LOST)
    assert {asset.name for asset in flow.project.release().assets} == {
        "eigenoid_sample-1.2.0.tar.gz",
        "eigenoid_sample-1.2.0-py3-none-any.whl",
        "dist-manifest.json",
    }


def set_digests(flow: Flow, digest: str | None = "") -> None:
    """Let GitHub say this of each asset; an empty one stands for what is true."""
    for asset in flow.project.release().assets:
        true = hashlib.sha256(asset.path.read_bytes()).hexdigest()
        asset.sha256 = true if digest == "" else digest


def test_point_34_digest_missing(release_flow: Flow) -> None:
    """The asset is read and compared."""

    def forget() -> None:
        interrupt(release_flow)
        set_digests(release_flow, None)

    broken = play(release_flow, before=forget, after=lambda: set_digests(release_flow))
    assert [text for text in broken if not text.startswith("I5: success, but releases")] == []


def test_point_34_digest_wrong(release_flow: Flow) -> None:
    broken = play(
        release_flow,
        at=("GET", r"/releases/\d+$"),
        meanwhile=lambda: set_digests(release_flow, "0" * 64),
        after=lambda: set_digests(release_flow),
        exit_status=1,
        says=["has sha256 " + "0" * 64],
    )
    assert broken == []


@pytest.mark.parametrize(
    ("fault", "exit_status"),
    [
        ({"status": 502}, 0),
        (MISSING, 0),
        ({**FORBIDDEN, "times": EVER}, 1),
        ({"status": 503, "times": EVER}, 3),
    ],
    ids=["once 502", "gone", "forbidden", "503"],
)
def test_point_35_delete_of_starter_fails(
    release_flow: Flow, fault: Mapping[str, Any], exit_status: int
) -> None:
    described = {**DELETION, **fault}
    broken = play(
        release_flow,
        [described],
        before=lambda: leave_starter(release_flow, ".whl"),
        exit_status=exit_status,
    )
    assert broken == []


@pytest.mark.parametrize(
    ("fault", "exit_status"),
    [
        ({"status": 502, "applied": True}, 0),
        ({"status": 502}, 0),
        ({"status": 502, "applied": True, "times": EVER}, 0),
        ({"status": 502, "times": EVER}, 3),
    ],
    ids=["applied", "not applied", "applied, for ever", "for ever"],
)
def test_point_36_publication_answered_502(
    release_flow: Flow, fault: Mapping[str, Any], exit_status: int
) -> None:
    assert play(release_flow, [{**PUBLICATION, **fault}], exit_status=exit_status) == []


@pytest.mark.parametrize("refusal", [RULES, FORBIDDEN], ids=["a ruleset", "a permission"])
@pytest.mark.parametrize("request_", [CREATION, PUBLICATION], ids=["creation", "publication"])
def test_point_37_refused_by_a_rule(
    release_flow: Flow, request_: Mapping[str, Any], refusal: Mapping[str, Any]
) -> None:
    """The indexes may hold the files by then; the release comes out once the rule lets it."""
    assert play(release_flow, [{**request_, **refusal, "times": EVER}], exit_status=1) == []


@pytest.mark.parametrize("path", ["generate-notes$", "/compare/refs.*tags", "/commits$"])
@pytest.mark.parametrize(
    "fault",
    [FORBIDDEN, {"status": 503}, {"connection": "half"}],
    ids=["forbidden", "503", "half"],
)
def test_point_38_notes_fail(shared_flow: Flows, path: str, fault: Mapping[str, Any]) -> None:
    """The release comes out without GitHub's notes."""
    flow = shared_flow("release" if path == "/commits$" else "release again")
    says = ["Going on without GitHub's notes"]
    assert play(flow, [{"path": path, **fault, "times": EVER}], says=says) == []
