"""Each request of a run in turn meets a server that is none of the service that is meant.

It does not end, or answers with other JSON than the service's. What drips, or claims a length that
does not come, is among the modes of `support/faults/modes.py`.
"""

import itertools
import time
from collections.abc import Callable, Mapping
from typing import Any

from dist_actions.services.retries import EXCHANGE_VARIABLE
from support.sandbox.fixtures import Sandbox
from support.stages.running import StageResult

#: Every request but those that the sandbox's services make of each other.
OURS = r"^/(?!oidc/\.well-known)"
KINDS = ("endless", "other JSON")
#: Successes that no service answers with, in turn; the first one is empty.
_OTHER_JSON = itertools.cycle(["", "[7]", "null", '{"message": 5}', "[{}]", '"text"'])
#: Some exchanges of two seconds at the most, and what a busy machine takes beside them.
_AT_THE_LATEST_SECONDS = 45.0
_MEMORY_BYTES = 300 * 2**20

#: Runs a stage with these variables.
Run = Callable[[Mapping[str, str]], StageResult]


def require_bounded_runs(sandbox: Sandbox, kind: str, run: Run, undo: Callable[[], object]) -> None:
    """Let each request of a run meet a misbehaving server, and check how the run ends.

    Args:
        kind: One of `KINDS`.
        run: Must not wait for what may be over soon.
        undo: Takes back what a run did.
    """
    environ = {EXCHANGE_VARIABLE: "2"}
    honest = run(environ)
    assert honest.exit_status == 0, honest.log
    asked = [request for request in honest.requests if "/oidc/.well-known" not in request.path]
    assert asked
    for number, request in enumerate(asked):
        undo()
        case = f"{kind} at {number}, {request.method} {request.path}"
        fault: dict[str, Any] = {"connection": kind}
        if kind == "other JSON":
            fault = {"status": 200, "body": next(_OTHER_JSON)}
            case = f"{case}: {fault['body']}"
        sandbox.control("POST", "faults", {"path": OURS, "skip": number, **fault})
        began = time.monotonic()
        result = run(environ)
        assert time.monotonic() - began < _AT_THE_LATEST_SECONDS, f"{case}\n{result.log}"
        assert sandbox.control("GET", "faults") == [], f"{case}: not asked\n{result.log}"
        assert 0 < result.peak_bytes < _MEMORY_BYTES, f"{case}: {result.peak_bytes} bytes"
        # A file with other bytes is not told from one that somebody replaced.
        told = ("does not end", "cannot be read", "has the sha256")
        gone = any(words in result.log for words in told)
        assert result.exit_status in ({0, 1, 3} if gone else {0, 3}), f"{case}\n{result.log}"
        if result.exit_status:
            assert "\nWhy: " in result.annotations[-1].message, case
            assert "\nFix: " in result.annotations[-1].message, case
            assert "defect" not in result.log, case
    undo()
    result = run(environ)
    assert result.exit_status == 0, f"something remains\n{result.log}"
