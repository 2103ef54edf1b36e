"""Let something happen in the world while one request of a run is under way."""

import re
from collections.abc import Callable, Mapping

from support.faults.flows import Flow
from support.faults.kills import PATIENT, process_of, take_ours
from support.stages.running import StageResult


def run_while(
    flow: Flow, path: str, event: Callable[[], object], inputs: Mapping[str, str] | None = None
) -> StageResult:
    """Run a flow, and let something happen before its first request of a path is served.

    Args:
        path: Regular expression that is searched in the path.
    """
    gate, pending = flow.sandbox.world.gate, True
    gate.shut()
    try:
        stage = flow.begin(PATIENT, inputs=inputs or {})
        while held := take_ours(gate, process_of(stage).has_ended):
            if pending and re.search(path, held.path):
                event()
                pending = False
            held.answer()
    finally:
        gate.open()
    assert not pending, f"no request of {path}"
    return stage.finish(expect_revoked=False)
