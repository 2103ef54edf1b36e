"""Play a named point: something that happens in a run, which two further runs have to make good."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from support.faults.flows import Flow
from support.faults.invariants import Run, broken_in_run, last_lines
from support.faults.kills import PATIENT, take_ours
from support.faults.modes import EVER
from support.faults.trial import observe, try_anything
from support.stages.running import StageResult

#: The ways in which an answer is lost although the service has done what was asked.
LOST: Sequence[Mapping[str, Any]] = (
    {"connection": "reset", "applied": True},
    {"connection": "half"},
    {"status": 502, "applied": True},
)


def play(
    flow: Flow,
    faults: Sequence[Mapping[str, Any]] = (),
    *,
    before: Callable[[], object] = lambda: None,
    at: tuple[str, str] | None = None,
    meanwhile: Callable[[], object] = lambda: None,
    after: Callable[[], object] = lambda: None,
    exit_status: int = 0,
    says: Sequence[str] = (),
    inputs: Mapping[str, str] | None = None,
    lost_tokens: int = 0,
    told_seconds: float = 0.0,
    **options: Any,
) -> list[str]:
    """Let faults meet a run in a fresh world, then run twice without them.

    Args:
        faults: What the sandbox's control interface takes; each one must happen, and as often as it
            says unless it is to last for `EVER`.
        before: Prepares the world, before the run.
        at: Method and path of the request that waits while `meanwhile` changes the world.
        meanwhile: Changes the world in the middle of the run.
        after: Takes back what would still be there, before the second run.
        exit_status: Of the first run.
        says: What its log and annotations say.
        inputs: Changes of its inputs.
        lost_tokens: Of how many tokens nobody knows, because the answer was lost.
        told_seconds: How long the faults ask to wait.
        options: Of `StageRunner.start`, as `environ` and `skew_seconds`.

    Returns:
        What is broken.
    """

    def happening() -> Iterator[str]:
        before()
        for fault in faults:
            flow.sandbox.control("POST", "faults", fault)
        described = {"inputs": inputs or {}, **options}
        run = observe(flow, lambda: _run(flow, at, meanwhile, described))
        yield from _differences(run, exit_status, says)
        yield from broken_in_run(run, flow.goal)
        if any(map(_is_due, flow.sandbox.control("GET", "faults"))):
            yield f"not all faults happened\n{last_lines(run.result)}"
        if run.live_tokens != lost_tokens:
            yield f"I13: {run.live_tokens} tokens live"
        if run.waited_seconds < told_seconds:
            yield f"I10: {run.waited_seconds:.0f} s are less than {told_seconds:.0f} s"
        flow.sandbox.control("DELETE", "faults")
        after()

    return try_anything(flow, happening)


def play_refusal(
    flow: Flow,
    before: Callable[[], object],
    *,
    exit_status: int = 1,
    says: Sequence[str] = (),
    changes: bool = False,
    **options: Any,
) -> list[str]:
    """Run three times in a world that no rerun can put right: each run explains it alike.

    Args:
        before: Prepares the world.
        exit_status: Of each run.
        says: What log and annotations say.
        changes: Whether the first run may change something.
    """
    flow.before.restore()
    before()
    broken: list[str] = []
    standing = observe(flow, lambda: flow.run(**options)) if changes else None
    if standing:
        broken += [*_differences(standing, exit_status, says), *broken_in_run(standing, flow.goal)]
    for _ in range(2 if changes else 3):
        run = observe(flow, lambda: flow.run(**options))
        broken += [*_differences(run, exit_status, says), *broken_in_run(run, run.standing)]
        if run.result.changes:
            broken.append(f"I7: it changes {run.result.changes}")
        if run.live_tokens:
            broken.append(f"I13: {run.live_tokens} tokens live")
    return broken


def _run(
    flow: Flow,
    at: tuple[str, str] | None,
    meanwhile: Callable[[], object],
    options: Mapping[str, Any],
) -> StageResult:
    """Run once; while one of its requests waits, change the world."""
    if at is None:
        return flow.run(**options)
    gate, (method, path) = flow.sandbox.world.gate, at
    gate.shut()
    stage = flow.begin(PATIENT, **options)
    held = take_ours(gate, stage.process.has_ended)  # type: ignore[union-attr]
    while held and not (held.method == method and re.search(path, held.path)):
        held.answer()
        held = take_ours(gate, stage.process.has_ended)  # type: ignore[union-attr]
    gate.open()
    assert held, f"{method} {path} did not come"
    meanwhile()
    held.answer()
    return stage.finish(expect_revoked=False)


def _is_due(fault: Mapping[str, Any]) -> bool:
    """Tell whether a fault that waits should have happened, or happened more often."""
    lasting = EVER // 2 < fault["times"] < EVER
    return fault["skip"] > 0 or not lasting


def _differences(run: Run, exit_status: int, says: Sequence[str]) -> Iterator[str]:
    if run.result.exit_status != exit_status:
        yield f"exit {run.result.exit_status} instead of {exit_status}\n{last_lines(run.result)}"
    text = "\n".join([run.result.log, *(shown.message for shown in run.result.annotations)])
    missing = [part for part in says if part not in text]
    if missing:
        yield f"it does not say {missing}\n{last_lines(run.result)}"
