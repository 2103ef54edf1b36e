"""`dist-actions init` takes the workflows for the index that the project is published to."""

import io
import shutil
import sys
from pathlib import Path

import pytest

from support.init.projects import PURE, Init, commit, make_repository, read_workflow
from support.pypi.site import SITE

COMPILED = """\
from setuptools import Extension, setup
setup(ext_modules=[Extension('a', ['a.c'])])
"""
SETTINGS = """\
[environments]
a = {}
b = {branch = "main"}
"""
PUBLISHING = {".github/workflows/publish.yml": "jobs: {a: {steps: [{run: uv publish}]}}\n"}
QUESTION = "No file says where it is published:"


class Terminal(io.StringIO):
    """A keyboard at which somebody answers."""

    def isatty(self) -> bool:
        return True


def published_to(folder: Path) -> str:
    """Tell the index of the release workflow."""
    release = str(read_workflow(folder))
    return "PyPI" if "'index': 'pypi'" in release else "Artifact Registry"


@pytest.mark.parametrize(
    ("files", "index", "seen"),
    [
        (PUBLISHING, "PyPI", "publish.yml publishes there by uv publish"),
        ({"README.md": f"{SITE}/p/sample/"}, "PyPI", "README.md names its page there"),
        (
            {".github/dist-actions.toml": 'environments.pypi = {branch = "main"}\n'},
            "PyPI",
            ".github/dist-actions.toml names the environment pypi alone",
        ),
        ({}, "Artifact Registry", "no file tells it"),
        ({**PUBLISHING, "setup.py": COMPILED}, "Artifact Registry", "not made for wheels for"),
        (
            {**PUBLISHING, ".github/dist-actions.toml": SETTINGS},
            "Artifact Registry",
            "not made for the environments of the settings",
        ),
    ],
    ids=["workflow", "page", "settings", "nothing", "compiled", "other settings"],
)
def test_the_files_tell_the_index(
    tmp_path: Path, init: Init, files: dict[str, str], index: str, seen: str
) -> None:
    compiled = (
        "from setuptools import Extension, setup\nsetup(ext_modules=[Extension('a', ['a.c'])])\n"
    )
    files = {name: compiled if text == "ext_modules" else text for name, text in files.items()}
    repository = make_repository(tmp_path, {**PURE, **files})

    done = init(repository)

    assert (done.status, done.stderr) == (0, "")
    assert published_to(repository) == index
    assert seen in " ".join(done.stdout.split())
    assert ("Artifact Registry is assumed: " in done.stdout) is (not files)
    commit(repository)
    assert init(repository, "--check").status == 0


@pytest.mark.parametrize(
    ("typed", "index"),
    [
        ("2\n", "PyPI"),
        ("pypi\n", "PyPI"),
        ("3\n1\n", "Artifact Registry"),
        ("", "Artifact Registry"),
    ],
)
def test_a_person_at_a_terminal_is_asked(
    tmp_path: Path, init: Init, monkeypatch: pytest.MonkeyPatch, typed: str, index: str
) -> None:
    repository = make_repository(tmp_path, PURE)
    monkeypatch.setattr(sys, "stdin", Terminal(typed))

    done = init(repository)

    assert QUESTION in done.stdout
    assert published_to(repository) == index
    assert ("Artifact Registry is assumed: " in done.stdout) is (typed == "")


@pytest.mark.parametrize("arguments", [["--starter", "pypi-token"], ["--check"]])
def test_nobody_is_asked_what_is_said_or_not_needed(
    tmp_path: Path, init: Init, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(""))
    assert QUESTION not in init(make_repository(tmp_path, PURE), *arguments).stdout


@pytest.mark.parametrize(
    ("arguments", "branch"),
    [([], "dev"), (["--starter", "pypi"], "main"), (["--starter", "pypi-token"], "main")],
)
def test_the_last_step_is_a_push_to_the_branch_that_is_released_first(
    tmp_path: Path, init: Init, arguments: list[str], branch: str
) -> None:
    repository = make_repository(tmp_path, PURE)
    shown = " ".join(init(repository, *arguments).stdout.split())
    assert shown.endswith(f"git push origin HEAD:{branch}")
    commit(repository)
    assert "git push" not in init(repository, *arguments).stdout


def test_another_starter_is_not_mixed_with_the_one_that_is_there(
    tmp_path: Path, init: Init
) -> None:
    repository = make_repository(tmp_path, PURE)
    init(repository)
    commit(repository)
    before = (repository / "pyproject.toml").read_text(encoding="utf-8")

    done = init(repository, "--starter", "pypi")

    assert (done.status, done.stdout) == (2, "")
    assert done.stderr.startswith("dist-actions: The workflows here are of the starter for Artif")
    assert ("\nWhy: " in done.stderr, "\nFix: " in done.stderr) == (True, True)
    assert (repository / "pyproject.toml").read_text(encoding="utf-8") == before
    assert init(repository, "--starter", "pypi", "--replace").status == 0


def test_a_release_workflow_of_another_name_is_named_for_the_publisher(
    tmp_path: Path, init: Init
) -> None:
    own = {".github/workflows/release.yml": "jobs: {a: {steps: [{run: uv publish}]}}\n"}
    shown = " ".join(init(make_repository(tmp_path, {**PURE, **own})).stdout.split())
    assert "Name dist-release.yml as the workflow of the Trusted Publisher on PyPI" in shown


def test_a_folder_without_git_becomes_a_repository_first(tmp_path: Path, init: Init) -> None:
    folder = make_repository(tmp_path, PURE)
    shutil.rmtree(folder / ".git")
    steps = init(folder).stdout.split("What remains, in this order:")[1]
    assert steps.strip().startswith("- Make it a repository of git")


def test_a_person_chooses_artifact_registry_for_a_project_of_pypi(
    tmp_path: Path, init: Init
) -> None:
    repository = make_repository(tmp_path, {**PURE, **PUBLISHING})
    assert init(repository, "--starter", "artifact-registry").status == 0
    assert published_to(repository) == "Artifact Registry"
