"""Run an action's real entrypoint as a subprocess in a bare environment against a sandbox.

    def test_creates_a_tag(run_stage, project):
        result = run_stage("auto-tag", app_inputs(sandbox), workspace=checkout)
        assert (result.exit_status, result.outputs["created"]) == (0, "true")
        assert result.calls == ("GET git/matching-refs/tags/v1.0.0-dev", …)

`run_stage` maps inputs into the environment as the action's own `action.yml` does, defaults
included. After every run it asserts that no secret is in the log, the outputs, the summary or a
file left behind, that no installation token is alive, and that the runner obeys nothing in the log
but our own annotations and masks.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from dist_sandbox.server.request_log import LoggedRequest
from support.paths import ROOT
from support.sandbox.fixtures import Sandbox
from support.stages.action_inputs import DOCKER_ACTION, action_file, mapped_inputs
from support.stages.job_variables import machine_variables, used_variables
from support.stages.leaks import find_leaking_files, find_leaks, masked_forms, secrets_of
from support.stages.runner_model import (
    Annotation,
    Command,
    find_annotations,
    find_commands,
    parse_file_commands,
    runner_files,
)
from support.stages.warm_stages import PIPE_BYTES, ForkedRun, WarmStages

#: Kept from run to run: making an environment takes seconds.
TOOL_CACHE = ROOT / "build" / "tool-cache"
_TIMEOUT_SECONDS = 120
_OUR_COMMANDS = {"notice", "warning", "error", "add-mask", "stop-commands"}


@dataclass(frozen=True)
class StageResult:
    """What a run of a stage left behind.

    Attributes:
        requests: What reached the sandbox during the run.
        commands: What the runner would obey in the log.
        variables: What the job's next steps have in their environment.
        peak_bytes: The most memory that it and its children had; 0 where it is not known.
    """

    exit_status: int
    outputs: Mapping[str, str]
    annotations: tuple[Annotation, ...]
    summary: str
    log: str
    requests: tuple[LoggedRequest, ...]
    commands: tuple[Command, ...]
    variables: Mapping[str, str] = field(default_factory=dict)
    peak_bytes: int = 0

    @property
    def calls(self) -> tuple[str, ...]:
        """List the requests as `METHOD path`; GitHub's without the repository's address."""
        return tuple(f"{request.method} {_shown_path(request.path)}" for request in self.requests)

    @property
    def statuses(self) -> tuple[int, ...]:
        """List what the sandbox answered, in order."""
        return tuple(request.status for request in self.requests)

    @property
    def changes(self) -> tuple[str, ...]:
        """Return the calls that changed something."""
        changed = (request.changed for request in self.requests)
        return tuple(
            call for call, changes_state in zip(self.calls, changed, strict=True) if changes_state
        )

    @property
    def annotation(self) -> Annotation:
        """Return the only annotation."""
        assert len(self.annotations) == 1, self.log
        return self.annotations[0]


@dataclass
class RunningStage:
    """A stage's process, to be waited for or ended."""

    process: "subprocess.Popen[str] | ForkedRun"
    runner: "StageRunner"
    folder: Path
    workspace: Path
    secrets: list[str] = field(repr=False)
    first_request: int

    def finish(self, *, expect_revoked: bool = True) -> StageResult:
        """Wait for the process, check what it left behind, and describe it."""
        log, _ = self.process.communicate(timeout=_TIMEOUT_SECONDS)
        assert self.process.returncode is not None
        commands = find_commands(log)
        result = StageResult(
            exit_status=self.process.returncode,
            outputs=parse_file_commands(_read(self.folder / "output")),
            annotations=tuple(find_annotations(commands)),
            summary=_read(self.folder / "summary"),
            log=log,
            requests=tuple(self.runner.requests(self.first_request)),
            commands=tuple(commands),
            variables=parse_file_commands(_read(self.folder / "env")),
            peak_bytes=getattr(self.process, "peak_bytes", 0),
        )
        self._refuse_leaks(result)
        if expect_revoked and self.runner.sandbox is not None:
            assert self.runner.live_tokens() == 0, f"a token is alive\n{log}"
        return result

    def _refuse_leaks(self, result: StageResult) -> None:
        issued = self.runner.sandbox.credentials.values if self.runner.sandbox else set()
        secrets = [*self.secrets, *(issued - self.runner.older)]
        lines = [line for line in result.log.splitlines() if not line.startswith("::add-mask::")]
        text = "\n".join([*lines, *result.outputs.values(), result.summary])
        assert find_leaks(text, secrets) == []
        # The one file that is made to hold a credential: what `login` hands over.
        handed_over = result.variables.get("NETRC")
        leaking = find_leaking_files([self.folder], secrets)
        assert [file for file in leaking if file != handed_over] == []
        strange = [command for command in result.commands if command.name not in _OUR_COMMANDS]
        assert strange == [], result.log
        masks = {command.data for command in result.commands if command.name == "add-mask"}
        # A JWT that was signed in the same second was there before.
        strange_masks = masks - masked_forms(secrets)
        assert not strange_masks or strange_masks <= masked_forms(issued), (
            "something is masked that is no credential"
        )


@dataclass
class StageRunner:
    """Starts stages; call it to run one to its end.

    Attributes:
        warm: Loaded stages, from which runs are forked; without it each one starts from nothing.
        older: Credentials that passed by before the run before this one began; later ones count as
            this one's, since a test may prepare some.
    """

    sandbox: Sandbox | None
    folder: Path
    warm: WarmStages | None = None
    runs: int = 0
    older: frozenset[str] = field(default=frozenset(), repr=False)
    _passed: frozenset[str] = field(default=frozenset(), repr=False)

    def __call__(
        self,
        action: str,
        inputs: Mapping[str, str] | None = None,
        *,
        expect_revoked: bool = True,
        **options: Any,
    ) -> StageResult:
        """Run an action's entrypoint; the options are those of `start`."""
        return self.start(action, inputs, **options).finish(expect_revoked=expect_revoked)

    def start(
        self,
        action: str,
        inputs: Mapping[str, str] | None = None,
        *,
        workspace: Path,
        event: str = "push",
        ref: str = "refs/heads/dev",
        sha: str | None = None,
        payload: Mapping[str, Any] | None = None,
        permissions: Mapping[str, str] | None = None,
        environment: str = "",
        environ: Mapping[str, str] | None = None,
        python: str = sys.executable,
        skew_seconds: float | None = None,
    ) -> RunningStage:
        """Start an action's entrypoint.

        Args:
            action: Its folder: `auto-tag`; or `publish`, the Docker action, by the command that
                is its image's entrypoint.
            inputs: By their names in `action.yml`; what is missing has its default.
            workspace: The checkout.
            event: Name of the event.
            ref: Full name of the ref that the run is for.
            sha: Commit of the run; what is checked out where it is not given.
            payload: The event file.
            permissions: Of the job; `contents: read` where not given. With `id-token` the run
                gets the address of the sandbox's ID tokens.
            environment: The job's GitHub Environment, for the claims of ID tokens.
            environ: Variables on top; an empty value removes one.
            python: The interpreter that the runner would start.
            skew_seconds: How far the run's clock is ahead of the sandbox's, whose time passes at
                once where the run waits; None for the machine's clock.
        """
        self.runs += 1
        folder = self.folder / f"run-{self.runs}"
        for name in ("home", "temp"):
            (folder / name).mkdir(parents=True)
        (folder / "event.json").write_text(json.dumps(payload or {}), encoding="utf-8")
        sha = head_of(workspace) if sha is None else sha
        permissions = {"contents": "read"} if permissions is None else permissions
        job = self._job(permissions, event_name=event, ref=ref, sha=sha, name=action)
        all_inputs = dict(inputs or {})
        if "github-token" in action_file(action)["inputs"]:
            all_inputs.setdefault("github-token", str(job.get("token") or ""))
        variables = {
            **machine_variables(folder, TOOL_CACHE),
            **runner_files(folder, workspace),
            **self._github(event, ref, sha),
            **self._services(job, environment),
            **mapped_inputs(action, all_inputs),
            **(environ or {}),
        }
        first = 0 if self.sandbox is None else self.sandbox.world.requests.last_number()
        self.older = self._passed
        self._passed = frozenset(self.sandbox.credentials.values if self.sandbox else ())
        process = self._begin(
            action,
            python,
            workspace,
            {key: value for key, value in variables.items() if value},
            environ or {},
            skew_seconds,
        )
        secrets = [*secrets_of(all_inputs), str(job.get("oidc_request_token") or "")]
        return RunningStage(process, self, folder, workspace, secrets, first)

    def _begin(
        self,
        action: str,
        python: str,
        workspace: Path,
        variables: Mapping[str, str],
        changed: Mapping[str, str],
        skew_seconds: float | None,
    ) -> "subprocess.Popen[str] | ForkedRun":
        warm = self.warm and self.warm.find(action, python, variables, changed)
        if warm:
            used = used_variables(action, variables, changed)
            return warm.start(workspace, used, self._clock(skew_seconds))
        assert skew_seconds is None, "the first run of an action has the machine's clock"
        return subprocess.Popen(
            _command(action, python),
            cwd=workspace,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="surrogateescape",
            pipesize=PIPE_BYTES,
        )

    def _clock(self, skew_seconds: float | None) -> dict[str, object] | None:
        if skew_seconds is None or self.sandbox is None:
            return None
        world = self.sandbox.world
        address = f"{world.addresses.control}/clock"
        return {"address": address, "token": world.control_token, "skew_seconds": skew_seconds}

    def requests(self, after: int) -> list[LoggedRequest]:
        """List what reached the sandbox after a request's number."""
        return [] if self.sandbox is None else self.sandbox.world.requests.since(after)

    def live_tokens(self) -> int:
        """Count the installation tokens that would still be accepted."""
        assert self.sandbox is not None
        world = self.sandbox.world
        return len(world.github.tokens.live(now=world.clock.now()))

    def _job(self, permissions: Mapping[str, str], **described: Any) -> dict[str, Any]:
        if self.sandbox is None:
            return {"token": "no-sandbox-no-token"}
        return self.sandbox.job(dict(permissions), **described)

    def _github(self, event: str, ref: str, sha: str) -> dict[str, str]:
        addresses = None if self.sandbox is None else self.sandbox.world.addresses
        full_name = "nobody/nothing" if self.sandbox is None else self.sandbox.repository.full_name
        return {
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": addresses.github_api if addresses else "http://127.0.0.1:9",
            "GITHUB_SERVER_URL": addresses.github_server if addresses else "http://127.0.0.1:9",
            "GITHUB_REPOSITORY": full_name,
            "GITHUB_EVENT_NAME": event,
            "GITHUB_REF": ref,
            "GITHUB_REF_NAME": ref.split("/", 2)[-1],
            "GITHUB_SHA": sha,
            "GITHUB_ACTOR": "developer",
            "GITHUB_RUN_ID": "7",
            "GITHUB_RUN_ATTEMPT": "1",
        }

    def _services(self, job: Mapping[str, Any], environment: str) -> dict[str, str]:
        if self.sandbox is None:
            return {}
        variables = dict(self.sandbox.world.addresses.service_variables)
        if job.get("oidc_request_token"):
            query = f"&environment={environment}" if environment else ""
            variables["ACTIONS_ID_TOKEN_REQUEST_URL"] = f"{job['oidc_request_url']}{query}"
            variables["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] = job["oidc_request_token"]
        return variables


@pytest.fixture(scope="session")
def warm_stages() -> Iterator[WarmStages]:
    """The stages that this session has loaded."""
    stages = WarmStages(TOOL_CACHE)
    yield stages
    stages.close()


@pytest.fixture
def run_stage(sandbox: Sandbox, tmp_path: Path, warm_stages: WarmStages) -> StageRunner:
    """Runs an action's entrypoint against the sandbox; see `StageRunner.start`."""
    return StageRunner(sandbox, tmp_path / "stages", warm_stages)


@pytest.fixture
def run_stage_alone(tmp_path: Path, warm_stages: WarmStages) -> StageRunner:
    """Runs an action's entrypoint with no service at hand: for what must be decided offline."""
    return StageRunner(None, tmp_path / "stages", warm_stages)


def app_inputs(sandbox: Sandbox, slug: str = "automation-bot", **more: str) -> dict[str, str]:
    """Return the inputs that name one of the sandbox's Apps."""
    app = sandbox.app(slug)
    key = app.private_key_file.read_text(encoding="ascii")
    return {"client-id": app.client_id, "private-key": key, **more}


def head_of(workspace: Path) -> str:
    """Return the commit that is checked out, or zeros."""
    process = subprocess.run(
        ["git", "-c", "safe.directory=*", "rev-parse", "HEAD"],
        cwd=workspace,
        capture_output=True,
        text=True,
        check=False,
    )
    return process.stdout.strip() if process.returncode == 0 else "0" * 40


def _command(action: str, python: str) -> list[str]:
    if action != DOCKER_ACTION:
        return [python, "-I", str(ROOT / action / "main.py")]
    start = (
        f"import sys; sys.path.insert(0, {str(ROOT / 'src')!r}); from dist_actions.cli import main"
    )
    return [python, "-I", "-c", f"{start}; sys.exit(main([{action!r}]))"]


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8") if file.is_file() else ""


def _shown_path(path: str) -> str:
    """Shorten a GitHub path: no prefix, numbers or SHAs of the moment."""
    path = re.sub(r"^/api/v3/", "", path)
    path = re.sub(r"^repos/[^/]+/[^/]+/", "", path)
    path = re.sub(r"\b[0-9a-f]{40}\b", "SHA", path)
    return re.sub(r"installations/\d+", "installations/ID", path)
