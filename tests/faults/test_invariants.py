"""Each invariant can be broken: what no run may do, done by hand, is named by its number."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from dist_sandbox.faults.ledger import AcceptedFile, Ledger, RefChange
from dist_sandbox.server.request_log import LoggedRequest
from support.faults.invariants import (
    Run,
    broken_after_rerun,
    broken_in_ledger,
    broken_in_run,
)
from support.faults.snapshot import Standing
from support.stages.runner_model import Annotation
from support.stages.running import StageResult

GOAL = Standing({"refs/tags/v1": "a"}, (), {"index a.whl": "1"}, (("x", "dev", ("label",)),))
NOTHING = Standing({}, (), {}, ())
ENDED = StageResult(0, {}, (), "", "", (), ())
RUN = Run(ENDED, GOAL, 0, 0.0)
ERROR = Annotation("error", "", "It failed.\nWhy: it must.\nFix: mend it.")
DELETION = LoggedRequest(
    1, "github", "DELETE", "/api/v3/repos/o/n/git/refs/x", "", "", 204, True, 0
)
PUSH = replace(DELETION, method="POST")
FILE = AcceptedFile(1, "artifact-registry /p", "a.whl", "1")
TAG = RefChange(1, "o/n", "refs/tags/v1", "0" * 40, "1" * 40, "bot")


def ended(**changes: Any) -> Run:
    return replace(RUN, result=replace(ENDED, **changes))


def failed(message: str, times: int = 1) -> Run:
    return ended(exit_status=1, annotations=(replace(ERROR, message=message),) * times)


def test_an_honest_run_breaks_nothing() -> None:
    assert list(broken_in_run(RUN, GOAL)) == []
    assert list(broken_in_run(failed(ERROR.message), GOAL)) == []
    assert list(broken_after_rerun(RUN, RUN, GOAL)) == []
    assert list(broken_in_ledger(Ledger([FILE], [TAG], []))) == []


@pytest.mark.parametrize(
    ("run", "named"),
    [
        (replace(RUN, standing=NOTHING), "I5: success, but refs"),
        (replace(RUN, standing=GOAL.without_labels()), "I5: success, but"),
        (failed("It failed."), "I5: exit 1 without what, why and fix"),
        (failed(ERROR.message, times=2), "I5: 2 errors"),
        (ended(log="This is a defect of dist-actions"), "a service's fault"),
        (ended(peak_bytes=2**30), "MiB of memory"),
        (replace(RUN, waited_seconds=901.0), "I10: it waited 901 s"),
        (ended(requests=(DELETION,)), "I11: DELETE"),
        (replace(RUN, vanished=["refs/tags/v1"]), "I11: refs/tags/v1 is gone"),
    ],
)
def test_what_a_run_breaks_is_named(run: Run, named: str) -> None:
    (broken,) = broken_in_run(run, GOAL)
    assert named in broken


@pytest.mark.parametrize(
    ("first", "second", "named"),
    [
        (failed(ERROR.message), RUN, "I6: the rerun ends with 1"),
        (replace(RUN, standing=NOTHING), RUN, "I6: after a rerun refs"),
        (RUN, failed(ERROR.message), "I7: the second rerun ends with 1"),
        (RUN, ended(requests=(PUSH,)), "I7: the second rerun changes"),
        (replace(RUN, live_tokens=1), RUN, "I13: 1 tokens live after a rerun"),
    ],
)
def test_what_a_rerun_breaks_is_named(first: Run, second: Run, named: str) -> None:
    (broken,) = broken_after_rerun(first, second, GOAL)
    assert broken.startswith(named)


@pytest.mark.parametrize(
    ("files", "refs", "named"),
    [
        ([], [replace(TAG, before="2" * 40)], "I1: refs/tags/v1 went from"),
        ([], [replace(TAG, after="0" * 40)], "I1: refs/tags/v1 went from"),
        ([FILE, replace(FILE, place="pypi /q", sha256="2")], [], "I4: a.whl was accepted with 2"),
        ([FILE, FILE], [], "I4: artifact-registry /p accepted a.whl 2 times"),
    ],
)
def test_what_the_history_breaks_is_named(
    files: Sequence[AcceptedFile], refs: Sequence[RefChange], named: str
) -> None:
    (broken,) = broken_in_ledger(Ledger(files, refs, []))
    assert broken.startswith(named)
