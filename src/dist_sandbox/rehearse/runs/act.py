"""Run one workflow file with act, in host mode or in containers.

It knows act and nothing of the sandbox: what a workflow may do was decided before.
"""

import json
import re
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from dist_sandbox.rehearse.actions.replaced import STAND_INS
from dist_sandbox.rehearse.actions.sources import DIST_ACTIONS
from dist_sandbox.rehearse.runs.act_output import ActOutput, Progress
from dist_sandbox.rehearse.runs.masks import Masks
from dist_sandbox.rehearse.runs.result import RunResult
from dist_sandbox.rehearse.toolchain import Toolchain, clean_environ, container_environ
from dist_sandbox.rehearse.workflows.compilation import RUNNER_LABEL, CompiledWorkflow
from dist_sandbox.rehearse.workflows.triggers import TriggerEvent

#: The repositories whose files may be links.
_LINKED = (f"{DIST_ACTIONS}@", f"{STAND_INS}@")
_SCHEMA_PROBLEM = re.compile(
    r"Line: (\d+) Column (\d+): ((?:Unknown|Expected|Unexpected|Required)[^\n]*)"
)


@dataclass(frozen=True)
class ActRun:
    """One run of one workflow.

    Attributes:
        workflow: The compiled workflow, with the folders of its actions.
        job_ids: Its jobs.
        event: What the workflow runs for.
        env: Variables of every step, `GITHUB_API_URL` among them.
        secrets: Secrets by the name that the workflow uses.
        job_names: What jobs are called, where that is not their ID.
    """

    workflow: CompiledWorkflow
    job_ids: tuple[str, ...]
    event: TriggerEvent
    env: Mapping[str, str] = field(repr=False)
    secrets: Mapping[str, str] = field(repr=False)
    job_names: Mapping[str, str] = field(default_factory=dict)


def run_act(
    run: ActRun,
    toolchain: Toolchain,
    *,
    folder: Path,
    masks: Masks,
    on_progress: Callable[[Progress], None] = lambda _: None,
    on_interrupted: Callable[[RunResult], None] = lambda _: None,
) -> RunResult:
    """Run a workflow to its end.

    act's working files are made in `folder` and removed at the end; the run's own secrets are added
    to the masks. Jobs on this machine run inside the toolchain's walls. Where this process is
    interrupted, `on_interrupted` gets what there is of the result.
    """
    for secret in run.secrets.values():
        masks.add(secret)
    began, started = time.time(), time.monotonic()
    output = ActOutput(run.job_ids, masks, run.job_names)

    def finish(*, succeeded: bool, error: str = "") -> RunResult:
        seconds = time.monotonic() - started
        return output.result(succeeded=succeeded, error=error, seconds=seconds, began=began)

    with tempfile.TemporaryDirectory(dir=folder.resolve(), ignore_cleanup_errors=True) as work:
        command = _write_files(run, toolchain, Path(work))
        environ = clean_environ(toolchain, Path(work))
        if toolchain.walls is not None and not toolchain.image:
            command = toolchain.walls.enclose(
                command,
                environ,
                work=Path(work),
                readable=_readable_folders(run, toolchain),
            )
        with (Path(work) / "stderr").open("w+") as stderr:
            try:
                status = _stream(command, environ, stderr, output, on_progress)
            except BaseException:
                on_interrupted(finish(succeeded=False))
                raise
            stderr.seek(0)
            messages = _plain_lines(stderr.read())
    return finish(succeeded=status == 0, error=messages)


def validate(text: str, toolchain: Toolchain, *, folder: Path) -> str:
    """Check a workflow file by act's copy of GitHub's schema; return its complaint, if any."""
    with tempfile.TemporaryDirectory(dir=folder.resolve()) as work:
        file = Path(work) / "workflow.yml"
        file.write_text(text, encoding="utf-8")
        completed = subprocess.run(
            # Without a token act would ask gh for the user's.
            [
                *(str(toolchain.act), "--validate", "--strict", "--secret", "GITHUB_TOKEN="),
                *("-W", str(file), "-C", work),
            ],
            env=clean_environ(toolchain, Path(work)),
            capture_output=True,
            text=True,
            check=False,
        )
    return "" if completed.returncode == 0 else _schema_problem(completed.stderr)


def _stream(
    command: list[str],
    environ: Mapping[str, str],
    stderr: IO[str],
    output: ActOutput,
    on_progress: Callable[[Progress], None],
) -> int:
    """Start act and read its output to the end; terminate it where this process is interrupted."""
    with subprocess.Popen(
        command,
        env=dict(environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=stderr,
        encoding="utf-8",
        errors="replace",
    ) as process:
        try:
            assert process.stdout is not None  # noqa: S101 - PIPE was asked for
            for line in process.stdout:
                for progress in output.feed(line, time.time()):
                    on_progress(progress)
        except BaseException:
            process.terminate()
            raise
        return process.wait()


def _write_files(run: ActRun, toolchain: Toolchain, work: Path) -> list[str]:
    """Write act's input files, and return its command; no value of theirs is an argument."""
    # `SHA_REF` is act's own name for what becomes `github.sha`.
    refs = {"SHA_REF": run.event.sha, "GITHUB_REF": run.event.ref}
    for name, content in (
        ("workflow.yml", run.workflow.text),
        ("event.json", json.dumps({**run.event.payload, "ref": run.event.ref})),
        # act takes JSON here for the YAML that it is: any character may stand in a value.
        ("secrets.yml", json.dumps(dict(run.secrets))),
        ("env.yml", json.dumps({**run.env, **refs, **_machine_environ(toolchain)})),
    ):
        (work / name).touch(mode=0o600)
        (work / name).write_text(content, encoding="utf-8")
    (work / "work").mkdir()
    if toolchain.shares_tools:
        (work / "cache").mkdir()
        # The place is fixed by act: a link lets it be a folder that outlives the run.
        toolchain.tool_cache.mkdir(parents=True, exist_ok=True)
        (work / "cache" / "tool_cache").symlink_to(toolchain.tool_cache)
    command = [str(toolchain.act), run.event.name, "--json", "--no-cache-server"]
    command += ["-C", str(work / "work"), "-W", str(work / "workflow.yml")]
    command += ["-e", str(work / "event.json"), "--actor", run.event.actor]
    command += ["--secret-file", str(work / "secrets.yml"), "--env-file", str(work / "env.yml")]
    command += ["--action-cache-path", str(work / "cache"), "--rm", "--pull=false"]
    # No job gets the container engine itself.
    command += ["--container-daemon-socket", "-"]
    command += ["--no-skip-checkout"]  # the stand-in checks out, also within other actions
    command += ["-P", f"{RUNNER_LABEL}={toolchain.image or '-self-hosted'}"]
    if toolchain.image and toolchain.gateway:
        certificate = toolchain.gateway["SSL_CERT_FILE"]
        command += ["--container-options", f"--volume={certificate}:{certificate}:ro"]
    for repository, path in run.workflow.local_repositories.items():
        command += ["--local-repository", f"{repository}={path}"]
    return command


def _machine_environ(toolchain: Toolchain) -> dict[str, str]:
    """Return the variables by which a job knows its machine; a tool cache counts on GitHub's."""
    hosted = {"RUNNER_ENVIRONMENT": "github-hosted"} if toolchain.shares_tools else {}
    return {**container_environ(toolchain), **hosted}


def _readable_folders(run: ActRun, toolchain: Toolchain) -> tuple[Path, ...]:
    """List what a run must be able to read: actions, what ours are links to, and the tools."""
    repositories = run.workflow.local_repositories
    linked = {
        entry.resolve()
        for repository, folder in repositories.items()
        if repository.startswith(_LINKED)  # others' links may lead to anything
        for entry in folder.iterdir()
        if entry.is_symlink()
    }
    tools = [toolchain.tool_cache] if toolchain.shares_tools else []
    return (*repositories.values(), *run.workflow.programs, *sorted(linked), *tools)


def _plain_lines(stderr: str) -> str:
    """Keep what act prints outside its records, or the schema's complaint where there is one."""
    lines = [line for line in stderr.splitlines() if line and not line.startswith("{")]
    return _schema_problem("\n".join(lines)) if "is not valid" in stderr else "\n".join(lines)


def _schema_problem(stderr: str) -> str:
    """Extract the schema's first complaint, except about forms that were not meant."""
    problems = [(int(line), int(col), text) for line, col, text in _SCHEMA_PROBLEM.findall(stderr)]
    if not problems:
        return stderr.strip()
    unique = list(dict.fromkeys(problems))
    relevant = [problem for problem in unique if "got mapping" not in problem[2]] or unique
    line, column, text = relevant[0]
    return f"{text} (Line: {line}, Col: {column})"
