"""What a project's files hold is a word of the workflow's commands, or refused; it never runs."""

import os
import subprocess
from pathlib import Path

import pytest

from support.init.projects import PURE, RELEASE, Init, make_repository, steps_of

PYPROJECT = PURE["pyproject.toml"]
#: Breaks out of double quotes, of single ones, and of none.
EVIL = "\"$(EVIL)';EVIL;'$(EVIL)\""
SEVERAL = {
    f"libs/{name}/{path.replace('sample', name)}": text.replace("sample", name)
    for name in ("core", "web")
    for path, text in PURE.items()
}


def toml(text: str) -> str:
    """Write a text as a string of TOML."""
    return '"{}"'.format(text.replace('"', '\\"'))


def projects_of(evil: str) -> dict[str, dict[str, str]]:
    """Return projects that hold the text in each place that a command is made of."""
    environment = f"[tool.hatch.envs.test]\ndependencies = [{toml('pytest @ https://x/' + evil)}]\n"
    return {
        "requirement": {**PURE, "pyproject.toml": PYPROJECT + environment},
        "requirement of one of several": {
            **SEVERAL, "libs/web/pyproject.toml": SEVERAL["libs/web/pyproject.toml"] + environment
        },
        "option of a requirement": {**PURE, "tox.ini": f"[testenv]\ndeps =\n  pytest --{evil}\n"},
        "file of requirements": {
            **PURE, f"a{evil}": "pytest\n", "tox.ini": f"[testenv]\ndeps =\n  -ra{evil}\n"
        },
        "extra": {
            **PURE, "tox.ini": f"[testenv]\nextras = {evil}\n",
            "pyproject.toml": f"{PYPROJECT}[project.optional-dependencies]\n{toml(evil)} = ['x']\n",
        },
        "path for Python": {
            **PURE,
            "pytest.ini": f"[pytest]\npythonpath = src a{evil}\n",
        },
        "plugin": {**PURE, "pytest.ini": f"[pytest]\nrequired_plugins = a{evil}\n"},
        "folder of tests": {
            "pyproject.toml": PYPROJECT, "sample/__init__.py": "",
            f"sample/{evil}/tests/test_sample.py": "",
        },
        "folder of the package": {f"a{evil}/{path}": text for path, text in PURE.items()},
        "module": {"pyproject.toml": PYPROJECT, f"src/sample/a{evil}.py": ""},
        "module of maturin": {
            "pyproject.toml": f"{PYPROJECT}[build-system]\nbuild-backend = 'maturin'\n"
            f"[tool.maturin]\nmodule-name = {toml(evil)}\n"
        },
    }  # fmt: skip


@pytest.mark.parametrize("place", projects_of(""))
def test_no_text_of_a_project_runs(tmp_path: Path, init: Init, place: str) -> None:
    repository = make_repository(tmp_path / "sample", projects_of(EVIL)[place])
    assert init(repository).status == 0
    commands = tmp_path / "commands"
    commands.mkdir()
    for name in ("python", "pytest", "EVIL"):
        (commands / name).write_text(f'#!/bin/sh\ntouch "{tmp_path}/{name} ran"\n')
        (commands / name).chmod(0o755)
    path = f"{commands}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(
        ["bash", "-e", "-c", str(steps_of(repository, "test")[-1]["run"])],
        cwd=tmp_path, env={"PATH": path, "PACKAGE_PATH": "."}, capture_output=True, check=True,
    )  # fmt: skip
    assert (tmp_path / "python ran").exists()
    assert not (tmp_path / "EVIL ran").exists()


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        ({"tox.ini": "[testenv]\ndeps = pytest @ https://x/${{a}}\n"}, "stand in a workflow"),
        ({"tox.ini": "[testenv]\ndeps = x @ https://x/\x1b\n"},
         "stand in a workflow"),
        ({"pyproject.toml": PYPROJECT.replace("sample", "a; b")}, "is called 'a; b'."),
    ],
    ids=["expression", "escape sequence", "name"],
)  # fmt: skip
def test_what_a_workflow_cannot_hold_is_refused(
    tmp_path: Path, init: Init, files: dict[str, str], problem: str
) -> None:
    repository = make_repository(tmp_path, {**PURE, **files})
    done = init(repository)
    assert done.status == 2
    assert problem in done.stderr
    assert not (repository / RELEASE).exists()


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"libs/web/pyproject.toml": PYPROJECT.replace("sample", "Core")}, "are both called"),
        ({"libs/web/pyproject.toml": "", "libs/web/setup.py": ""}, "has no name in its files"),
        ({"libs/a;b/pyproject.toml": PYPROJECT}, "'libs/a;b' holds other characters"),
    ],
    ids=["same name", "no name", "folder"],
)
def test_packages_that_settings_cannot_tell_apart_are_refused(
    tmp_path: Path, init: Init, changes: dict[str, str], problem: str
) -> None:
    done = init(make_repository(tmp_path, {**SEVERAL, **changes}))
    assert done.status == 2
    assert problem in done.stderr


def test_a_file_of_requirements_is_named_from_the_root(tmp_path: Path, init: Init) -> None:
    files = {f"python/{name}": text for name, text in PURE.items()}
    files["python/requirements-test.txt"] = "pytest\n"
    repository = make_repository(tmp_path, files)
    assert init(repository).status == 0
    assert "install -r python/requirements-test.txt dist/" in (repository / RELEASE).read_text()
