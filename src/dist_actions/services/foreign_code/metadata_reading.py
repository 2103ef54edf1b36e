"""Read a project's name and version from its build backend, which is other people's code.

It runs in a process group of its own that knows no credential of the job, for a limited time.
What it prints is text for the log, nothing more.
"""

import json
import os
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from dist_actions.errors import BuildError
from dist_actions.services.foreign_code.own_process import run_module
from dist_actions.services.foreign_code.scrubbing import without_credentials
from dist_actions.versions.built import MetadataReader
from dist_actions.versions.project_files import ProjectFiles

#: Enough to install build requirements over a slow line; nothing is compiled for metadata.
_TIMEOUT_SECONDS = 300


def metadata_reader(
    environ: Mapping[str, str],
    log: Callable[[str], None],
    timeout_seconds: float = _TIMEOUT_SECONDS,
) -> MetadataReader:
    """Ask the backend when called, in the project's own isolated environment."""

    def read(project: ProjectFiles) -> tuple[str, str]:
        log("Asking the build backend for the version …")
        with tempfile.TemporaryDirectory(prefix="dist-actions-") as folder:
            answer_file = Path(folder, "answer.json")
            try:
                printed = run_module(
                    __name__,
                    str(project.folder.absolute()),
                    str(answer_file),
                    environ=without_credentials(environ),
                    timeout_seconds=timeout_seconds,
                )
            except TimeoutError as error:
                raise _refuse(f"it was not done after {timeout_seconds:g} s") from error
            if printed.strip():
                log(printed.rstrip())
            return _open(answer_file)

    return read


def main(arguments: Sequence[str]) -> int:
    """Ask the backend of the folder (first argument), and write its answer (second argument)."""
    from dist_actions.services.foreign_code.backend import Backend  # noqa: PLC0415 - the other side needs no build

    folder, answer_file = map(Path, arguments)
    try:
        name, version = Backend(folder, os.environ, {}, _print).metadata()
        answer = {"name": name, "version": version}
    except BuildError as error:
        answer = {"what": error.what}
    answer_file.write_text(json.dumps(answer), encoding="utf-8")
    return 0


def _print(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _open(answer_file: Path) -> tuple[str, str]:
    try:
        answer = json.loads(answer_file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _refuse("it ended the process that asked it") from error
    if "what" in answer:
        raise BuildError(
            answer["what"],
            why="the project does not build from a clean checkout, or its build requirements "
            "cannot be installed.",
            fix="run `python -m build` in a fresh clone; the log above holds its whole output.",
            anchor="build-failed",
        )
    return str(answer["name"]), str(answer["version"])


def _refuse(reason: str) -> BuildError:
    return BuildError(
        f"The build backend failed: {reason}.",
        why="building needs more than a clean checkout and its build requirements.",
        fix="name the version by version-file and version-pattern, or write it in pyproject.toml.",
        anchor="build-failed",
    )
