"""End a run at one of its requests: by force, or as a runner cancels a job."""

import signal
import time
from collections.abc import Callable, Iterator

from dist_actions.services.retries import EXCHANGE_VARIABLE
from dist_sandbox.faults.gate import Gate, HeldRequest
from support.faults.flows import Flow
from support.faults.invariants import Run, broken_in_run
from support.faults.snapshot import Standing
from support.faults.trial import TOKEN_REQUESTS, try_anything
from support.stages.running import RunningStage, StageResult
from support.stages.warm_stages import ForkedRun

#: A request that is held must not run into the limit of an exchange.
PATIENT = {EXCHANGE_VARIABLE: "60"}
_ARRIVAL_SECONDS = 30.0
#: The runner ends a step by force some seconds after it asked for it.
_TERMINATION_SECONDS = 5.0


def try_kill(flow: Flow, number: int, *, after: bool) -> list[str]:
    """Kill a run before one of its requests is served, or when it is; then run twice."""

    def killed() -> Iterator[str]:
        if not kill(flow, number, after=after):
            yield "the request did not come"

    return try_anything(flow, killed)


def kill(flow: Flow, number: int, *, after: bool) -> bool:
    """Kill a run before one of its requests is served, or when it is.

    Returns:
        Whether it came to that request.
    """
    stage, held = _run_until(flow, number)
    if held is not None:
        if after:
            held.serve()
        process_of(stage).kill_all()
        held.drop()
    flow.sandbox.world.gate.open()
    stage.process.communicate(timeout=_ARRIVAL_SECONDS)
    return held is not None


def try_termination(flow: Flow, number: int, *, after: bool) -> list[str]:
    """Cancel a run while one of its requests is under way, which never gets an answer."""
    request = flow.requests[number]

    def terminated() -> Iterator[str]:
        world = flow.sandbox.world
        stage, held = _run_until(flow, number)
        if held is None:
            yield "the request did not come"
            return
        if after:
            held.serve()
        began = time.monotonic()
        stage.process.send_signal(signal.SIGTERM)
        _let_pass_until_end(world.gate, stage)
        result: StageResult = stage.finish(expect_revoked=False)
        seconds = time.monotonic() - began
        held.drop()
        world.gate.open()
        if seconds > _TERMINATION_SECONDS:
            yield f"it ended {seconds:.1f} s after SIGTERM"
        if result.exit_status != 143:
            yield f"exit {result.exit_status} after SIGTERM\n{result.log[-1500:]}"
        live = len(world.github.tokens.live(now=world.clock.now()))
        run = Run(result, Standing.of(flow.sandbox), live, 0.0)
        yield from broken_in_run(run, flow.goal)
        if live and not request.path.endswith(TOKEN_REQUESTS):
            yield f"I13: {live} tokens live after SIGTERM"

    return try_anything(flow, terminated)


def _run_until(flow: Flow, number: int) -> tuple[RunningStage, HeldRequest | None]:
    """Start a run, and hold the request of this number."""
    gate = flow.sandbox.world.gate
    gate.shut()
    stage = flow.begin()  # whose limit fits a fault that holds the request, too
    position = 0
    while True:
        held = take_ours(gate, lambda: process_of(stage).has_ended())
        if held is None or position == number:
            return stage, held
        held.answer()
        position += 1


def take_ours(gate: Gate, has_ended: Callable[[], bool]) -> HeldRequest | None:
    """Take the next request that is none between services; None once the run has ended."""
    deadline = time.monotonic() + _ARRIVAL_SECONDS
    while time.monotonic() < deadline:
        held = gate.take(0.05)
        if held is None:
            if has_ended():
                return None
        elif "/oidc/.well-known" in held.path:
            held.answer()
        else:
            return held
    return None


def _let_pass_until_end(gate: Gate, stage: RunningStage) -> None:
    process = process_of(stage)
    while not process.has_ended():
        held = gate.take(0.02)
        if held is not None:
            held.answer()


def process_of(stage: RunningStage) -> ForkedRun:
    """Return its process, which a loaded stage has forked."""
    assert isinstance(stage.process, ForkedRun)
    return stage.process
