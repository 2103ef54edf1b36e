"""Let something happen to a run, run it again twice, and name what is broken by then."""

from collections.abc import Callable, Iterator

from dist_sandbox.faults.ledger import Ledger, read_ledger
from support.faults.flows import Flow
from support.faults.invariants import Run, broken_after_rerun, broken_in_ledger, broken_in_run
from support.faults.modes import EVER, Mode
from support.faults.snapshot import Standing
from support.stages.running import StageResult

#: Every request but those that the sandbox's services make of each other.
OURS = r"^/(?!oidc/\.well-known)"
#: Requests that make or end a token: what is lost of these no run can revoke.
TOKEN_REQUESTS = ("/access_tokens", "/installation/token")


def observe(flow: Flow, run: Callable[[], StageResult]) -> Run:
    """Run once, and look at what the services hold then."""
    world = flow.sandbox.world
    before, standing = world.clock.offset, Standing.of(flow.sandbox)
    result = run()
    live = len(world.github.tokens.live(now=world.clock.now()))
    waited = (world.clock.offset - before).total_seconds()
    after = Standing.of(flow.sandbox)
    return Run(result, after, live, waited, sorted(standing.complete - after.complete))


def observe_reruns(flow: Flow) -> tuple[Run, Run]:
    """Run twice; where the first run sends no change, the second is the same run again."""
    first = observe(flow, flow.run)
    settled = first.result.exit_status == 0 and not first.result.changes
    return first, first if settled else observe(flow, flow.run)


def try_fault(flow: Flow, number: int, mode: Mode) -> list[str]:
    """Let a request of a flow fail in some way, then run twice without a fault.

    Args:
        number: Of the request, from 0, as in `flow.requests`.

    Returns:
        What is broken.
    """
    request = flow.requests[number]

    def faulty() -> Iterator[str]:
        fault = {"path": OURS, "skip": number, **mode.fault}
        flow.sandbox.control("POST", "faults", fault)
        run = observe(flow, flow.run)
        waiting = flow.sandbox.control("GET", "faults")
        if waiting and waiting[0]["skip"]:
            yield "the fault did not happen"
        flow.sandbox.control("DELETE", "faults")
        if run.result.exit_status not in {0, 1, 3}:
            yield f"exit {run.result.exit_status}\n{run.result.log[-2000:]}"
        yield from broken_in_run(run, flow.goal)
        lasts = mode.fault.get("times", 1) == EVER  # so that no token can be revoked either
        if run.live_tokens and not (lasts or request.path.endswith(TOKEN_REQUESTS)):
            yield f"I13: {run.live_tokens} tokens live"
        # Other services than GitHub have no such limits.
        told = mode.told_seconds if request.service == "github" or mode.told_by_http else 0.0
        if run.result.exit_status == 0 and run.waited_seconds < told:
            yield f"I10: {run.waited_seconds:.0f} s are less than {told:.0f} s"

    return try_anything(flow, faulty)


def try_anything(flow: Flow, happening: Callable[[], Iterator[str]]) -> list[str]:
    """Let something happen to a flow in a fresh world, then run it twice without a fault."""
    flow.before.restore()
    github = flow.sandbox.world.github
    events, requests = len(github.events.after(0)), flow.sandbox.world.requests.last_number()
    broken = list(happening())
    flow.end_tokens()
    first, second = observe_reruns(flow)
    broken += broken_in_run(first, flow.goal)
    broken += broken_after_rerun(first, second, flow.goal)
    ledger = read_ledger(flow.sandbox.world)
    broken += broken_in_ledger(
        Ledger(
            [file for file in ledger.files if file.request > requests],
            [change for change in ledger.refs if change.event > events],
            ledger.tokens,
        )
    )
    return broken
