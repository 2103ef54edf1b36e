"""Runs at once, killed and cancelled runs have one result, and every end explains itself."""

import itertools
from collections.abc import Callable

import pytest

from support.faults.flows import Flow
from support.faults.kills import try_kill
from support.faults.turns import try_interleaving
from support.faults.worlds import FLOWS

#: In one round, one of so many requests of a flow is the one at which a run is killed.
KILLED = 5
#: Orders of runs at once that each flow meets in a round; in every third one there are three runs.
ORDERS = 3


@pytest.mark.parametrize("name", FLOWS)
def test_runs_at_once_end_as_one_would(
    shared_flow: Callable[[str], Flow], name: str, rounds: int, note: Callable[..., None]
) -> None:
    flow = shared_flow(name)
    broken = []
    for seed in range(ORDERS * rounds):
        runs = 3 if seed % 3 == 2 else 2
        problems = try_interleaving(flow, runs, seed)
        broken += [f"seed {seed}, {runs} runs: {text}" for text in problems]
        note(kind="at once", flow=name, seed=seed, broken=bool(problems))
    assert not broken, "\n\n".join(broken)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("name", FLOWS)
def test_a_killed_run_is_completed(
    shared_flow: Callable[[str], Flow],
    name: str,
    after: bool,
    rounds: int,
    note: Callable[..., None],
) -> None:
    flow = shared_flow(name)
    broken = []
    step = KILLED if rounds == 1 else 1
    for number, request in itertools.islice(
        enumerate(flow.requests), int(after) % step, None, step
    ):
        case = f"killed {'after' if after else 'before'} {number}, {request.method} {request.path}"
        problems = try_kill(flow, number, after=after)
        broken += [f"{case}: {text}" for text in problems]
        note(kind="kill", flow=name, request=number, broken=bool(problems))
    assert not broken, "\n\n".join(broken)
