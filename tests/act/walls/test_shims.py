"""The programs that stand for ssh, sudo and apt-get in a rehearsal."""

import shutil
import subprocess
from pathlib import Path

import pytest

from dist_sandbox.rehearse.errors import split_message
from dist_sandbox.rehearse.walls.enclosing import write_shims


@pytest.fixture
def shims(tmp_path: Path) -> Path:
    write_shims(tmp_path)
    return tmp_path


def run(program: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(program), *arguments], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "arguments",
    [
        ("printf", "%s", "as it is"),
        ("-E", "printf", "%s", "as it is"),
        ("-n", "-u", "root", "--", "printf", "%s", "as it is"),
        ("--preserve-env=PATH", "--user", "root", "A=1", "printf", "%s", "as it is"),
        ("-H", "A=as it is", "sh", "-c", 'printf "%s" "$A"'),
        ("-i", "sh", "-c", 'printf "%s" "as it is"'),
    ],
)
def test_sudo_runs_the_command_as_it_is(shims: Path, arguments: tuple[str, ...]) -> None:
    assert run(shims / "sudo", *arguments).stdout == "as it is"


def test_sudo_passes_the_exit_status_on(shims: Path) -> None:
    assert run(shims / "sudo", "sh", "-c", "exit 7").returncode == 7


@pytest.mark.parametrize(
    ("name", "arguments", "status"),
    [
        ("ssh", ("git@example.org",), 255),
        ("apt-get", ("install", "-y", "no-such-package-here"), 100),
        ("apt", ("-o", "A=b", "install", "bash", "no-such-package-here"), 100),
        ("apt-get", ("remove", "bash"), 100),
    ],
)
def test_what_cannot_be_done_is_explained(
    shims: Path, name: str, arguments: tuple[str, ...], status: int
) -> None:
    done = run(shims / name, *arguments)

    assert done.returncode == status
    what, why, fix = split_message(done.stderr)
    assert what.startswith("error: ")
    assert why
    assert fix


@pytest.mark.skipif(not shutil.which("dpkg-query"), reason="needs a Debian")
@pytest.mark.parametrize(
    "arguments",
    [
        ("update",),
        ("install", "--yes", "dpkg"),
        ("install", "-qq", "-t", "stable", "dpkg=1.0", "base-files"),
    ],
)
def test_what_is_installed_counts_as_installed(shims: Path, arguments: tuple[str, ...]) -> None:
    assert run(shims / "apt-get", *arguments).returncode == 0
