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
from typing import IO, Any

from dist_sandbox.rehearse.runs.act_output import ActOutput, Progress
from dist_sandbox.rehearse.runs.masks import Masks
from dist_sandbox.rehearse.runs.result import RunResult
from dist_sandbox.rehearse.toolchain import Toolchain, clean_environ, container_environ
from dist_sandbox.rehearse.workflows.compilation import RUNNER_LABEL

_SCHEMA_ITEM = re.compile(
    r"Line: (\d+) Column (\d+): ((?:Unknown|Expected|Unexpected|Required)[^\n]*)"
)


@dataclass(frozen=True)
class ActRun:
    """One run of one workflow.

    Attributes:
        workflow: The workflow file's text.
        job_ids: Its jobs.
        event_name: What `github.event_name` holds.
        event: What `github.event` holds.
        ref: What `github.ref` holds.
        sha: What `github.sha` holds.
        actor: Who caused the event.
        env: Variables of every step, `GITHUB_API_URL` among them.
        secrets: Secrets by the name that the workflow uses.
        local_repositories: Folder of each `owner/name@ref` that the workflow uses.
    """

    workflow: str = field(repr=False)
    job_ids: tuple[str, ...]
    event_name: str
    event: Mapping[str, Any] = field(repr=False)
    ref: str
    sha: str
    actor: str
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    local_repositories: Mapping[str, Path] = field(default_factory=dict)


def run_act(
    run: ActRun,
    toolchain: Toolchain,
    *,
    folder: Path,
    masks: Masks,
    on_change: Callable[[Progress], None] = lambda _: None,
) -> RunResult:
    """Run a workflow to its end.

    Args:
        run: What to run.
        toolchain: What to run it with.
        folder: An existing folder for act's working files; they are removed at the end.
        masks: What to hide; the run's own secrets and masks are added.
        on_change: Told of each step and job that begins or ends.
    """
    for secret in run.secrets.values():
        masks.add(secret)
    started = time.monotonic()
    output = ActOutput(run.job_ids, masks)
    with tempfile.TemporaryDirectory(dir=folder.resolve(), ignore_cleanup_errors=True) as work:
        command = _write_files(run, toolchain, Path(work))
        environ = clean_environ(toolchain, Path(work))
        with (Path(work) / "stderr").open("w+") as stderr:
            status = _stream(command, environ, stderr, output, on_change)
            stderr.seek(0)
            said = _plain_lines(stderr.read())
    seconds = time.monotonic() - started
    return output.result(succeeded=status == 0, error=said, seconds=seconds)


def validate(text: str, toolchain: Toolchain, *, folder: Path) -> str:
    """What act's copy of GitHub's workflow schema says against a file; empty where it is valid."""
    with tempfile.TemporaryDirectory(dir=folder.resolve()) as work:
        file = Path(work) / "workflow.yml"
        file.write_text(text, encoding="utf-8")
        done = subprocess.run(
            [str(toolchain.act), "--validate", "--strict", "-W", str(file), "-C", work],
            env=clean_environ(toolchain, Path(work)),
            capture_output=True,
            text=True,
            check=False,
        )
    return "" if done.returncode == 0 else _schema_problem(done.stderr)


def _stream(
    command: list[str],
    environ: Mapping[str, str],
    stderr: IO[str],
    output: ActOutput,
    on_change: Callable[[Progress], None],
) -> int:
    """Start act, read it to its end, and end it with us."""
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
                for change in output.feed(line):
                    on_change(change)
        except BaseException:
            process.terminate()
            raise
        return process.wait()


def _write_files(run: ActRun, toolchain: Toolchain, work: Path) -> list[str]:
    """Write act's input files, and return its command; no value of theirs is an argument."""
    env = {**run.env, **_ref_variables(run), **container_environ(toolchain)}
    for name, content in (
        ("workflow.yml", run.workflow),
        ("event.json", json.dumps({**run.event, "ref": run.ref})),
        # act takes JSON here for the YAML that it is: any character may stand in a value.
        ("secrets.yml", json.dumps(dict(run.secrets))),
        ("env.yml", json.dumps(env)),
    ):
        (work / name).touch(mode=0o600)
        (work / name).write_text(content, encoding="utf-8")
    (work / "work").mkdir()
    _link_tool_cache(work / "cache", toolchain.cache)
    command = [str(toolchain.act), run.event_name, "--json", "--no-cache-server"]
    command += ["-C", str(work / "work"), "-W", str(work / "workflow.yml")]
    command += ["-e", str(work / "event.json"), "--actor", run.actor]
    command += ["--secret-file", str(work / "secrets.yml"), "--env-file", str(work / "env.yml")]
    command += ["--action-cache-path", str(work / "cache"), "--rm", "--pull=false"]
    command += ["-P", f"{RUNNER_LABEL}={toolchain.image or '-self-hosted'}"]
    for repository, path in run.local_repositories.items():
        command += ["--local-repository", f"{repository}={path}"]
    return command


def _ref_variables(run: ActRun) -> dict[str, str]:
    """`SHA_REF` is act's own name for what becomes `github.sha`."""
    return {"SHA_REF": run.sha, "GITHUB_REF": run.ref}


def _link_tool_cache(cache: Path, kept: Path) -> None:
    """Let act's tool cache, whose place it fixes, be a folder that outlives the run."""
    tools = kept / "tool-cache"
    tools.mkdir(parents=True, exist_ok=True)
    cache.mkdir()
    (cache / "tool_cache").symlink_to(tools, target_is_directory=True)


def _plain_lines(stderr: str) -> str:
    """What act says outside its records, without the line that only tells the Docker host."""
    lines = [line for line in stderr.splitlines() if line and not line.startswith("{")]
    return _schema_problem("\n".join(lines)) if "is not valid" in stderr else "\n".join(lines)


def _schema_problem(stderr: str) -> str:
    """The schema's own complaints, without those about the forms that were not meant."""
    items = [(int(line), int(col), text) for line, col, text in _SCHEMA_ITEM.findall(stderr)]
    if not items:
        return stderr.strip()
    unique = list(dict.fromkeys(items))
    telling = [item for item in unique if "got mapping" not in item[2]] or unique
    line, column, text = telling[0]
    return f"{text} (Line: {line}, Col: {column})"
