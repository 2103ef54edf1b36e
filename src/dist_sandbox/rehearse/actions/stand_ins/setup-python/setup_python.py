"""Stand-in for actions/setup-python: put an interpreter of this machine into an environment."""

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
    for requirement in reversed(_requirements()):
        interpreter, version = _find(requirement)
        folder = _make_environment(interpreter, version)
        if read_flag("update-environment"):
            add_path(folder / "bin")
            export("pythonLocation", str(folder))
            export("Python_ROOT_DIR", str(folder))
            export("Python3_ROOT_DIR", str(folder))
    set_output("python-version", version)
    set_output("python-path", str(folder / "bin" / "python"))


def _requirements() -> list[str]:
    """Read the versions to set up, else that of `.python-version`, else any Python 3."""
    lines = [line.strip() for line in read_input("python-version").splitlines() if line.strip()]
    if lines:
        return lines
    file_name = read_input("python-version-file")
    file = workspace() / (file_name or ".python-version")
    if file.is_file():
        text = file.read_text(encoding="utf-8")
        if file.suffix == ".toml":
            match = re.search(r'^requires-python\s*=\s*["\']([^"\']+)', text, re.M)
            return [match.group(1)] if match else ["3.x"]
        return [line.strip() for line in text.splitlines() if line.strip()][:1]
    if file_name:
        raise ActionError(f"The specified python version file at: {file} doesn't exist.")
    return ["3.x"]


def _find(requirement: str) -> tuple[Path, str]:
    """Find the newest interpreter that fits, else the nearest one, with a notice."""
    interpreters = dict(_installed())
    if not any(_fits(version, requirement) for version in interpreters):
        interpreters |= dict(_on_path())
    fitting = [version for version in interpreters if _fits(version, requirement)]
    if fitting:
        version = max(fitting)
    elif interpreters:
        version = min(interpreters, key=lambda version: _distance(version, requirement))
        annotate(
            "notice", f"Python {requirement} is not on this machine; {_text(version)} stands in."
        )
    else:
        raise ActionError(f"The version '{requirement}' was not found, and no other Python either.")
    return interpreters[version], _text(version)


def _fits(version: Version, requirement: str) -> bool:
    """Tell whether a version fits `3.12`, `3.x`, `3.12.1` or a range such as `>=3.10,<3.13`."""
    for part in re.split(r"[\s,]+", requirement.strip()):
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


def _distance(version: Version, requirement: str) -> tuple[int, int]:
    """Measure how far a version is from a requirement, in minor versions; newer is nearer."""
    match = re.search(r"(\d+)(?:\.(\d+))?", requirement)
    minor = int(match.group(2) or 0) if match else 0
    return abs(version[1] - minor), -version[2]


def _numbers(text: str) -> Version:
    return tuple(int(part) for part in text.split(".") if part.isdigit())


def _text(version: Version) -> str:
    return ".".join(map(str, version))


def _installed() -> Iterator[tuple[Version, Path]]:
    """List what pyenv and uv have installed; the folders' names tell the version."""
    for variable, pattern in (
        ("PYENV_ROOT", "versions/3.*/bin/python3"),
        ("UV_PYTHON_INSTALL_DIR", "cpython-3.*/bin/python3"),
    ):
        if not os.environ.get(variable):
            continue
        for file in Path(os.environ[variable]).glob(pattern):
            match = re.fullmatch(r"(?:cpython-)?(3\.\d+\.\d+)(-.*)?", file.parents[1].name)
            if match:
                yield _numbers(match.group(1)), file


def _on_path() -> Iterator[tuple[Version, Path]]:
    """List the interpreters on PATH; each program is run once."""
    programs: set[Path] = set()
    for folder in dict.fromkeys(os.environ["PATH"].split(os.pathsep)):
        for file in sorted(Path(folder).glob("python3*")):
            program = file.resolve()
            usable = re.fullmatch(r"python3(\.\d+)?", file.name) and "shims" not in file.parts
            if usable and program not in programs:
                programs.add(program)
                yield from _run(file)


def _run(file: Path) -> Iterator[tuple[Version, Path]]:
    result = subprocess.run(
        [file, "-I", "-c", _REPORT], capture_output=True, text=True, check=False
    )
    if result.returncode == 0:
        yield _numbers(result.stdout.strip()), file


def _make_environment(interpreter: Path, version: str) -> Path:
    """Make a virtual environment with pip, so that steps do not install into the machine."""
    folder = Path(os.environ["RUNNER_TEMP"]) / "python" / version
    uv = shutil.which("uv")
    if uv:
        command = [uv, "venv", "--quiet", "--seed", "--clear", "--python", str(interpreter)]
    else:
        command = [str(interpreter), "-m", "venv", "--clear"]
    result = subprocess.run([*command, str(folder)], capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise ActionError(f"No environment with Python {version}: {result.stderr.strip()[-500:]}")
    return folder


run_action(main)
