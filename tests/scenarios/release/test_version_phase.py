"""The phase `version`: the build backend tells the version, in a job that holds no secret."""

import base64
import json
from pathlib import Path

import pytest

from support.projects.checkouts import ProjectCheckout
from support.stages.hostile_texts import COMMANDS
from support.stages.running import StageResult, StageRunner

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
    (info / "METADATA").write_text("Metadata-Version: 2.1\\nName: p\\nVersion: {version}\\n")
    return info.name

def build_wheel(folder, config_settings=None, metadata_directory=None):
    raise NotImplementedError
"""


def write_backend(
    package: ProjectCheckout,
    action: str = "pass",
    texts: tuple[str, ...] = (),
    version: str = "3.2",
) -> None:
    encoded = base64.b64encode(json.dumps(texts).encode()).decode()
    backend = BACKEND.replace("{texts}", encoded).replace("{action}", action)
    package.commit("backend.py", backend.replace("{version}", version))
    package.commit("pyproject.toml", PYPROJECT)


def ask(run_stage_alone: StageRunner, package: ProjectCheckout, **inputs: str) -> StageResult:
    named = {name.replace("_", "-"): value for name, value in inputs.items()}
    return run_stage_alone("release", {"phase": "version", **named}, workspace=package.folder)


def refused(result: StageResult, *texts: str) -> None:
    assert (result.exit_status, result.outputs) == (2, {}), result.log
    for text in (*texts, "\nWhy: ", "\nFix: "):
        assert text in result.annotation.message


def test_the_backends_version_is_the_output(
    offline_package: ProjectCheckout, run_stage_alone: StageRunner
) -> None:
    write_backend(offline_package)

    result = ask(run_stage_alone, offline_package)

    assert (result.exit_status, result.outputs) == (0, {"version": "3.2"})
    assert "3.2" in result.summary


def test_a_literal_needs_no_backend(
    offline_package: ProjectCheckout, run_stage_alone: StageRunner
) -> None:
    assert ask(run_stage_alone, offline_package).outputs == {"version": "1.0.0"}


def test_the_backend_sees_no_variable_of_the_job(
    offline_package: ProjectCheckout, run_stage_alone: StageRunner, tmp_path: Path
) -> None:
    seen = tmp_path / "seen.json"
    write_backend(
        offline_package, f"pathlib.Path({str(seen)!r}).write_text(json.dumps(dict(os.environ)))"
    )

    result = run_stage_alone(
        "release",
        {"phase": "version"},
        workspace=offline_package.folder,
        environ={"GITHUB_TOKEN": "ghs_never-shown-to-projects", "MY_API_KEY": "never-shown"},
    )

    assert result.exit_status == 0, result.log
    names = set(json.loads(seen.read_text()))
    assert {name for name in names if name.startswith(("INPUT_", "ACTIONS_", "GITHUB_"))} == set()
    assert "MY_API_KEY" not in names
    assert {"PATH", "HOME"} <= names


def test_what_the_backend_prints_is_not_obeyed(
    offline_package: ProjectCheckout, run_stage_alone: StageRunner
) -> None:
    """List C; the fixture itself refuses any command that is not ours."""
    write_backend(offline_package, texts=tuple(COMMANDS.values()))

    result = ask(run_stage_alone, offline_package)

    assert (result.exit_status, result.outputs) == (0, {"version": "3.2"})
    assert result.annotations == ()


@pytest.mark.parametrize("action", ["raise SystemExit(3)", "raise ValueError('x')"])
def test_a_failing_backend(
    offline_package: ProjectCheckout, run_stage_alone: StageRunner, action: str
) -> None:
    write_backend(offline_package, action)

    refused(ask(run_stage_alone, offline_package), "build backend", "version-file")


@pytest.mark.parametrize("version", ["one", "1.0+local", "1.0-RC1", "1." * 60 + "0"])
def test_what_is_no_version_to_tag_is_no_output(
    offline_package: ProjectCheckout, run_stage_alone: StageRunner, version: str
) -> None:
    write_backend(offline_package, version=version)

    refused(ask(run_stage_alone, offline_package), version[:100])


def test_a_version_from_tags_is_none(
    offline_package: ProjectCheckout, run_stage_alone: StageRunner
) -> None:
    offline_package.commit(
        "pyproject.toml", '[project]\nname = "p"\ndynamic = ["version"]\n[tool.setuptools_scm]\n'
    )

    refused(ask(run_stage_alone, offline_package), "derives the version from git tags")


@pytest.mark.parametrize("name", ["private-key", "token", "password"])
def test_a_job_with_a_secret_is_refused_before_anything_runs(
    offline_package: ProjectCheckout, run_stage_alone: StageRunner, tmp_path: Path, name: str
) -> None:
    write_backend(offline_package, f"pathlib.Path({str(tmp_path / 'ran')!r}).touch()")

    result = ask(run_stage_alone, offline_package, **{"index": "pypi", name: "0123456789abcdef"})

    refused(result, f"got the input {name}", "contents: read", "computed-version")
    assert not (tmp_path / "ran").exists()


def test_a_job_that_may_get_id_tokens_is_refused_before_anything_runs(
    offline_package: ProjectCheckout, run_stage_alone: StageRunner, tmp_path: Path
) -> None:
    write_backend(offline_package, f"pathlib.Path({str(tmp_path / 'ran')!r}).touch()")

    result = run_stage_alone(
        "release",
        {"phase": "version"},
        workspace=offline_package.folder,
        environ={
            "ACTIONS_ID_TOKEN_REQUEST_URL": "http://127.0.0.1:9/token",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "x" * 40,
        },
    )

    refused(result, "the permission id-token: write")
    assert not (tmp_path / "ran").exists()
