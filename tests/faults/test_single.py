"""A fault at any request of any flow is made good by one rerun, and nothing is broken on the way.

Requests that change something, or make or end a token, meet a third of the modes, others two of
them, and the next request others. `scripts/soak faults` lets every request meet every mode.
"""

import itertools
from collections.abc import Callable, Iterator

import pytest

from dist_sandbox.server.request_log import LoggedRequest
from support.faults.flows import Flow
from support.faults.modes import modes
from support.faults.trial import TOKEN_REQUESTS, try_fault
from support.faults.worlds import FLOWS

#: Cases are shared out among tests, so that these run side by side.
SHARES = 4
#: One of so many modes meets a request that changes something, and one that does not.
CHANGING, READING = 3, 15


def cases(flow: Flow, share: int, *, every: bool) -> Iterator[tuple[int, str]]:
    """List numbers of requests, each with a mode that it meets."""
    pairs = (
        (number, mode)
        for number, request in enumerate(flow.requests)
        for position, mode in enumerate(modes(flow.sandbox.world.clock.now()))
        if every or (position + number) % thinning_of(request) == 0
    )
    return itertools.islice(pairs, share, None, SHARES)


def thinning_of(request: LoggedRequest) -> int:
    matters = request.changed or request.path.endswith(TOKEN_REQUESTS)
    return CHANGING if matters else READING


@pytest.mark.parametrize("share", range(SHARES))
@pytest.mark.parametrize("name", FLOWS)
def test_one_rerun_makes_it_good(
    shared_flow: Callable[[str], Flow],
    name: str,
    share: int,
    rounds: int,
    note: Callable[..., None],
) -> None:
    flow = shared_flow(name)
    broken = []
    for number, mode in cases(flow, share, every=rounds > 1):
        request = flow.requests[number]
        case = f"{mode} at {number}, {request.method} {request.path}"
        problems = try_fault(flow, number, modes(flow.sandbox.world.clock.now())[mode])
        broken += [f"{case}: {text}" for text in problems]
        note(kind="single", flow=name, mode=mode, request=number, broken=bool(problems))
    assert not broken, "\n\n".join(broken)
