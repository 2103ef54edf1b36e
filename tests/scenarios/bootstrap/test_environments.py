"""An action makes its locked environment once, on every Python, with uv and with pip."""

import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from support.projects.checkouts import ProjectCheckout
from support.stages.running import StageRunner


def other_pythons() -> list[str]:
    """One interpreter for each minor version on this machine, beside the one that tests run in."""
    found = {}
    for minor in range(10, 15):
        names = [f"python3.{minor}", *Path.home().glob(f".pyenv/versions/3.{minor}.*/bin/python3")]
        for name in names:
            path = shutil.which(str(name))
            if path and minor != sys.version_info.minor and _works(path, minor):
                found[minor] = path
    return list(found.values())


def _works(path: str, minor: int) -> bool:
    asked = [path, "-c", f"import sys, pip; sys.exit(sys.version_info.minor != {minor})"]
    return subprocess.run(asked, capture_output=True, check=False).returncode == 0


def _environments(cache: Path) -> list[Path]:
    return [path for path in (cache / "dist-actions").iterdir() if path.is_dir()]


@pytest.mark.network
@pytest.mark.parametrize("uv", [True, False], ids=["uv", "pip"])
def test_two_cold_starts_make_one_environment(
    offline_package: ProjectCheckout, run_stage_alone: StageRunner, tmp_path: Path, uv: bool
) -> None:
    if uv and not shutil.which("uv"):
        pytest.skip("uv is not on PATH")
    environ = {"RUNNER_TOOL_CACHE": str(tmp_path / "cache")}
    if not uv:
        environ["PATH"] = _path_with_git_alone(tmp_path)
    started = [
        run_stage_alone.start(
            "auto-tag", workspace=offline_package.folder, ref="refs/heads/x", environ=environ
        )
        for _ in range(2)
    ]
    with ThreadPoolExecutor() as pool:
        results = list(pool.map(lambda run: run.finish(), started))

    assert [result.exit_status for result in results] == [0, 0], results[0].log
    assert len(_environments(tmp_path / "cache")) == 1


@pytest.mark.network
def test_every_python_has_its_own_environment(
    offline_package: ProjectCheckout, run_stage_alone: StageRunner, tmp_path: Path
) -> None:
    pythons = other_pythons()
    if not pythons:
        pytest.skip("there is no other Python here")
    environ = {"RUNNER_TOOL_CACHE": str(tmp_path / "cache")}

    for python in pythons:
        result = run_stage_alone(
            "auto-tag",
            {"token": "ghp_0123456789", "max-wait": "0s"},
            workspace=offline_package.folder,
            environ=environ,
            python=python,
        )
        assert result.exit_status == 3, f"{python}\n{result.log}"

    assert len(_environments(tmp_path / "cache")) == len(pythons)


def test_an_environment_that_cannot_be_made(
    offline_package: ProjectCheckout, run_stage_alone: StageRunner, tmp_path: Path
) -> None:
    """No index answers; a rerun begins anew."""
    environ = {
        "RUNNER_TOOL_CACHE": str(tmp_path / "cache"),
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
        "PIP_EXTRA_INDEX_URL": "",
        "PIP_FIND_LINKS": "",
        "PIP_CONFIG_FILE": "/dev/null",
        "PIP_RETRIES": "0",
        "PATH": _path_with_git_alone(tmp_path),
    }

    result = run_stage_alone("auto-tag", workspace=offline_package.folder, environ=environ)

    assert result.exit_status == 3
    assert "environment could not be made" in result.annotation.message
    assert list((tmp_path / "cache").rglob("dist-actions-complete")) == []


def _path_with_git_alone(tmp_path: Path) -> str:
    """A PATH without uv."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "git").symlink_to(shutil.which("git") or "git")
    return f"{folder}:/usr/bin:/bin"
