"""A project's build backend, driven by `build` in an isolated environment.

Backends are other people's code: they get no credential of the job, and what they print reaches the
log only through the given `log`.
Spec: https://peps.python.org/pep-0517/
"""

import importlib.util
import itertools
import os
import re
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from email.parser import HeaderParser
from pathlib import Path
from typing import Literal

from build import BuildBackendException, BuildException, ProjectBuilder
from build.env import DefaultIsolatedEnv

from dist_actions.errors import BuildError
from dist_actions.job.installer_settings import variables_for_uv
from dist_actions.services.foreign_code.pip_configuration import read_pip_configurations
from dist_actions.services.foreign_code.scrubbing import without_credentials

Log = Callable[[str], None]

#: Lines by which installers, compilers and git say what went wrong.
_ERROR = re.compile(r"\s*(error|fatal)\b", re.IGNORECASE)

_TIMEOUT_SECONDS = 1800


class Backend:
    """The build backend of one source tree, in an environment that lasts for one `with`.

    Args:
        source: The project's folder.
        environ: The job's environment; what may hold a credential is taken out.
        variables: Set on top for the backend, such as a pinned version. Installers do not see them:
            a build requirement that must be built itself has a version of its own.
        log: Receives what the backend prints.
    """

    def __init__(
        self, source: Path, environ: Mapping[str, str], variables: Mapping[str, str], log: Log
    ) -> None:
        self._source = source
        self._environ = without_credentials(environ)
        self._installers_environ = _installers_environ(environ, self._environ)
        self._variables = variables
        self._log = log

    def metadata(self) -> tuple[str, str]:
        """Read name and version as the backend would write them into a wheel.

        Raises:
            BuildError: The backend failed.
        """
        with self._builder("wheel") as builder, tempfile.TemporaryDirectory() as folder:
            path = Path(builder.metadata_path(folder), "METADATA")
            headers = HeaderParser().parsestr(path.read_text(encoding="utf-8"))
        return str(headers["Name"]), str(headers["Version"])

    def build(self, distribution: Literal["sdist", "wheel"], folder: Path) -> Path:
        """Build one distribution into `folder` and return its path.

        Raises:
            BuildError: The backend failed, or made no file.
        """
        with self._builder(distribution) as builder:
            path = Path(builder.build(distribution, folder))
        if not path.is_file():
            raise _no_file(distribution, path.name)
        return path

    @contextmanager
    def _builder(self, distribution: Literal["sdist", "wheel"]) -> Iterator[ProjectBuilder]:
        try:
            with (
                _logged_warnings(self._log),
                _process_environment(self._installers_environ),
                DefaultIsolatedEnv(installer=_installer(self._environ)) as env,
            ):
                builder = ProjectBuilder.from_isolated_env(env, self._source, self._run)
                env.install(builder.build_system_requires)
                env.install(builder.get_requires_for_build(distribution))
                yield builder
        except (BuildException, BuildBackendException, subprocess.SubprocessError) as error:
            raise self._failure(error) from error

    def _run(
        self,
        cmd: Sequence[str],
        cwd: str | None = None,
        extra_environ: Mapping[str, str] | None = None,
    ) -> None:
        result = subprocess.run(
            cmd,
            cwd=cwd,
            env={**self._environ, **self._variables, **(extra_environ or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=_TIMEOUT_SECONDS,
            check=False,
        )
        if result.stdout.strip():
            self._log(result.stdout.rstrip())
        if result.returncode:
            raise subprocess.CalledProcessError(result.returncode, cmd, output=result.stdout)

    def _failure(self, error: Exception) -> BuildError:
        cause = error.exception if isinstance(error, BuildBackendException) else error
        output = ""
        if isinstance(cause, subprocess.CalledProcessError):
            output = cause.output
            if isinstance(output, bytes):  # an installer's, which nothing has shown yet
                output = (output + (cause.stderr or b"")).decode("utf-8", errors="replace")
                self._log(output.rstrip())
        reason = find_reason(output) or str(error)
        return BuildError(
            f"The build backend failed: {reason.rstrip('.')}.",
            why="the project does not build from a clean checkout, or its build requirements "
            "cannot be installed.",
            fix="run `python -m build` in a fresh clone; the log above holds its whole output.",
            anchor="build-failed",
        )


def _no_file(distribution: str, name: str) -> BuildError:
    return BuildError(
        f"The build backend made no {distribution}: it named {name!r}, which is not there.",
        why="it ended as if it had built it, which is a fault of the backend.",
        fix="run `python -m build` in a fresh clone; try another version of the backend.",
        anchor="build-failed",
    )


def find_reason(output: str) -> str:
    """Find the line of a failed program's output that says why; empty where it printed nothing."""
    lines = [line.rstrip() for line in output.splitlines() if line.strip()]
    errors = [number for number, line in enumerate(lines) if _ERROR.match(line)]
    if not errors:
        return lines[-1].strip() if lines else ""
    error, *rest = lines[errors[-1] :]
    causes = itertools.takewhile(lambda line: line.lstrip().startswith("cause:"), rest)
    return "; ".join(line.strip() for line in (error, *causes))


def _installers_environ(environ: Mapping[str, str], scrubbed: Mapping[str, str]) -> dict[str, str]:
    """Return what the installers of build requirements see.

    That is where the job's requirements come from and with which reader's credential: uv reads
    neither pip's variables nor its files, and the credential stands in the file that NETRC names.
    """
    texts = read_pip_configurations(scrubbed).values()
    variables = variables_for_uv(scrubbed, texts, Path.cwd())
    links = variables.get("UV_FIND_LINKS", "").split(",")
    # uv stops at a folder that does not exist, and pip goes on.
    present = [link for link in links if "://" in link or (link and Path(link).exists())]
    variables["UV_FIND_LINKS"] = ",".join(present)
    netrc = {"NETRC": environ["NETRC"]} if environ.get("NETRC") else {}
    return {**scrubbed, **{name: value for name, value in variables.items() if value}, **netrc}


def _installer(environ: Mapping[str, str]) -> Literal["pip", "uv"]:
    """Choose the faster uv where `build` can find it, else pip."""
    on_path = shutil.which("uv", path=environ.get("PATH", ""))
    return "uv" if on_path or importlib.util.find_spec("uv") else "pip"


@contextmanager
def _logged_warnings(log: Log) -> Iterator[None]:
    """Send the backend's warnings to the log too; on stderr the runner would obey their text."""
    with warnings.catch_warnings(record=True) as records:
        warnings.simplefilter("always")
        try:
            yield
        finally:
            for record in records:
                log(f"{record.category.__name__}: {record.message}")


@contextmanager
def _process_environment(environ: Mapping[str, str]) -> Iterator[None]:
    """Let the installers that `build` starts see `environ` alone."""
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(environ)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
