"""What CONTRIBUTING tells a maintainer to type works as it stands."""

import re
import subprocess
from pathlib import Path

import pytest

from support.paths import ROOT

BASH_BLOCK = re.compile(r"^```bash\n(.*?)^```$", re.MULTILINE | re.DOTALL)
STOP_WHAT_WAS_STARTED = "trap 'kill $(jobs -p) 2>/dev/null || true' EXIT"
WITHIN_SECONDS = 300


def section(title: str) -> str:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    return text.partition(f"## {title}\n")[2].partition("\n## ")[0]


@pytest.fixture
def copy_of_the_project(tmp_path: Path) -> Path:
    """A repository of its own, with the files as they are now."""
    copy = tmp_path / "dist-actions"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        source, target = ROOT / name, copy / name
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source.read_bytes())
            target.chmod(source.stat().st_mode)
    subprocess.run(["git", "init", "--quiet"], cwd=copy, check=True)
    return copy


@pytest.mark.network
def test_an_action_can_be_tested_by_hand(copy_of_the_project: Path) -> None:
    typed = BASH_BLOCK.findall(section("Test one action with act, by hand"))
    done = subprocess.run(
        ["bash", "-ec", "\n".join([STOP_WHAT_WAS_STARTED, *typed])],
        cwd=copy_of_the_project,
        capture_output=True,
        text=True,
        timeout=WITHIN_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "::set-output:: tag=v" in done.stdout
    assert "Job succeeded" in done.stdout
