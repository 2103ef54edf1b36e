"""Wait where GitHub would not even start the job: at an environment with protection rules.

Credentials are fetched after the approval, and go to the runner's output file alone.
"""

import json
import os
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from runner import ActionError, read_input, run_action, set_block_output

#: The rehearsal's reviewer decides at once; after this time there is no reviewer.
_LONGEST_SECONDS = 600


def main() -> None:
    """Register the job, wait for the approval, and set the job's credentials as outputs."""
    base = f"{os.environ['ACTIONS_RUNTIME_URL']}/runs/{os.environ['GITHUB_RUN_ID']}/jobs"
    job = {"job": read_input("job"), "environment": read_input("environment")}
    for name, value in _wait(base, _send("POST", base, job)).items():
        set_block_output(name, value)


def _wait(base: str, state: dict[str, Any]) -> dict[str, str]:
    """Wait for the job's credentials.

    Raises:
        ActionError: The deployment was rejected, or nobody decided.
    """
    end = time.monotonic() + _LONGEST_SECONDS
    while time.monotonic() < end:
        if state["state"] == "rejected":
            raise ActionError(state["reason"])
        if state.get("credentials") is not None:
            credentials: dict[str, str] = state["credentials"]
            return credentials
        # The answer waits a moment for a change.
        state = _send("GET", f"{base}/{state['number']}?after={state['revision']}")
    raise ActionError("Nobody reviewed the deployment.")


def _send(method: str, url: str, body: object = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, method=method)  # noqa: S310 - our own server
    request.add_header("Content-Type", "application/json")
    request.add_header("Authorization", f"Bearer {os.environ['ACTIONS_RUNTIME_TOKEN']}")
    with urllib.request.urlopen(request) as response:  # noqa: S310 - our own server
        return json.load(response)


run_action(main)
