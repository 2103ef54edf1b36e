"""Faults by chance: one of ten requests fails, or two things happen in one run and its rerun."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from dist_actions.services.retries import EXCHANGE_VARIABLE
from support.faults.flows import Flow
from support.faults.invariants import broken_after_rerun, broken_in_run
from support.faults.kills import kill
from support.faults.modes import modes
from support.faults.trial import OURS, observe, observe_reruns, try_anything

#: Requests to GitHub's API, which alone has limits of its own form.
_GITHUB = "^/api/"
#: git waits three exchanges long, in real time, for an answer to a push that is none of its server.
PROMPT = {EXCHANGE_VARIABLE: "5"}
#: Modes that are over by themselves; a refusal, which no rerun of a request mends, is none.
PASSING = (
    "reset",
    "applied then reset",
    "cut",
    "half",
    "500",
    "502",
    "503",
    "504",
    "applied then 502",
    "applied then 504",
    "408",
    "429 in seconds",
    "secondary limit",
    "a proxy's page",
)


@dataclass(frozen=True)
class Scattered:
    """A run in which many requests failed.

    Attributes:
        exit_status: Of the run itself, before any rerun.
        broken: What is broken, after a rerun too.
    """

    exit_status: int
    broken: tuple[str, ...]


def try_scattered(flow: Flow, seed: int, rate: float = 0.1) -> Scattered:
    """Let each request of a run fail at some rate, then run twice without faults."""
    flow.before.restore()
    every = modes(flow.sandbox.world.clock.now())
    faults = [
        {"path": _GITHUB if name == "secondary limit" else OURS, **every[name].fault}
        for name in PASSING
    ]
    chances = {"faults": faults, "rate": rate, "seed": seed}
    flow.sandbox.control("PUT", "faults/scattered", chances)
    run = observe(flow, lambda: flow.run(PROMPT))
    flow.sandbox.control("DELETE", "faults")
    broken = [*broken_in_run(run, flow.goal)]
    if run.result.exit_status:
        flow.end_tokens()
        broken += broken_after_rerun(*observe_reruns(flow), flow.goal)
    return Scattered(run.result.exit_status, tuple(broken))


def try_pair(flow: Flow, seed: int) -> list[str]:
    """Let two faults by chance meet a run, or one its run and one its rerun, or kill it between."""
    chances = random.Random(seed)
    names = sorted(modes(flow.sandbox.world.clock.now()))

    def happening() -> Iterator[str]:
        kind = chances.choice(("both", "run and rerun", "fault and kill"))
        numbers = sorted(chances.sample(range(len(flow.requests)), 2))
        chosen = [modes(flow.sandbox.world.clock.now())[chances.choice(names)] for _ in numbers]
        for position, (number, mode) in enumerate(zip(numbers, chosen, strict=True)):
            # The first one that hits a request is over by then, and hides it from the second.
            skip = number - position if kind == "both" else number
            fault = {"path": OURS, "skip": skip, **mode.fault}
            if kind == "fault and kill" and position == 1:
                continue
            flow.sandbox.control("POST", "faults", fault)
            if kind == "run and rerun":
                run = observe(flow, flow.run)
                yield from broken_in_run(run, flow.goal)
                flow.sandbox.control("DELETE", "faults")
                flow.end_tokens()
        if kind == "both":
            run = observe(flow, flow.run)
            yield from broken_in_run(run, flow.goal)
        if kind == "fault and kill":
            kill(flow, numbers[1], after=chances.random() < 0.5)
        flow.sandbox.control("DELETE", "faults")

    return [f"seed {seed}: {text}" for text in try_anything(flow, happening)]
