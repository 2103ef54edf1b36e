"""Stand-in for actions/setup-python: put an interpreter of this machine into an environment."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from pythons import Version, find_interpreters, fits, text_of
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
    interpreters = find_interpreters(requirement)
    fitting = [version for version in interpreters if fits(version, requirement)]
    if fitting:
        version = max(fitting)
    elif interpreters:
        version = min(interpreters, key=lambda version: _distance(version, requirement))
        annotate(
            "notice", f"Python {requirement} is not on this machine; {text_of(version)} stands in."
        )
    else:
        raise ActionError(f"The version '{requirement}' was not found, and no other Python either.")
    return interpreters[version], text_of(version)


def _distance(version: Version, requirement: str) -> tuple[int, int]:
    """Measure how far a version is from a requirement, in minor versions; newer is nearer."""
    match = re.search(r"(\d+)(?:\.(\d+))?", requirement)
    minor = int(match.group(2) or 0) if match else 0
    return abs(version[1] - minor), -version[2]


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
