"""A served sandbox as a process of its own, and its control interface."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from benchmarks.toolbox import Toolbox, run_timed

_START_SECONDS = 60
_TIMEOUT_SECONDS = 30


@dataclass(frozen=True)
class Sandbox:
    """A running sandbox.

    Attributes:
        ready: What its ready file holds.
        bare: The bare repository behind its GitHub.
    """

    ready: dict[str, Any]
    bare: Path
    toolbox: Toolbox

    @property
    def server_url(self) -> str:
        """Return the base of all addresses."""
        return str(self.ready["github_server_url"])

    def app(self, slug: str) -> dict[str, Any]:
        """Return one of the organisation's Apps."""
        return next(dict(app) for app in self.ready["apps"] if app["slug"] == slug)

    def environment(self, name: str) -> dict[str, str]:
        """Return one of the environments."""
        environments = self.ready["environments"]
        return next(dict(place) for place in environments if place["name"] == name)

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Use the control interface."""
        url = f"{self.ready['control_url']}/{path}"
        headers = {"Authorization": f"Bearer {self.ready['control_token']}"}
        response = requests.request(
            method, url, json=body, headers=headers, timeout=_TIMEOUT_SECONDS
        )
        response.raise_for_status()
        return response.json() if response.content else None

    def set_latency(self, seconds: float) -> None:
        """Set what every request waits before it is served."""
        self.control("POST", "latency", {"seconds": seconds})

    def count_requests(self) -> int:
        """Count the requests since the last count."""
        count = len(self.control("GET", "requests"))
        self.control("DELETE", "requests")
        return count

    def git(self, *arguments: str, stdin: str | None = None, cwd: Path | None = None) -> str:
        """Run git in the bare repository, or in a clone of it."""
        process = subprocess.run(
            ["git", "-c", "user.name=Bench", "-c", "user.email=bench@example.com", *arguments],
            cwd=cwd or self.bare,
            env=self.toolbox.environ(),
            input=stdin,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return process.stdout.strip()

    def clone(self, folder: Path) -> None:
        """Check the branch dev out, as a job does before the action starts."""
        command = ["git", "clone", "--quiet", "--branch", "dev", self.bare, folder]
        run_timed(command, self.toolbox.environ())


@contextmanager
def serving(folder: Path, project: Path, toolbox: Toolbox) -> Iterator[Sandbox]:
    """Run a sandbox whose branch dev starts with `project`, for as long as the block runs."""
    ready_file, log = folder / "ready.json", folder / "sandbox.log"
    command = [sys.executable, "-m", "dist_sandbox.cli", "serve", "--state", str(folder / "state")]
    command += ["--ready-file", str(ready_file), "--project", str(project)]
    with log.open("wb") as stream:
        process = subprocess.Popen(command, stdout=stream, stderr=subprocess.STDOUT)
    try:
        ready = _wait_until_ready(process, ready_file, log)
        name = str(ready["repository"]).partition("/")[2]
        bare = folder / "state" / "github" / "repositories" / f"{name}.git"
        yield Sandbox(ready, bare, toolbox)
    finally:
        process.terminate()
        process.wait(_TIMEOUT_SECONDS)


def _wait_until_ready(
    process: "subprocess.Popen[bytes]", ready_file: Path, log: Path
) -> dict[str, Any]:
    deadline = time.monotonic() + _START_SECONDS
    while not ready_file.is_file():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the sandbox did not start: {log.read_text(errors='replace')}")
        time.sleep(0.05)
    return dict(json.loads(ready_file.read_text(encoding="utf-8")))
