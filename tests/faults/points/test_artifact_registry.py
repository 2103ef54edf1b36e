"""Points 45 to 52: what Artifact Registry shows, takes and refuses."""

import io
from collections.abc import Callable
from typing import Any

import pytest

from dist_sandbox.google.state import repository_name
from support.faults.flows import Flow
from support.faults.kills import try_kill
from support.faults.modes import EVER
from support.faults.points import play, play_refusal
from support.publishing.job import UPLOAD

PAGE = "^/artifact-registry/.*/simple/"
#: Of six files: the first makes the project and goes alone, the others are sent at once.
SOME = (0, 2, 5)


@pytest.fixture
def wheels_flow(shared_flow: Callable[[str], Flow]) -> Flow:
    """The same with six files, of which several are sent at once."""
    return shared_flow("pypi, six wheels")


def change_repository(flow: Flow, **settings: Any) -> None:
    flow.sandbox.control("PATCH", "google/repositories/dev", settings)


def hold(flow: Flow, data: bytes = b"") -> str:
    """Let the repository hold the first of the files, or other data under its name."""
    world = flow.sandbox.world
    name, content = next(iter(sorted(flow.project.at_hand().items())))
    repository = world.google.repositories[repository_name(world.environments[0])]
    repository.add(name, io.BytesIO(data or content))
    return name


@pytest.mark.parametrize("skip", [0, 1], ids=["before the uploads", "after them"])
@pytest.mark.parametrize("status", [404, 500, 502, 503, 504])
def test_point_45_index_404_or_5xx(publish_flow: Flow, status: int, skip: int) -> None:
    assert play(publish_flow, [{"path": PAGE, "status": status, "skip": skip}]) == []


@pytest.mark.parametrize(
    ("status", "says"), [(404, "does not show it"), (503, "HTTP 503")], ids=["404", "5xx"]
)
def test_point_45_index_404_or_5xx_for_ever(publish_flow: Flow, status: int, says: str) -> None:
    lasting = {"path": PAGE, "status": status, "times": EVER}
    assert play(publish_flow, [lasting], exit_status=3, says=[says, "\nFix: "]) == []


@pytest.mark.parametrize(("reads", "exit_status"), [(1, 0), (3, 0), (20, 3)])
def test_point_45_index_stale(publish_flow: Flow, reads: int, exit_status: int) -> None:
    says = ["does not show"]

    def lag() -> None:
        change_repository(publish_flow, hidden_for_reads=reads)

    def catch_up() -> None:
        publish_flow.sandbox.world.google.set_up()

    assert play(publish_flow, before=lag, after=catch_up, exit_status=exit_status, says=says) == []


def test_point_46_reset_on_file_i(wheels_flow: Flow) -> None:
    for number in SOME:
        fault = {"path": UPLOAD, "skip": number, "connection": "reset"}
        assert play(wheels_flow, [fault]) == [], number


@pytest.mark.parametrize("connection", ["", "reset"], ids=["502", "reset"])
def test_point_47_applied_then_502(wheels_flow: Flow, connection: str) -> None:
    answer = {"connection": connection} if connection else {"status": 502}
    for number in SOME:
        fault = {"path": UPLOAD, "skip": number, "applied": True, **answer}
        assert play(wheels_flow, [fault]) == [], number


def test_point_48_killed_after_i_files(wheels_flow: Flow) -> None:
    uploads = [
        number
        for number, request in enumerate(wheels_flow.requests)
        if request.service == "artifact-registry" and request.files
    ]
    assert len(uploads) == 6
    for position in SOME:
        assert try_kill(wheels_flow, uploads[position], after=True) == [], position


@pytest.mark.parametrize("listed", [True, False], ids=["listed", "not listed yet"])
def test_point_49_exists_with_another_hash(publish_flow: Flow, listed: bool) -> None:
    """Where the page does not list the file yet, its upload is what meets it."""

    def hold_others() -> None:
        hold(publish_flow, b"other bytes")

    both = ["holds other bytes under the same name", "with sha256", "ours has"]
    assert play_refusal(publish_flow, hold_others, says=both) == []
    missing = [] if listed else [{"path": PAGE, "status": 404}]
    forget = publish_flow.before.restore
    described = {"before": hold_others, "after": forget, "says": both}
    assert play(publish_flow, missing, exit_status=1, **described) == []


@pytest.mark.parametrize("files_api", ["allowed", "refused", "disabled"])
def test_point_50_exists_and_hash_is_not_listed_yet(publish_flow: Flow, files_api: str) -> None:
    """It is asked for elsewhere, in the end by reading the file; then it is equal or it is not."""

    def hold_ours() -> None:
        change_repository(publish_flow, shows_hashes=False, files_api=files_api)
        hold(publish_flow)

    def hold_others() -> None:
        change_repository(publish_flow, shows_hashes=False, files_api=files_api)
        hold(publish_flow, b"other bytes")

    assert play(publish_flow, before=hold_ours) == []
    says = ["holds other bytes under the same name"]
    assert play_refusal(publish_flow, hold_others, says=says) == []


def test_point_50_no_hash_and_no_file(publish_flow: Flow) -> None:
    def hold_silently() -> None:
        change_repository(publish_flow, shows_hashes=False, files_api="refused")
        hold(publish_flow)

    fault = {"path": "/packages/", "status": 403, "times": EVER}
    says = ["nothing tells with which bytes"]
    assert play(publish_flow, [fault], before=hold_silently, exit_status=1, says=says) == []


@pytest.mark.parametrize("path", [UPLOAD, PAGE], ids=["upload", "page"])
def test_point_51_401_mid_set(wheels_flow: Flow, path: str) -> None:
    """The token is renewed once; where that does not help, a rerun goes on."""
    assert play(wheels_flow, [{"path": path, "skip": 1, "status": 401}]) == []
    lasting = {"path": path, "skip": 1, "status": 401, "times": EVER}
    assert play(wheels_flow, [lasting], exit_status=1, says=["HTTP 401"]) == []


@pytest.mark.parametrize(
    ("status", "body", "says"),
    [
        (413, "", "the file is larger than the index accepts"),
        (400, "Invalid metadata", "Invalid metadata (HTTP 400)"),
    ],
    ids=["413", "bad metadata"],
)
def test_point_52_413_or_bad_metadata(
    publish_flow: Flow, status: int, body: str, says: str
) -> None:
    """Nothing reaches PyPI, and what one index has taken is named."""
    for skip in (0, 1):
        fault = {"path": UPLOAD, "skip": skip, "status": status, "body": body, "times": EVER}
        assert play(publish_flow, [fault], exit_status=1, says=[says]) == []
