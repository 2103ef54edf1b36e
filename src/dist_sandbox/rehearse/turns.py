"""Let the projects of a rehearsal take turns until none of them can go on."""

from collections.abc import Sequence

from dist_sandbox.rehearse.options import Turn
from dist_sandbox.rehearse.project.preparation import find_environment
from dist_sandbox.rehearse.rehearsal import Rehearsal


def take_turns(rehearsals: Sequence[Rehearsal], turns: Sequence[Turn] = ()) -> None:
    """Carry each project as far as it goes, one after the other, in this order.

    A promotion that a gate stopped is started again when another project has released something
    since.

    Args:
        turns: What is done before that.

    Raises:
        RunFailedError: A workflow run ended red.
        RehearsalError: A project did not reach its last environment.
    """
    by_name = {rehearsal.label: rehearsal for rehearsal in rehearsals}
    for turn in turns:
        rehearsal = by_name.get(turn.project, rehearsals[0])
        stages = rehearsal.plan.environments
        rehearsal.advance(find_environment(stages, turn.environment, "--first"))
    waiting, released = list(rehearsals), -1
    while waiting and released != (before := _count_releases(rehearsals)):
        released = before
        for rehearsal in waiting:
            rehearsal.advance()
        waiting = [rehearsal for rehearsal in rehearsals if rehearsal.is_blocked]
    for rehearsal in rehearsals:
        rehearsal.finish()


def _count_releases(rehearsals: Sequence[Rehearsal]) -> int:
    return sum(rehearsal.count_releases() for rehearsal in rehearsals)
