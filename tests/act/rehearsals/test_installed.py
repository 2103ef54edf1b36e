"""Who installed the package has no checkout, and rehearses all the same."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dist_sandbox.rehearse.toolchain import find_uv
from support.act.rehearse_command import copy_bare_sample, read_report
from support.paths import ROOT

pytestmark = pytest.mark.network


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The command of a new environment that holds nothing but the wheel and its requirements."""
    uv, environment = find_uv(), tmp_path / "installed"
    assert uv is not None
    wheels = tmp_path / "wheels"
    for command in (
        [uv, "build", "--quiet", "--wheel", "--out-dir", str(wheels), str(ROOT)],
        [uv, "venv", "--quiet", "--python", sys.executable, str(environment)],
    ):
        subprocess.run(command, check=True)
    (wheel,) = wheels.glob("*.whl")
    python = str(environment / "bin" / "python")
    install = [uv, "pip", "install", "--quiet", "--python", python, f"{wheel}[sandbox]"]
    subprocess.run(install, check=True)
    return environment / "bin" / "dist-sandbox"


def test_the_current_folder_is_rehearsed_by_an_installed_package(
    installed: Path, tmp_path: Path
) -> None:
    project = copy_bare_sample(tmp_path / "eigenoid-sample")
    settings, version = project / "pyproject.toml", f"3.{sys.version_info.minor}"
    text = settings.read_text(encoding="utf-8")
    # One Python is enough to see that jobs run.
    settings.write_text(text.replace('">=3.11"', f'"=={version}.*"'), encoding="utf-8")
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}

    finished = subprocess.run(
        [str(installed), "rehearse", "--init", "--until", "dev", "--output", str(tmp_path / "out")],
        cwd=project,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )

    assert finished.returncode == 0, finished.stdout + finished.stderr
    (environment,) = read_report(tmp_path / "out")["environments"]
    assert environment["installed_version"] == "0.5.0"
