"""uv in a rehearsal takes the Pythons of the machine, downloads none, and changes none of them."""

import subprocess
import sys
from pathlib import Path

import pytest

from dist_sandbox.rehearse.uv_programs import link_pythons, write_programs


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """A job's environment on a machine where uv and pyenv have installed some Pythons."""
    tools = {
        "DIST_SANDBOX_UV_PYTHONS": str(tmp_path / "users"),
        "PYENV_ROOT": str(tmp_path / "pyenv"),
    }
    for place in ("users/cpython-3.12.9-x", "pyenv/versions/3.12.2", "pyenv/versions/3.13.0"):
        programs = tmp_path / place / "bin"
        programs.mkdir(parents=True)
        minor = place.split("3.", 1)[1].partition(".")[0]
        for name in ("python3", f"python3.{minor}"):
            (programs / name).write_text("", encoding="utf-8")
    (tmp_path / "bin").mkdir()
    (tmp_path / "uv").write_text('#!/bin/sh\necho "$PATH $*"\n', encoding="utf-8")
    (tmp_path / "uv").chmod(0o755)
    links = tmp_path / "links"
    link_pythons(links, {**tools, "UV_PYTHON_INSTALL_DIR": str(tmp_path / "users")})
    write_programs(tmp_path / "bin", tmp_path / "uv", links, Path(sys.executable))
    installed = {"HOME": str(tmp_path), "UV_PYTHON_INSTALL_DIR": str(tmp_path / "own")}
    return {"PATH": "/usr/bin:/bin", **tools, **installed}


def run_uv(environ: dict[str, str], *arguments: str) -> "subprocess.CompletedProcess[str]":
    home = Path(environ["HOME"])
    return subprocess.run(
        [str(home / "bin" / "uv"), *arguments],
        env=environ, cwd=home, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_a_python_of_the_machine_is_found_after_those_of_the_job(environ: dict[str, str]) -> None:
    links = Path(environ["HOME"], "links")
    assert run_uv(environ, "run", "x").stdout == f"{environ['PATH']}:{links} run x\n"
    # The newest of a minor version.
    assert (links / "python3.12").resolve().parents[1].name == "cpython-3.12.9-x"
    assert (links / "python3.13").resolve().parents[1].name == "3.13.0"


@pytest.mark.parametrize(
    ("arguments", "version"),
    [
        (["3.12"], "3.12.9"),
        (["cpython@3.12.2"], "3.12.2"),
        (["--default", ">=3.12,<3.13"], "3.12.9"),
        ([], "3.13.0"),
    ],
)
def test_installing_links_to_it(
    environ: dict[str, str], arguments: list[str], version: str
) -> None:
    done = run_uv(environ, "--quiet", "python", "install", *arguments)
    assert done.returncode == 0, done.stderr
    (own,) = Path(environ["UV_PYTHON_INSTALL_DIR"]).iterdir()
    assert own.name.startswith(f"cpython-{version}-")
    # Links to programs alone: uv writes into the folder of a Python that it manages.
    assert [path.name for path in own.iterdir()] == ["bin"]
    assert all(path.is_symlink() for path in (own / "bin").iterdir())
    programs = {path.name for path in Path(environ["HOME"], ".local", "bin").iterdir()}
    assert ("python" in programs) is ("--default" in arguments)
    assert f"python{version.rpartition('.')[0]}" in programs


def test_the_projects_own_file_says_which(environ: dict[str, str]) -> None:
    Path(environ["HOME"], ".python-version").write_text("3.12 # old\n", encoding="utf-8")
    assert "Python 3.12.9" in run_uv(environ, "python", "install").stdout


def test_one_that_is_not_there_is_a_limit_of_this_machine(environ: dict[str, str]) -> None:
    done = run_uv(environ, "python", "install", "3.12", "3.99")
    assert done.returncode == 1
    error = next(line for line in done.stdout.splitlines() if "::error" in line)
    assert error.startswith("::error title=rehearsal::This machine has no Python 3.99.")
    assert "3.12.2, 3.12.9, 3.13.0" in error
