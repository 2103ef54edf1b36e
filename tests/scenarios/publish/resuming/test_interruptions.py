"""Interrupted after each of its requests, a publication is completed by one rerun.

Six wheels go to Artifact Registry and PyPI. For every request of such a run, the request is served,
and then the run is killed, or its answer is lost, or a proxy answers 502 in its place.
"""

import multiprocessing
import time
from collections.abc import Callable
from typing import Any

import pytest

from dist_actions.publish.main import main
from dist_sandbox.server.request_log import LoggedRequest
from support.distributions.builders import write_wheel
from support.publishing.job import OURS, PAGE, PublishingJob, is_upload

INPUTS = {"index": "artifact-registry\npypi"}
FILES = 6
#: What an answer is held back, so that the run is killed before it reads it.
_HELD_SECONDS = 0.25
_PATIENCE_SECONDS = 30


def requests_of(publisher: PublishingJob, after: int) -> list[LoggedRequest]:
    """What a run asked for, without what the sandbox's services ask each other."""
    every = publisher.sandbox.world.requests.since(after)
    return [one for one in every if "/.well-known" not in one.path]


def build(publisher: PublishingJob, version: str) -> None:
    """Six wheels of their own bytes, of a version that no index has."""
    for path in publisher.dist.glob("*"):
        path.unlink()
    for minor in range(9, 9 + FILES):
        write_wheel(publisher.dist, version, tag=f"cp3{minor}-none-any", content=f"# {minor}\n")


def of_this_version(publisher: PublishingJob, held: dict[str, bytes]) -> dict[str, bytes]:
    return {name: data for name, data in held.items() if name in publisher.at_hand()}


def is_complete(publisher: PublishingJob) -> bool:
    """Whether both indexes hold exactly our bytes."""
    places = (publisher.indexed(), publisher.on("pypi"))
    return all(of_this_version(publisher, held) == publisher.at_hand() for held in places)


def require_order(requests: list[LoggedRequest]) -> None:
    """Assert that nothing was uploaded before everything that could refuse it was asked (I12)."""
    uploads = [number for number, one in enumerate(requests) if is_upload(one)]
    if not uploads:
        return
    before = requests[: uploads[0]]
    assert {one.service for one in before if PAGE in one.path} == {"artifact-registry", "pypi"}
    on_pypi = [one for one in requests if is_upload(one) and one.service == "pypi"]
    if on_pypi:
        assert any(one.path.endswith("/mint-token") for one in before)


def interrupt_and_rerun(publisher: PublishingJob, interrupted: Callable[[], int | None]) -> None:
    """Run with a fault, then without, and hold both against the invariants."""
    first = publisher.sandbox.world.requests.last_number()
    status = interrupted()
    assert publisher.sandbox.control("GET", "faults") == [], "the fault did not happen"
    assert status is None or status in {0, 1, 3}
    if status == 0:
        assert is_complete(publisher), "success without all files (I5)"
    second = publisher.sandbox.world.requests.last_number()
    assert publisher.run_here(INPUTS) == 0, "one rerun is enough (I6)"
    assert is_complete(publisher), "the same bytes everywhere (I4)"
    third = publisher.sandbox.world.requests.last_number()
    accepted = [one for one in requests_of(publisher, first) if one.changed]
    assert all(is_upload(one) for one in accepted)
    assert len(accepted) == 2 * FILES, "each file is accepted once (I4)"
    require_order([one for one in requests_of(publisher, first) if one.number <= second])
    require_order([one for one in requests_of(publisher, second) if one.number <= third])


def clean_run(publisher: PublishingJob) -> list[LoggedRequest]:
    """The requests of a run without a fault, and of a second one, which changes nothing (I7)."""
    build(publisher, "0.1.0")
    assert publisher.run_here(INPUTS) == 0
    requests = requests_of(publisher, 0)
    assert publisher.run_here(INPUTS) == 0
    again = requests_of(publisher, requests[-1].number)
    assert [one for one in again if one.changed or is_upload(one)] == []
    return requests


LOST: dict[str, dict[str, Any]] = {
    "the answer is lost": {"applied": True, "connection": "reset"},
    "a proxy answers 502": {"applied": True, "status": 502},
    "a proxy refuses, which ends the run": {"applied": True, "status": 403},
}


@pytest.mark.parametrize("mode", list(LOST))
def test_a_lost_answer_to_any_request_is_made_good_by_one_rerun(
    publisher: PublishingJob, mode: str
) -> None:
    requests = clean_run(publisher)
    assert sum(map(is_upload, requests)) == 2 * FILES
    for number in range(len(requests)):
        build(publisher, f"0.2.{number}")
        publisher.fault(path=OURS, skip=number, **LOST[mode])
        interrupt_and_rerun(publisher, lambda: publisher.run_here(INPUTS))


def test_a_run_that_is_killed_after_any_request_is_completed_by_one_rerun(
    publisher: PublishingJob,
) -> None:
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["dist_actions.publish.main"])
    requests = clean_run(publisher)

    def killed() -> None:
        process = processes.Process(target=main, args=(publisher.environ(INPUTS),))
        process.start()
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while publisher.sandbox.world.faults.waiting() and time.monotonic() < deadline:
            time.sleep(0.005)
        process.kill()
        process.join()
        process.close()
        time.sleep(_HELD_SECONDS + 0.1)  # the request that was under way is served

    for number in range(len(requests)):
        build(publisher, f"0.3.{number}")
        publisher.fault(path=OURS, skip=number, delay_seconds=_HELD_SECONDS)
        interrupt_and_rerun(publisher, killed)
