"""Stand-in for astral-sh/setup-uv: the uv on PATH, which the rehearsal brings."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from runner import (
    ActionError,
    add_path,
    export,
    read_flag,
    read_input,
    run_action,
    set_output,
    workspace,
)


def main() -> None:
    """Tell which uv there is, and set what later steps ask for."""
    program = shutil.which("uv")
    if program is None:
        raise ActionError("There is no uv on PATH.")
    version = subprocess.run(
        [program, "--version"], capture_output=True, text=True, check=True
    ).stdout.split()[1]
    set_output("uv-version", version)
    set_output("uv-path", program)
    set_output("uvx-path", shutil.which("uvx") or "")
    python = read_input("python-version")
    set_output("python-version", python)
    if python:
        export("UV_PYTHON", python)
    if read_input("tool-dir"):
        export("UV_TOOL_DIR", read_input("tool-dir"))
    if read_input("tool-bin-dir"):
        export("UV_TOOL_BIN_DIR", read_input("tool-bin-dir"))
        add_path(Path(read_input("tool-bin-dir")))
    if read_flag("activate-environment"):
        _activate(program, python)


def _activate(program: str, python: str) -> None:
    """Make an environment, in which later steps run."""
    folder = workspace() / read_input("working-directory") / read_input("venv-path")
    requested = ["--python", python] if python else []
    made = subprocess.run(
        [program, "venv", "--quiet", *requested, str(folder)],
        env=dict(os.environ),
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode != 0:
        raise ActionError(f"uv venv: {made.stderr.strip()[-500:]}")
    add_path(folder / "bin")
    export("VIRTUAL_ENV", str(folder))
    set_output("venv", str(folder))


run_action(main)
