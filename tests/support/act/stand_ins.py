"""Runs a stand-in as the runner does: by its `action.yml`, in a workspace of its own."""

import os
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from dist_sandbox.rehearse.actions.replaced import STAND_INS_FOLDER
from dist_sandbox.rehearse.workflows.files import parse_yaml
from support.act.fixtures import ActSandbox

_INPUT = re.compile(r"\$\{\{ inputs\.([a-z-]+) \}\}")
_ANNOTATION = re.compile(r"^::(error|warning|notice)(?: title=(\w+))?::(.*)$", re.MULTILINE)
_RUN_ID = 7


@dataclass(frozen=True)
class Outcome:
    """What a stand-in did.

    Attributes:
        annotations: Level, title and text of each.
    """

    succeeded: bool
    annotations: list[tuple[str, str, str]]
    outputs: dict[str, str]


@dataclass
class Job:
    """A job of the sandbox's repository, for the commit that its clone has checked out."""

    act_sandbox: ActSandbox
    folder: Path
    environ: dict[str, str] = field(default_factory=dict)

    @property
    def workspace(self) -> Path:
        return self.folder / "workspace"

    def run(self, stand_in: str, **inputs: str) -> Outcome:
        """Run one; the inputs are written with `_` for `-`."""
        metadata = parse_yaml(stand_in, (STAND_INS_FOLDER / stand_in / "action.yml").read_text())
        values = {name: str(row.get("default", "")) for name, row in metadata["inputs"].items()}
        values |= {name.replace("_", "-"): value for name, value in inputs.items()}
        (step,) = metadata["runs"]["steps"]
        environ = self._environ(STAND_INS_FOLDER / stand_in)
        for name, text in step["env"].items():
            environ[name] = _INPUT.sub(lambda match: self._evaluate(values[match[1]]), text)
        done = subprocess.run(
            ["bash", "-c", step["run"]],
            cwd=self.workspace,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
        )
        assert not done.stderr, done.stderr
        lines = Path(environ["GITHUB_OUTPUT"]).read_text().splitlines()
        return Outcome(
            done.returncode == 0,
            _ANNOTATION.findall(done.stdout),
            dict(line.split("=", 1) for line in lines),
        )

    def _evaluate(self, text: str) -> str:
        sandbox = self.act_sandbox.sandbox
        contexts = {"github.token": sandbox.user_token}
        contexts["github.repository"] = sandbox.github_repository
        for name, value in contexts.items():
            text = text.replace(f"${{{{ {name} }}}}", value)
        return text

    def _environ(self, action: Path) -> dict[str, str]:
        self.workspace.mkdir(exist_ok=True)
        sandbox, clone = self.act_sandbox.sandbox, self.act_sandbox.clone
        begun = sandbox.control("PUT", f"runs/{_RUN_ID}", self._run())
        files = {f"GITHUB_{name}": self.folder / name for name in ("OUTPUT", "ENV", "PATH")}
        for file in files.values():
            file.write_text("")
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "GITHUB_ACTION_PATH": str(action),
            "GITHUB_WORKSPACE": str(self.workspace),
            "GITHUB_SERVER_URL": sandbox.server_url,
            "GITHUB_REPOSITORY": sandbox.github_repository,
            "GITHUB_REF": "refs/heads/dev",
            "GITHUB_SHA": clone.run("rev-parse", "HEAD").strip(),
            "GITHUB_RUN_ID": str(_RUN_ID),
            "RUNNER_TEMP": str(self.folder / "temp"),
            "RUNNER_TOOL_CACHE": str(self.folder / "tools"),
            "ACTIONS_RESULTS_URL": str(sandbox.ready["artifacts_url"]),
            "ACTIONS_RUNTIME_TOKEN": str(begun["runtime_token"]),
            **{name: str(file) for name, file in files.items()},
            **self.environ,
        }

    def _run(self) -> dict[str, object]:
        sha = self.act_sandbox.clone.run("rev-parse", "HEAD").strip()
        path = ".github/workflows/w.yml"
        description = {"path": path, "event": "push", "ref": "refs/heads/dev", "sha": sha}
        return {**description, "actor": "developer", "number": 1, "jobs": []}
