"""A version that only the build backend knows: project code runs, before any token is minted."""

import base64
import json
from pathlib import Path

import pytest

from support.projects.checkouts import ProjectCheckout
from support.sandbox.fixtures import Sandbox
from support.stages.hostile_texts import COMMANDS
from support.stages.running import StageRunner, app_inputs

PYPROJECT = """\
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""
#: A backend in the tree, so that nothing is fetched; it prints, and keeps what it can see.
BACKEND = """\
import json, os, pathlib, base64

def prepare_metadata_for_build_wheel(folder, config_settings=None):
    for text in json.loads(base64.b64decode("{texts}")):
        print(text)
    {action}
    info = pathlib.Path(folder, "p-3.2.dist-info")
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\\nName: p\\nVersion: 3.2\\n")
    return info.name

def build_wheel(folder, config_settings=None, metadata_directory=None):
    raise NotImplementedError
"""


def write_backend(
    package: ProjectCheckout, action: str = "pass", texts: tuple[str, ...] = ()
) -> None:
    encoded = base64.b64encode(json.dumps(texts).encode()).decode()
    package.commit("backend.py", BACKEND.replace("{texts}", encoded).replace("{action}", action))
    package.commit("pyproject.toml", PYPROJECT)
    package.push()


def test_the_backends_version_is_tagged(
    package: ProjectCheckout, sandbox: Sandbox, run_stage: StageRunner
) -> None:
    write_backend(package)

    result = run_stage("auto-tag", app_inputs(sandbox), workspace=package.folder)

    assert (result.exit_status, result.outputs["tag"]) == (0, "v3.2-dev")


def test_the_backend_sees_no_credential(
    package: ProjectCheckout, sandbox: Sandbox, run_stage: StageRunner, tmp_path: Path
) -> None:
    seen = tmp_path / "seen.json"
    keep = f"pathlib.Path({str(seen)!r}).write_text(json.dumps(dict(os.environ)))"
    write_backend(package, keep)

    result = run_stage(
        "auto-tag",
        app_inputs(sandbox),
        workspace=package.folder,
        permissions={"contents": "read", "id-token": "write"},
        environ={"GITHUB_TOKEN": "ghs_never-shown-to-projects", "MY_API_KEY": "never-shown"},
    )

    assert result.exit_status == 0, result.log
    names = set(json.loads(seen.read_text()))
    assert {name for name in names if name.startswith(("INPUT_", "ACTIONS_", "GITHUB_"))} == set()
    assert "MY_API_KEY" not in names
    assert {"PATH", "HOME"} <= names


def test_what_the_backend_prints_is_not_obeyed(
    package: ProjectCheckout, sandbox: Sandbox, run_stage: StageRunner
) -> None:
    """List C; the fixture itself refuses any command that is not ours."""
    write_backend(package, texts=tuple(COMMANDS.values()))

    result = run_stage("auto-tag", app_inputs(sandbox), workspace=package.folder)

    assert result.exit_status == 0, result.log
    assert result.outputs["tag"] == "v3.2-dev"
    assert [one.level for one in result.annotations] == ["notice"]


@pytest.mark.parametrize("action", ["raise SystemExit(3)", "raise ValueError('x')"])
def test_a_failing_backend(
    package: ProjectCheckout, sandbox: Sandbox, run_stage: StageRunner, action: str
) -> None:
    write_backend(package, action)

    result = run_stage("auto-tag", app_inputs(sandbox), workspace=package.folder)

    assert result.exit_status == 2
    assert "build backend" in result.annotation.message
    assert "version-file" in result.annotation.message
    assert result.calls == ()
