"""One of ten requests fails, or two things happen in one run and its rerun."""

from collections.abc import Callable

import pytest

from support.faults.chances import try_pair, try_scattered
from support.faults.flows import Flow
from support.faults.worlds import FLOWS

#: What each flow meets in a round.
RUNS, PAIRS = 3, 3
#: Of runs in which one of ten requests fails, how many are to be green without a rerun.
GREEN = 0.99


@pytest.mark.parametrize("name", FLOWS)
def test_one_of_ten_requests_fails(
    shared_flow: Callable[[str], Flow], name: str, rounds: int, note: Callable[..., None]
) -> None:
    flow = shared_flow(name)
    broken, green, runs = [], 0, RUNS * rounds
    for seed in range(runs):
        run = try_scattered(flow, seed)
        green += run.exit_status == 0
        broken += [f"seed {seed}: {text}" for text in run.broken]
        note(kind="one of ten", flow=name, seed=seed, green=run.exit_status == 0)
    assert not broken, "\n\n".join(broken)
    assert green >= GREEN * runs, f"{green} of {runs} are green without a rerun"


@pytest.mark.parametrize("name", FLOWS)
def test_two_things_happen(
    shared_flow: Callable[[str], Flow], name: str, rounds: int, note: Callable[..., None]
) -> None:
    flow = shared_flow(name)
    broken = []
    for seed in range(PAIRS * rounds):
        problems = try_pair(flow, seed)
        broken += problems
        note(kind="pair", flow=name, seed=seed, broken=bool(problems))
    assert not broken, "\n\n".join(broken)
