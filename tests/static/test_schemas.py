"""GitHub's own schemas accept the actions, workflows and configuration, and refuse errors."""

import subprocess
import sys
from pathlib import Path

import pytest

from support.automation import files as automation
from support.paths import ROOT

CHECK_JSONSCHEMA = Path(sys.executable).with_name("check-jsonschema")


def refusal(schema: str, text: str, directory: Path) -> str:
    """Return what the vendored schema says against a text; nothing where it is valid."""
    file = directory / "instance.yml"
    file.write_text(text, encoding="utf-8")
    done = subprocess.run(
        [str(CHECK_JSONSCHEMA), "--builtin-schema", f"vendor.{schema}", str(file)],
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


@pytest.mark.parametrize("action", automation.actions(), ids=lambda source: source.name)
def test_an_action_is_valid(action: automation.Source, tmp_path: Path) -> None:
    assert refusal("github-actions", action.text, tmp_path) == ""


@pytest.mark.parametrize("workflow", automation.workflows(), ids=lambda source: source.name)
def test_a_workflow_is_valid(workflow: automation.Source, tmp_path: Path) -> None:
    assert refusal("github-workflows", workflow.text, tmp_path) == ""


@pytest.mark.parametrize(
    ("schema", "path"),
    [("dependabot", ".github/dependabot.yml"), ("compose-spec", "tests/docker-compose.yml")],
)
def test_configuration_is_valid(schema: str, path: str, tmp_path: Path) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    assert refusal(schema, text, tmp_path) == ""


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        ("github-actions", "name: no runs\ndescription: x\n"),
        ("github-workflows", "on: push\njobs:\n  build:\n    stepz: []\n"),
        ("github-workflows", "on: psuh\njobs:\n  b:\n    runs-on: x\n    steps: [{run: x}]\n"),
    ],
)
def test_a_schema_refuses_a_bad_sample(schema: str, text: str, tmp_path: Path) -> None:
    assert refusal(schema, text, tmp_path) != ""
