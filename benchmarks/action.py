"""Run an action's real entrypoint as its `action.yml` does, in the environment of a runner."""

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.sandbox import Sandbox
from benchmarks.toolbox import Toolbox, run_timed

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class ActionRun:
    """One finished run of an action."""

    seconds: float
    outputs: Mapping[str, str]


@dataclass(frozen=True)
class Job:
    """Where an action runs.

    Attributes:
        folder: Holds the runner's files.
        tool_cache: `RUNNER_TOOL_CACHE`, where the action keeps its environment.
        workspace: The checkout.
        variables: The runner's description of the event and of GitHub's addresses.
        uv: Whether uv is on PATH.
    """

    toolbox: Toolbox
    folder: Path
    tool_cache: Path
    workspace: Path
    variables: Mapping[str, str]
    uv: bool = False

    def run(self, action: str, inputs: Mapping[str, str], **environ: str) -> ActionRun:
        """Run `ACTION/main.py` and read its outputs.

        Raises:
            CommandFailedError: The action failed.
        """
        with tempfile.TemporaryDirectory(dir=self.folder) as scratch:
            outputs = Path(scratch, "output")
            variables = {
                **self.variables,
                "GITHUB_ACTIONS": "true",
                "GITHUB_OUTPUT": str(outputs),
                "GITHUB_STEP_SUMMARY": str(Path(scratch, "summary")),
                "GITHUB_WORKSPACE": str(self.workspace),
                "RUNNER_ENVIRONMENT": "github-hosted",
                "RUNNER_TOOL_CACHE": str(self.tool_cache),
                "RUNNER_TEMP": scratch,
                **{
                    f"INPUT_{name.upper().replace('-', '_')}": value
                    for name, value in inputs.items()
                },
                **environ,
            }
            command = ["python3", "-I", ROOT / action / "main.py"]
            process = run_timed(
                command, self.toolbox.environ(uv=self.uv, **variables), cwd=self.workspace
            )
            return ActionRun(process.seconds, _parse_outputs(outputs.read_text(encoding="utf-8")))


def runner_variables(sandbox: Sandbox, ref: str, sha: str, folder: Path) -> dict[str, str]:
    """Return what a runner says about a push of `ref` in the sandbox's repository."""
    event = folder / "event.json"
    event.write_text(json.dumps({"ref": ref, "after": sha, "deleted": False}), encoding="utf-8")
    ready = sandbox.ready
    return {
        "GITHUB_API_URL": ready["github_api_url"],
        "GITHUB_SERVER_URL": ready["github_server_url"],
        "GITHUB_REPOSITORY": ready["repository"],
        "GITHUB_EVENT_NAME": "push",
        "GITHUB_EVENT_PATH": str(event),
        "GITHUB_REF": ref,
        "GITHUB_SHA": sha,
        **ready["service_variables"],
    }


def app_inputs(sandbox: Sandbox, slug: str) -> dict[str, str]:
    """Return the inputs by which an action acts as an App."""
    app = sandbox.app(slug)
    key = Path(app["private_key_file"]).read_text(encoding="utf-8")
    return {"client-id": app["client_id"], "private-key": key}


def _parse_outputs(text: str) -> dict[str, str]:
    """Read `GITHUB_OUTPUT`: blocks of `NAME<<DELIMITER`, lines, `DELIMITER`."""
    outputs: dict[str, str] = {}
    lines = iter(text.splitlines())
    for line in lines:
        name, _, delimiter = line.partition("<<")
        value = []
        for inner in lines:
            if inner == delimiter:
                break
            value.append(inner)
        outputs[name] = "\n".join(value)
    return outputs
