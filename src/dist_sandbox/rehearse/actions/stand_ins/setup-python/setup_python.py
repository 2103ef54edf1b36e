"""Stand-in for actions/setup-python: an interpreter of this machine, in a virtual environment."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from runner import (
    ActionError,
    add_path,
    annotate,
    export,
    read_flag,
    read_input,
    run_action,
    set_output,
    workspace,
)

Version = tuple[int, ...]
_REPORT = "import sys; print('.'.join(map(str, sys.version_info[:3])))"


def main() -> None:
    """Set up every version that is asked for; the first one ends up first on PATH."""
    wanted = _wanted()
    for text in reversed(wanted):
        interpreter, version = _find(text)
        folder = _make_environment(interpreter, version)
        if read_flag("update-environment"):
            add_path(folder / "bin")
            export("pythonLocation", str(folder))
            export("Python_ROOT_DIR", str(folder))
            export("Python3_ROOT_DIR", str(folder))
    set_output("python-version", version)
    set_output("python-path", str(folder / "bin" / "python"))


def _wanted() -> list[str]:
    """The versions asked for; where none is, that of `.python-version` or of this machine."""
    lines = [line.strip() for line in read_input("python-version").splitlines() if line.strip()]
    if lines:
        return lines
    named = read_input("python-version-file")
    file = workspace() / (named or ".python-version")
    if file.is_file():
        text = file.read_text(encoding="utf-8")
        if file.suffix == ".toml":
            found = re.search(r'^requires-python\s*=\s*["\']([^"\']+)', text, re.M)
            return [found.group(1)] if found else ["3.x"]
        return [line.strip() for line in text.splitlines() if line.strip()][:1]
    if named:
        raise ActionError(f"The specified python version file at: {file} doesn't exist.")
    return ["3.x"]


def _find(wanted: str) -> tuple[Path, str]:
    """The newest interpreter that fits, else the nearest one, which is said in a notice."""
    known = dict(_installed())
    if not any(_fits(version, wanted) for version in known):
        known |= dict(_on_path())
    fitting = [version for version in known if _fits(version, wanted)]
    if fitting:
        version = max(fitting)
    elif known:
        version = min(known, key=lambda version: _distance(version, wanted))
        annotate("notice", f"Python {wanted} is not on this machine; {_text(version)} stands in.")
    else:
        raise ActionError(f"The version '{wanted}' was not found, and no other Python either.")
    return known[version], _text(version)


def _fits(version: Version, wanted: str) -> bool:
    """Whether a version fits `3.12`, `3.x`, `3.12.1` or a range such as `>=3.10,<3.13`."""
    for part in re.split(r"[\s,]+", wanted.strip()):
        match = re.fullmatch(r"(>=|<=|==|~=|[<>~^])?\s*v?([0-9][0-9.x*]*)(-dev)?", part)
        if match is None:
            return False
        operator, digits = match.group(1) or "==", _numbers(match.group(2))
        same = version[: len(digits)] == digits
        above = version > digits
        if not {
            "==": same,
            ">=": same or above,
            "<=": same or not above,
            ">": above and not same,
            "<": not above and not same,
            "~=": version >= digits and version[: len(digits) - 1] == digits[:-1],
            "~": version >= digits and version[:2] == digits[:2],
            "^": version >= digits and version[:1] == digits[:1],
        }[operator]:
            return False
    return True


def _distance(version: Version, wanted: str) -> tuple[int, int]:
    """How far a version is from what is wanted, in minor versions; of two the newer is nearer."""
    found = re.search(r"(\d+)(?:\.(\d+))?", wanted)
    minor = int(found.group(2) or 0) if found else 0
    return abs(version[1] - minor), -version[2]


def _numbers(text: str) -> Version:
    return tuple(int(part) for part in text.split(".") if part.isdigit())


def _text(version: Version) -> str:
    return ".".join(map(str, version))


def _installed() -> Iterator[tuple[Version, Path]]:
    """What pyenv and uv have installed: the folders tell the version, nothing has to be run."""
    for variable, pattern in (
        ("PYENV_ROOT", "versions/3.*/bin/python3"),
        ("UV_PYTHON_INSTALL_DIR", "cpython-3.*/bin/python3"),
    ):
        if not os.environ.get(variable):
            continue
        for file in Path(os.environ[variable]).glob(pattern):
            found = re.fullmatch(r"(?:cpython-)?(3\.\d+\.\d+)(-.*)?", file.parents[1].name)
            if found:
                yield _numbers(found.group(1)), file


def _on_path() -> Iterator[tuple[Version, Path]]:
    """The interpreters on PATH, each program asked once."""
    asked: set[Path] = set()
    for folder in dict.fromkeys(os.environ["PATH"].split(os.pathsep)):
        for file in sorted(Path(folder).glob("python3*")):
            program = file.resolve()
            usable = re.fullmatch(r"python3(\.\d+)?", file.name) and "shims" not in file.parts
            if usable and program not in asked:
                asked.add(program)
                yield from _ask(file)


def _ask(file: Path) -> Iterator[tuple[Version, Path]]:
    done = subprocess.run([file, "-I", "-c", _REPORT], capture_output=True, text=True, check=False)
    if done.returncode == 0:
        yield _numbers(done.stdout.strip()), file


def _make_environment(interpreter: Path, version: str) -> Path:
    """A virtual environment with pip, so that steps can install without touching the machine."""
    folder = Path(os.environ["RUNNER_TEMP"]) / "python" / version
    uv = shutil.which("uv")
    if uv:
        command = [uv, "venv", "--quiet", "--seed", "--clear", "--python", str(interpreter)]
    else:
        command = [str(interpreter), "-m", "venv", "--clear"]
    done = subprocess.run([*command, str(folder)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ActionError(f"No environment with Python {version}: {done.stderr.strip()[-500:]}")
    return folder


run_action(main)
