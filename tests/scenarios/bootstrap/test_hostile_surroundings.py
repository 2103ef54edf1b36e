"""Neither the workspace, a variable nor another job decides what an action's environment holds."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from support.paths import ROOT
from support.projects.checkouts import ProjectCheckout
from support.stages.running import StageResult, StageRunner

pytestmark = pytest.mark.network
UV = shutil.which("uv", path=os.pathsep.join((str(Path(sys.executable).parent), os.defpath)))
INNOCENT_UV = """\
exclude-newer = "2006-01-01T00:00:00Z"
required-version = "==0.0.1"
offline = true
index-url = "http://127.0.0.1:9/simple"
no-binary = true
"""
UV_VARIABLES = {
    "UV_EXCLUDE_NEWER": "2006-01-01T00:00:00Z",
    "UV_OFFLINE": "1",
    "UV_NO_BINARY": "1",
    "UV_CONFIG_FILE": "uv.toml",
    "UV_PYTHON": "3.8",
    "UV_CONSTRAINT": "nowhere.txt",
    "UV_PROJECT_ENVIRONMENT": "elsewhere",
}
PIP_VARIABLES = {
    "PIP_USER": "1",
    "PIP_TARGET": "elsewhere",
    "PIP_PREFIX": "elsewhere",
    "PIP_NO_BINARY": ":all:",
    "PIP_CONSTRAINT": "nowhere.txt",
    "PIP_REQUIRE_VIRTUALENV": "nonsense",
    "PIP_DRY_RUN": "1",
    "PIP_NO_INDEX": "1",
    "PIP_FIND_LINKS": "dist",
    "PYTHONUSERBASE": "elsewhere",
}
PIP_CONFIGURATION = "[global]\nuser = true\ntarget = elsewhere\nno-binary = :all:\n"


class Surroundings:
    """A runner of one's own, on which jobs follow one another, and its workspace."""

    def __init__(self, runner: StageRunner, workspace: Path, folder: Path) -> None:
        self._runner = runner
        self.workspace = workspace
        self.canary = workspace / "canary"
        self.tool_cache = folder / "tool-cache"
        self.programs = folder / "programs"
        self.programs.mkdir()
        (self.programs / "git").symlink_to(shutil.which("git") or "git")
        self.environ = {
            "RUNNER_ENVIRONMENT": "self-hosted",
            "RUNNER_TOOL_CACHE": str(self.tool_cache),
        }

    @property
    def poison(self) -> str:
        """Return a line of Python that shows that it ran, and what it could read."""
        return f"\nimport os; open({str(self.canary)!r}, 'w').write(repr(dict(os.environ)))\n"

    def give_uv(self, script: str = "") -> None:
        """Put uv on PATH, or what stands in its place."""
        if script:
            (self.programs / "uv").write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
            (self.programs / "uv").chmod(0o755)
        elif UV is None:
            pytest.skip("there is no uv here")
        else:
            (self.programs / "uv").symlink_to(UV)

    def run(self, environ: Mapping[str, str] | None = None, path: str = "") -> StageResult:
        """Run auto-tag as far as its first request, which nobody answers."""
        path = os.pathsep.join([*([path] if path else []), str(self.programs), os.defpath])
        return self._runner(
            "auto-tag",
            {"token": "ghp_0123456789", "max-wait": "0s"},
            workspace=self.workspace,
            environ={**self.environ, "PATH": path, **(environ or {})},
        )

    def assert_starts(self, environ: Mapping[str, str] | None = None, path: str = "") -> None:
        """Run auto-tag: it comes to its first request, and nothing hostile ran."""
        result = self.run(environ, path)
        assert result.exit_status == 3, result.log
        assert "environment could not be made" not in result.log
        assert not self.canary.exists(), "hostile code ran beside the inputs"


@pytest.fixture
def surroundings(
    offline_package: ProjectCheckout, run_stage_alone: StageRunner, tmp_path: Path
) -> Surroundings:
    return Surroundings(run_stage_alone, offline_package.folder, tmp_path)


def poison_packages(folder: Path, surroundings: Surroundings) -> None:
    """Append to every copy of a package that the stage imports."""
    files = list(folder.rglob("certifi/__init__.py"))
    assert files, f"there is no certifi in {folder}"
    for file in files:
        text = file.read_text(encoding="utf-8")
        file.unlink()
        file.write_text(text + surroundings.poison, encoding="utf-8")


@pytest.mark.parametrize("way", ["uv.toml", "pyproject.toml", "UV_CACHE_DIR"])
def test_a_poisoned_cache_of_uv_in_the_workspace_is_not_used(
    surroundings: Surroundings, way: str, tmp_path: Path
) -> None:
    surroundings.give_uv()
    cache = surroundings.workspace / "cache"
    lock = str(ROOT / "requirements" / "auto-tag.txt")
    install = [str(UV), "pip", "install", "--no-config", "--quiet", "--python", sys.executable]
    install += ["--cache-dir", str(cache), "--target", str(tmp_path / "target"), "--no-deps"]
    subprocess.run([*install, "--require-hashes", "-r", lock], check=True)
    poison_packages(cache, surroundings)
    environ = {"UV_CACHE_DIR": "cache"} if way == "UV_CACHE_DIR" else {"UV_CACHE_DIR": ""}
    if way == "uv.toml":
        (surroundings.workspace / way).write_text('cache-dir = "cache"\n', encoding="utf-8")
    if way == "pyproject.toml":
        with (surroundings.workspace / way).open("a", encoding="utf-8") as file:
            file.write('\n[tool.uv]\ncache-dir = "cache"\n')
    surroundings.assert_starts(environ)


def test_another_job_of_the_machine_does_not_reach_this_one(surroundings: Surroundings) -> None:
    surroundings.give_uv()
    surroundings.assert_starts()
    for packages in surroundings.tool_cache.rglob("site-packages"):
        poison_packages(packages, surroundings)
    surroundings.assert_starts()


@pytest.mark.parametrize("damage", ["emptied", "interpreter gone", "a marker over nothing"])
def test_an_environment_that_does_not_start_is_made_anew(
    surroundings: Surroundings, damage: str
) -> None:
    surroundings.give_uv()
    surroundings.environ["RUNNER_ENVIRONMENT"] = "github-hosted"
    surroundings.assert_starts()
    (environment,) = (
        path for path in (surroundings.tool_cache / "dist-actions").iterdir() if path.is_dir()
    )
    (packages,) = environment.glob("lib/*/site-packages")
    if damage == "emptied":
        shutil.rmtree(packages)
        packages.mkdir()
    elif damage == "interpreter gone":
        (environment / "bin" / "python").unlink()
        (environment / "bin" / "python").symlink_to(environment / "gone" / "python3")
    else:
        marker = environment / "dist-actions-complete"
        shutil.rmtree(environment)
        environment.mkdir()
        marker.touch()
    surroundings.assert_starts()
    surroundings.assert_starts()


@pytest.mark.parametrize("way", ["uv.toml", "pyproject.toml", "variables"])
def test_settings_of_uv_do_not_steer_it(surroundings: Surroundings, way: str) -> None:
    surroundings.give_uv()
    if way == "pyproject.toml":
        with (surroundings.workspace / way).open("a", encoding="utf-8") as file:
            file.write(f"\n[tool.uv]\n{INNOCENT_UV}")
    else:
        (surroundings.workspace / "uv.toml").write_text(INNOCENT_UV, encoding="utf-8")
    surroundings.assert_starts(UV_VARIABLES if way == "variables" else {})


@pytest.mark.parametrize("way", ["variables", "PIP_CONFIG_FILE", "the user's file"])
def test_settings_of_pip_do_not_steer_it(
    surroundings: Surroundings, way: str, tmp_path: Path
) -> None:
    home = tmp_path / "home-of-the-runner"
    (home / ".config" / "pip").mkdir(parents=True)
    (home / ".config" / "pip" / "pip.conf").write_text(PIP_CONFIGURATION, encoding="utf-8")
    (surroundings.workspace / "pip.conf").write_text(PIP_CONFIGURATION, encoding="utf-8")
    surroundings.assert_starts(
        {
            "variables": PIP_VARIABLES,
            "PIP_CONFIG_FILE": {"PIP_CONFIG_FILE": "pip.conf"},
            "the user's file": {"HOME": str(home)},
        }[way]
    )


@pytest.mark.parametrize(
    "script",
    [
        pytest.param("exit 0", id="does nothing"),
        pytest.param("echo no such command >&2; exit 2", id="fails"),
        pytest.param('for last; do :; done; mkdir -p "$last/lib/p/site-packages"', id="pretends"),
    ],
)
def test_pip_makes_it_where_uv_does_not(surroundings: Surroundings, script: str) -> None:
    surroundings.give_uv(script)
    surroundings.assert_starts()


def test_a_uv_of_the_workspace_is_not_run(surroundings: Surroundings) -> None:
    programs = surroundings.workspace / "bin"
    programs.mkdir()
    (programs / "uv").write_text(f"#!/bin/sh\ntouch {surroundings.canary}\nexit 1\n")
    (programs / "uv").chmod(0o755)
    surroundings.give_uv()
    surroundings.assert_starts(path=f"{programs}{os.pathsep}bin")


@pytest.mark.parametrize("temp", ["usable", "below a file"])
def test_a_folder_that_cannot_be_used_is_named_and_passed_over(
    surroundings: Surroundings, temp: str, tmp_path: Path
) -> None:
    surroundings.give_uv()
    (tmp_path / "file").touch()
    bad = {"RUNNER_TOOL_CACHE": str(tmp_path / "file" / "cache")}
    if temp == "below a file":
        bad["RUNNER_TEMP"] = str(tmp_path / "file" / "temp")
    result = surroundings.run({"RUNNER_ENVIRONMENT": "github-hosted", **bad})
    assert result.exit_status == 3, result.log
    assert "environment could not be made" not in result.log
    for folder in bad.values():
        assert f"{folder}/dist-actions cannot be used" in result.log
