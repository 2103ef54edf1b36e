"""A fault at any request of a promotion is made good by one rerun.

Every request that changes something meets every fault, every other request one of them in turn. A
run is not to wait, so that it ends where the fault meets it.
"""

import itertools
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from support.promotion.project import PromotedProject

LIMIT = json.dumps({"message": "You have exceeded a secondary rate limit. Please wait."})
FAULTS: dict[str, dict[str, Any]] = {
    "reset": {"connection": "reset"},
    "applied then reset": {"connection": "reset", "applied": True},
    "502": {"status": 502, "headers": {"content-type": "text/html"}, "body": "<html>Bad gateway"},
    "429": {"status": 429, "headers": {"retry-after": "1"}, "body": LIMIT},
}
BRANCH = "promote/v0.2.0-to-qa"
INPUTS = {"version": "0.2.0", "labels": "promotion", "max-wait": "0s"}


class Promotion:
    """The second promotion of a squashed history: a link, a branch, a pull request, a label."""

    def __init__(self, project: PromotedProject) -> None:
        self.project = project
        project.develop("0.1.0", {"a.txt": "a\n"})
        first = project.promote({"version": "0.1.0"})
        project.merge(first.outputs["pr-number"], "squash")
        project.develop("0.2.0", {"a.txt": "aa\n"})
        self.older = list(project.pulls())
        self.before = self.refs()
        self.made = project.promote(INPUTS)
        assert (self.made.exit_status, self.made.outputs["plan"]) == (0, "link"), self.made.log
        self.after = self.refs()

    def refs(self) -> str:
        """All branches and tags with what they point to."""
        return self.project.on_github("for-each-ref", "refs/heads", "refs/tags")

    def undo(self) -> None:
        """Take branch and pull request away."""
        self.project.on_github("update-ref", "-d", f"refs/heads/{BRANCH}")
        self.project.sandbox.repository.pulls[:] = self.older
        assert self.refs() == self.before

    def cases(self) -> Iterator[tuple[int, str, str]]:
        """Number of a request, what it is, and a fault's name."""
        names = itertools.cycle(FAULTS)
        for number, (call, request) in enumerate(
            zip(self.made.calls, self.made.requests, strict=True)
        ):
            chosen = list(FAULTS) if request.changed else [next(names)]
            yield from ((number, call, name) for name in chosen)

    def require_done(self, case: str) -> None:
        """One branch as it was made first, one pull request with all that belongs to it."""
        assert self.refs() == self.after, case
        (pull,) = [one for one in self.project.pulls() if one not in self.older]
        assert (pull.state, pull.head, pull.base) == ("open", BRANCH, "qa"), case
        assert pull.head_sha == self.made.outputs["head-sha"], case
        assert {label.name for label in pull.labels} == {"promotion"}, case
        assert "Promoted-Tree: " in (pull.body or ""), case


def test_a_fault_at_any_request_is_made_good_by_one_rerun(project: PromotedProject) -> None:
    """Fault 62 among them: the pull request is made, and its answer is lost."""
    promotion = Promotion(project)
    met = 0
    for number, call, name in promotion.cases():
        promotion.undo()
        project.sandbox.control("POST", "faults", {**FAULTS[name], "skip": number})
        case = f"{name} at {call}"
        faulty = project.promote(INPUTS, expect_revoked=False)
        assert project.sandbox.control("GET", "faults") == [], f"{case}: it did not happen"
        assert faulty.exit_status in {0, 3}, f"{case}\n{faulty.log}"
        again = project.promote(INPUTS, expect_revoked=False)
        assert again.exit_status == 0, f"{case}\n{again.log}"
        promotion.require_done(case)
        met += 1
    assert met > len(FAULTS) * 4, "the requests that change something were seen"
    assert project.promote(INPUTS, expect_revoked=False).changes == ()


def test_of_two_runs_the_slower_one_takes_what_the_other_made(project: PromotedProject) -> None:
    """Its push arrives once the branch is there."""
    project.develop("0.1.0", {"a.txt": "a\n"})
    held = {"method": "POST", "path": "git-receive-pack$", "delay_seconds": 4.0}
    project.sandbox.control("POST", "faults", held)
    slower = project.start({"version": "0.1.0"})
    deadline = time.monotonic() + 30
    while project.sandbox.control("GET", "faults") and time.monotonic() < deadline:
        time.sleep(0.02)
    faster = project.promote({"version": "0.1.0"}, expect_revoked=False)
    result = slower.finish()
    assert (faster.exit_status, faster.outputs["result"]) == (0, "created"), faster.log
    assert result.exit_status == 0, result.log
    assert result.outputs["pr-number"] == faster.outputs["pr-number"]
    assert len(project.pulls()) == 1


@pytest.mark.parametrize("fault", ["reset", "502", "cut"])
@pytest.mark.parametrize("request_of_git", ["git-upload-pack$", "git-receive-pack$"])
def test_a_request_of_git_that_is_broken_off_is_made_again(
    project: PromotedProject, fault: str, request_of_git: str
) -> None:
    project.develop("0.1.0", {"a.txt": "a\n"})
    described = {"cut": {"connection": "cut"}, **FAULTS}[fault]
    for applied in (True,) if fault == "cut" else (False, True):
        broken = {**described, "method": "POST", "path": request_of_git, "applied": applied}
        project.sandbox.control("POST", "faults", broken)
    result = project.promote({"version": "0.1.0"})
    assert (result.exit_status, result.outputs["result"]) == (0, "created"), result.log
    assert project.sandbox.control("GET", "faults") == []


@pytest.mark.parametrize("fault", ["reset", "502"])
def test_git_waits_a_moment_for_a_server_that_fails(project: PromotedProject, fault: str) -> None:
    project.develop("0.1.0", {"a.txt": "a\n"})
    for path in ("info/refs$", "git-upload-pack$"):
        project.sandbox.control("POST", "faults", {**FAULTS[fault], "path": path})
    result = project.promote({"version": "0.1.0"})
    assert (result.exit_status, result.outputs["result"]) == (0, "created"), result.log
    assert project.sandbox.control("GET", "faults") == []
    assert "list branches: " in result.log
