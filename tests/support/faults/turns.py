"""Interleave runs: whose request is served next is chosen, and everything else follows from it."""

import os
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dist_sandbox.faults.gate import HeldRequest
from support.faults.flows import Flow
from support.faults.invariants import Run, broken_in_run, last_lines
from support.faults.kills import PATIENT
from support.faults.snapshot import Standing
from support.faults.trial import try_anything
from support.stages.running import RunningStage, StageResult
from support.stages.warm_stages import ForkedRun

_PATIENCE_SECONDS = 60.0
_POLL_SECONDS = 0.01


@dataclass
class _Turn:
    """A run, with its requests that wait."""

    stage: RunningStage
    waiting: list[HeldRequest] = field(default_factory=list)
    ports: set[int] = field(default_factory=set)

    @property
    def process(self) -> ForkedRun:
        assert isinstance(self.stage.process, ForkedRun)
        return self.stage.process


def interleave(flow: Flow, runs: int, choose: Callable[[Sequence[int]], int]) -> list[StageResult]:
    """Run a flow several times at once.

    Args:
        choose: Says which of the waiting runs goes on with its next request.
    """
    gate = flow.sandbox.world.gate
    gate.shut()
    turns = [_Turn(flow.begin(PATIENT)) for _ in range(runs)]
    deadline = time.monotonic() + _PATIENCE_SECONDS
    try:
        while time.monotonic() < deadline:
            held = gate.take(_POLL_SECONDS)
            if held is not None:
                _assign(held, turns)
                continue
            running = [turn for turn in turns if not turn.process.has_ended()]
            if not running:
                break
            if all(turn.waiting for turn in running):
                ready = [number for number, turn in enumerate(turns) if turn.waiting]
                turns[choose(ready)].waiting.pop(0).answer()
    finally:
        gate.open()
        for turn in turns:
            for held in turn.waiting:
                held.answer()
    return [turn.stage.finish(expect_revoked=False) for turn in turns]


def try_interleaving(flow: Flow, runs: int, seed: int) -> list[str]:
    """Run a flow several times at once in an order by chance, then twice alone."""
    chances = random.Random(seed)

    def together() -> Iterator[str]:
        results = interleave(flow, runs, chances.choice)
        world = flow.sandbox.world
        live = len(world.github.tokens.live(now=world.clock.now()))
        standing = Standing.of(flow.sandbox)
        for result in results:
            yield from broken_in_run(Run(result, standing, live, 0.0), flow.goal)
            if result.exit_status != 0:
                yield f"exit {result.exit_status} of one of {runs} runs\n{last_lines(result)}"
        if live:
            yield f"I13: {live} tokens live"
        if standing != flow.goal:
            yield "the runs together end elsewhere than one"

    return try_anything(flow, together)


def _assign(held: HeldRequest, turns: Sequence[_Turn]) -> None:
    """Give a request to the run that sent it; one between services passes."""
    if "/oidc/.well-known" in held.path:
        held.answer()
        return
    for turn in turns:
        if held.client_port in turn.ports:
            turn.waiting.append(held)
            return
    socket = _socket_of(held.client_port)
    for turn in turns:
        if socket and any(_has_open(process, socket) for process in _processes(turn.process.pid)):
            turn.ports = {*turn.ports, held.client_port}
            turn.waiting.append(held)
            return
    held.answer()  # its sender is gone


def _socket_of(port: int) -> str:
    """Find the socket whose own port this is, by the number that the system gives it."""
    ending = f":{port:04X}"
    for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]:
        fields = line.split()
        if fields[1].endswith(ending):
            return f"socket:[{fields[9]}]"
    return ""


def _processes(group: int) -> Iterator[str]:
    """Find the processes of a group."""
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.getpgid(int(name)) == group:
                yield name
        except ProcessLookupError:
            continue


def _has_open(process: str, socket: str) -> bool:
    try:
        descriptors = list(Path("/proc", process, "fd").iterdir())
        return any(os.readlink(descriptor) == socket for descriptor in descriptors)
    except OSError:
        return False
