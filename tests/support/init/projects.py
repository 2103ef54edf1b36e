"""Projects to set up, and what `dist-actions init` says and writes."""

import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from dist_actions.cli import main
from support.projects.declared import make_project

#: A package in `src` with a version and a test; tests add to it.
PURE = {
    "pyproject.toml": '[project]\nname = "sample"\nversion = "1.0.0"\n',
    "src/sample/__init__.py": "",
    "tests/test_sample.py": "import sample\n",
}
RELEASE = ".github/workflows/release.yml"


@dataclass(frozen=True)
class Run:
    """What a run of the command came to."""

    status: int
    stdout: str
    stderr: str


#: Runs the command: (folder, *arguments) → what it came to.
Init = Callable[..., Run]


@pytest.fixture
def init(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Init:
    """Run the command in this process, on a terminal that is wide enough for its table."""
    monkeypatch.setenv("COLUMNS", "160")

    def run(folder: Path, *arguments: str) -> Run:
        status = main(["init", str(folder), *arguments])
        captured = capsys.readouterr()
        return Run(status, captured.out, captured.err)

    return run


def make_repository(folder: Path, files: Mapping[str, str], *, branch: str = "main") -> Path:
    """Make a repository of git that holds these files, committed."""
    make_project(folder, dict(files))
    git(folder, "init", "--quiet", f"--initial-branch={branch}", ".")
    commit(folder)
    return folder


def commit(folder: Path) -> None:
    """Commit all that a folder holds."""
    git(folder, "add", "--all")
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    git(folder, *identity, "commit", "--quiet", "--message", "Change it")


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder."""
    done = subprocess.run(
        ["git", *arguments], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout


def read_workflow(folder: Path, name: str = "release.yml") -> Mapping[str, object]:
    """Read a workflow of a folder."""
    workflow: Mapping[str, object] = YAML(typ="safe").load(
        (folder / ".github" / "workflows" / name).read_text(encoding="utf-8")
    )
    return workflow


def steps_of(folder: Path, job: str, name: str = "release.yml") -> list[dict[str, object]]:
    """Return the steps of a job."""
    jobs = read_workflow(folder, name)["jobs"]
    assert isinstance(jobs, dict)
    steps: list[dict[str, object]] = jobs[job]["steps"]
    return steps


def test_commands(folder: Path) -> list[str]:
    """Return the commands of the step that tests the wheel, without their comments."""
    steps = steps_of(folder, "test")
    commands = str(steps[-1]["run"]).replace("\\\n", " ").splitlines()
    return [" ".join(command.split(" # ")[0].split()) for command in commands]


test_commands.__test__ = False  # type: ignore[attr-defined]
