"""What signs is installed while auto-tag runs, and awaited where a token is minted."""

import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from support.paths import ROOT
from support.projects.checkouts import ProjectCheckout
from support.sandbox.fixtures import Sandbox
from support.stages.running import StageRunner, app_inputs

pytestmark = pytest.mark.network
IMPORT_ALL = """
import sys, pkgutil, importlib, importlib.abc
class Refusal(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in LEFT_OUT:
            raise SystemExit(f"{name} is imported too early")
LEFT_OUT = {"jwt", "cryptography", "nacl", "build", "markdown_it"} - set(sys.argv[3:])
sys.meta_path.insert(0, Refusal())
sys.path.insert(0, sys.argv[1])
package = importlib.import_module(sys.argv[2])
for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
    importlib.import_module(module.name)
"""


@pytest.mark.parametrize(
    ("stage", "more"), [("auto_tag", []), ("promote", ["markdown_it"])], ids=["auto-tag", "promote"]
)
def test_a_stage_imports_nothing_at_its_start_that_is_installed_later(
    stage: str, more: list[str]
) -> None:
    command = [sys.executable, "-I", "-c", IMPORT_ALL, str(ROOT / "src"), f"dist_actions.{stage}"]
    imported = subprocess.run([*command, *more], capture_output=True, text=True, check=False)
    assert imported.returncode == 0, imported.stderr


def environ_of(tmp_path: Path, **more: str) -> dict[str, str]:
    return {"RUNNER_TOOL_CACHE": str(tmp_path / "cache"), **more}


def test_a_cold_run_makes_a_tag(
    package: ProjectCheckout, sandbox: Sandbox, run_stage: StageRunner, tmp_path: Path
) -> None:
    result = run_stage(
        "auto-tag",
        app_inputs(sandbox),
        workspace=package.folder,
        environ=environ_of(tmp_path),
    )
    assert (result.exit_status, result.outputs["created"]) == (0, "true"), result.log


def test_no_token_is_minted_where_it_cannot_be_installed(
    package: ProjectCheckout, sandbox: Sandbox, run_stage: StageRunner, tmp_path: Path
) -> None:
    environ = environ_of(tmp_path)
    run_stage("auto-tag", workspace=package.folder, ref="refs/heads/x", environ=environ)
    for packages in tmp_path.glob("cache/dist-actions/*/signing"):
        shutil.rmtree(packages)
    nowhere = {
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
        "PIP_RETRIES": "0",
        "PIP_EXTRA_INDEX_URL": "",
        "PIP_FIND_LINKS": "",
        "PIP_CONFIG_FILE": "/dev/null",
    }
    result = run_stage(
        "auto-tag", app_inputs(sandbox), workspace=package.folder, environ={**environ, **nowhere}
    )
    assert result.exit_status == 3, result.log
    assert "environment could not be made" in result.annotation.message
    assert result.changes == ()


def test_a_run_with_nothing_to_sign_leaves_no_process(
    offline_package: ProjectCheckout, run_stage_alone: StageRunner, tmp_path: Path
) -> None:
    environ = environ_of(tmp_path)
    run_stage_alone("auto-tag", workspace=offline_package.folder, ref="refs/x", environ=environ)
    deadline = time.monotonic() + 5
    while processes_below(tmp_path / "cache") and time.monotonic() < deadline:
        time.sleep(0.1)
    assert processes_below(tmp_path / "cache") == []


def processes_below(folder: Path) -> list[str]:
    """List the command lines of processes that work in a folder."""
    found = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
    return [line for line in found.stdout.splitlines() if str(folder) in line]
