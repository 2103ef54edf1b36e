"""What both command lines have in common: their version, completion, and what is not installed."""

import shutil
import subprocess
import sys

import pytest

from dist_actions import __version__
from support.paths import ROOT

SOURCE = str(ROOT / "src")
MODULES = {"dist-actions": "dist_actions.cli", "dist-sandbox": "dist_sandbox.cli"}


def run(command: str, *arguments: str, bare: bool = False) -> "subprocess.CompletedProcess[str]":
    """Run a command; a bare Python has none of the packages that are installed beside ours."""
    start = f"import sys; sys.path.insert(0, {SOURCE!r}); from {MODULES[command]} import main; "
    isolation = ["-I", "-S"] if bare else ["-I"]
    return subprocess.run(
        [sys.executable, *isolation, "-c", f"{start}sys.exit(main({list(arguments)!r}))"],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("command", MODULES)
def test_a_command_tells_the_version(command: str) -> None:
    done = run(command, "--version")
    assert (done.returncode, done.stdout) == (0, f"{command} {__version__}\n"), done.stderr


@pytest.mark.parametrize("command", MODULES)
def test_bash_completes_a_command(command: str) -> None:
    done = run(command, "--print-completion", "bash")
    assert done.returncode == 0, done.stderr
    bash = shutil.which("bash")
    assert bash is not None
    line = f"{command} --ver"
    script = (
        f"{done.stdout}\nCOMP_LINE='{line}' COMP_POINT={len(line)} COMP_CWORD=1\n"
        f"COMP_WORDS=({line})\nf=$(complete -p {command} | sed 's/.*-F *\\([^ ]*\\).*/\\1/')\n"
        '"$f"; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    completed = subprocess.run([bash, "-c", script], capture_output=True, text=True, check=True)
    assert completed.stdout == "--version\n", completed.stderr


def test_the_sandbox_without_its_extra_says_what_to_install() -> None:
    done = run("dist-sandbox", "rehearse", bare=True)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("dist-sandbox: dist-sandbox needs the package ")
    assert "\nWhy: it belongs to the extra 'sandbox', which was left out." in done.stderr
    assert 'uvx --from "dist-actions[sandbox]" dist-sandbox\n' in done.stderr
    assert done.stderr.count("\n") == 3
