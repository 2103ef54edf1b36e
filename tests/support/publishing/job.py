"""A job that publishes a folder of distributions, and the indexes that take them."""

import io
import re
import threading
from collections.abc import Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from dist_actions.publish.main import publish
from dist_actions.services.runner import Runner
from dist_actions.stage import run_stage as run_in_stage
from dist_sandbox.clock import Clock as SandboxClock
from dist_sandbox.google.state import repository_name
from dist_sandbox.organisation import SandboxEnvironment
from dist_sandbox.pypi.state import IndexName
from dist_sandbox.server.request_log import LoggedRequest
from support.projects.releases import PUBLISHING, target_inputs
from support.sandbox.fixtures import Sandbox
from support.stages.action_inputs import mapped_inputs
from support.stages.leaks import find_leaks
from support.stages.running import RunningStage, StageResult, StageRunner

#: Paths of uploads and of pages, for faults.
UPLOAD = r"^/artifact-registry/[^/]+/[^/]+/[^/]+/$"
PYPI_UPLOAD = "^/(test)?pypi/legacy/$"
PAGE = "/simple/"
#: The requests of one publication to Artifact Registry and PyPI, by paths for faults.
POINTS = {
    "the ID token": "^/oidc/token",
    "the exchange": "^/sts/",
    "the impersonation": "^/iam-credentials/",
    "Artifact Registry's page": f"artifact-registry.*{PAGE}",
    "the permissions": ":testIamPermissions",
    "an upload": UPLOAD,
    "PyPI's page": f"^/pypi{PAGE}",
    "PyPI's audience": "/oidc/audience",
    "PyPI's minting": "/mint-token",
    "an upload to PyPI": PYPI_UPLOAD,
}
#: Every request but those that the sandbox's services make of each other.
OURS = r"^/(?!oidc/\.well-known)"


def is_upload(request: LoggedRequest) -> bool:
    """Tell whether a request hands a distribution to an index."""
    return (
        request.method == "POST" and re.search(f"{UPLOAD}|{PYPI_UPLOAD}", request.path) is not None
    )


@dataclass
class SkippedTime:
    """The clock edge of a run: nothing is waited for, and the sandbox's clock goes with it.

    Attributes:
        clock: The sandbox's.
        pauses: What the run would have waited, in seconds.
    """

    clock: SandboxClock
    pauses: list[float] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def now(self) -> datetime:
        """Return the sandbox's time."""
        return self.clock.now()

    def sleep(self, seconds: float) -> None:
        """Let the time pass at once."""
        with self._lock:
            self.pauses.append(seconds)
            self.clock.offset += timedelta(seconds=seconds)


@dataclass
class PublishingJob:
    """A job that publishes what lies in its folder `dist`.

    Attributes:
        log: Of the last run in this process.
    """

    sandbox: Sandbox
    run_stage: StageRunner
    workspace: Path
    runs: int = 0
    log: str = field(default="", repr=False)

    @property
    def dist(self) -> Path:
        """Return the folder."""
        return self.workspace / "dist"

    @property
    def environment(self) -> SandboxEnvironment:
        """Return the GitHub Environment of the job."""
        return self.sandbox.world.environments[0]

    def __call__(self, inputs: Mapping[str, str] | None = None, **options: Any) -> StageResult:
        """Run the action; `inputs` are changes of what the workflow gives."""
        return self.start(inputs, **options).finish()

    def start(self, inputs: Mapping[str, str] | None = None, **options: Any) -> RunningStage:
        """Start the action."""
        described = {
            "workspace": self.workspace,
            "ref": "refs/tags/v0.1.0-dev",
            "sha": self.sandbox.branch_sha("dev"),
            "permissions": PUBLISHING,
            "environment": "dev",
            **options,
        }
        return self.run_stage.start("publish", self.inputs(inputs), **described)

    def inputs(self, changes: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return what the workflow gives; an empty `index` is Artifact Registry alone."""
        all_inputs = dict(changes or {})
        names = all_inputs.get("index", "artifact-registry").split()
        google = target_inputs(self.environment) if "artifact-registry" in names else {}
        return {**google, **all_inputs}

    def indexed(self) -> dict[str, bytes]:
        """Return the files in Artifact Registry."""
        repository = self.sandbox.world.google.repositories[repository_name(self.environment)]
        return {path.name: path.read_bytes() for path in repository.files()}

    def on(self, name: IndexName) -> dict[str, bytes]:
        """Return the files in PyPI or TestPyPI."""
        index = self.sandbox.world.pypi[name]
        names = [file for project in index.projects.values() for file in project.files]
        return {name: (index.folder / name).read_bytes() for name in names}

    def at_hand(self) -> dict[str, bytes]:
        """Return the files to publish."""
        return {path.name: path.read_bytes() for path in self.dist.iterdir()}

    def fault(self, **described: Any) -> None:
        """Let the sandbox fail."""
        self.sandbox.control("POST", "faults", described)

    def pypi_token(self, name: IndexName = "pypi", **described: Any) -> str:
        """Create an API token of a user."""
        return str(self.sandbox.control("POST", f"pypi/{name}/tokens", described)["token"])

    def environ(self, changes: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return the variables of a job, for a run in this process."""
        self.runs += 1
        folder = self.workspace.parent / "here" / str(self.runs)
        folder.mkdir(parents=True)
        job = self.sandbox.job(dict(PUBLISHING), ref="refs/tags/v0.1.0-dev")
        return {
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_NAME": "push",
            "GITHUB_REPOSITORY": self.sandbox.repository.full_name,
            "GITHUB_REF": "refs/tags/v0.1.0-dev",
            "GITHUB_WORKSPACE": str(self.workspace),
            "GITHUB_OUTPUT": str(folder / "output"),
            "GITHUB_STEP_SUMMARY": str(folder / "summary"),
            "ACTIONS_ID_TOKEN_REQUEST_URL": f"{job['oidc_request_url']}&environment=dev",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": str(job["oidc_request_token"]),
            **self.sandbox.world.addresses.service_variables,
            **mapped_inputs("publish", self.inputs(changes)),
        }

    def run_here(
        self, changes: Mapping[str, str] | None = None, clock: SkippedTime | None = None
    ) -> int:
        """Run the stage in this process, with a clock that skips what it waits for."""
        environ, clock = self.environ(changes), clock or SkippedTime(self.sandbox.world.clock)

        def stage(runner: Runner) -> int:
            return publish(environ, runner, clock)

        with redirect_stdout(io.StringIO()) as log:
            status = run_in_stage("publish", environ, stage)
        self.log = log.getvalue()
        log_lines = [line for line in self.log.splitlines() if not line.startswith("::add-mask::")]
        assert find_leaks("\n".join(log_lines), self.sandbox.credentials.values) == []
        return status
