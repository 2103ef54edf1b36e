"""Stand-in for `uv python install`: takes a Python of this machine, and downloads none."""

import argparse
import os
import platform
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from python_requirements import Version, fits, numbers
from pythons import find_interpreters, text_of
from runner import StandInLimitError, note_difference, run_action

_VERSION_FILES = (".python-versions", ".python-version")
_NAMES = ("cpython@", "cpython-", "cpython", "python")


def main() -> None:
    """Find each Python that is asked for, and put its program where uv would."""
    arguments = _read_arguments()
    for request in arguments.targets or _read_defaults() or [">=3"]:
        interpreter, version = _find(request)
        name = f"python{version[0]}.{version[1]}"
        managed = Path(
            os.environ["UV_PYTHON_INSTALL_DIR"], f"cpython-{text_of(version)}-{_platform()}"
        )
        for name_of_uv in (name, "python", "python3"):
            _link(interpreter, managed / "bin" / name_of_uv)
        for program in (name, "python", "python3") if arguments.default else (name,):
            _link(interpreter, _programs_folder() / program)
        note_difference(f"Python {text_of(version)} is that of this machine: {interpreter}")


def _read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="uv python install", add_help=False)
    parser.add_argument("targets", nargs="*")
    parser.add_argument("--default", action="store_true")
    for option in (("-i", "--install-dir"), ("--mirror",), ("--pypy-mirror",), ("--color",),
                   ("--python-downloads-json-url",), ("--cache-dir",), ("--directory",),
                   ("--project",), ("--config-file",)):  # fmt: skip
        parser.add_argument(*option)
    arguments, _ = parser.parse_known_intermixed_args()
    arguments.targets = arguments.targets[2:]  # after `python install`
    return arguments


def _read_defaults() -> list[str]:
    """Read which Pythons are wanted where the command names none."""
    if os.environ.get("UV_PYTHON"):
        return os.environ["UV_PYTHON"].split()
    folder = Path.cwd()
    for parent in (folder, *folder.parents):
        for name in _VERSION_FILES:
            if (parent / name).is_file():
                lines = (parent / name).read_text(encoding="utf-8").splitlines()
                return list(_read_lines(lines))
    return []


def _read_lines(lines: list[str]) -> Iterator[str]:
    for line in lines:
        text = line.partition("#")[0].strip()
        if text:
            yield text


def _find(request: str) -> tuple[Path, Version]:
    """Find the newest Python that fits.

    Raises:
        StandInLimitError: This machine has none.
    """
    requirement = request
    for name in _NAMES:
        requirement = requirement.removeprefix(name)
    # The key of a download names the platform, too: 3.13.1-linux-x86_64-gnu.
    requirement = requirement.replace("@", "").partition("-")[0] if numbers(requirement) else "3"
    interpreters = find_interpreters(request if request.startswith("pypy") else requirement)
    fitting = [version for version in interpreters if fits(version, requirement)]
    if fitting:
        return interpreters[max(fitting)], max(fitting)
    versions = ", ".join(map(text_of, sorted(interpreters))) or "none"
    raise StandInLimitError(
        f"This machine has no Python {request}.",
        why=f"on GitHub uv downloads it; a rehearsal takes those of this machine: {versions}.",
        fix=f"run `uv python install {request}` outside the rehearsal, then rehearse again.",
    )


def _programs_folder() -> Path:
    """Return the folder into which uv puts programs."""
    default = Path(os.environ.get("XDG_BIN_HOME") or Path.home() / ".local" / "bin")
    return Path(os.environ.get("UV_PYTHON_BIN_DIR") or default)


def _link(interpreter: Path, place: Path) -> None:
    """Link to an interpreter alone: through a link to more, uv would change the machine's."""
    place.parent.mkdir(parents=True, exist_ok=True)
    place.unlink(missing_ok=True)
    place.symlink_to(interpreter)


def _platform() -> str:
    """Name this platform as uv does."""
    architecture = {"arm64": "aarch64"}.get(platform.machine(), platform.machine())
    if platform.system() == "Darwin":
        return f"macos-{architecture}-none"
    return f"linux-{architecture}-{'gnu' if platform.libc_ver()[0] == 'glibc' else 'musl'}"


run_action(main)
