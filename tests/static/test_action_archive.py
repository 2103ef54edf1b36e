"""What GitHub packs of this repository for a step that uses an action is enough for it."""

import subprocess
import sys
from pathlib import Path

from support.paths import ROOT


def test_the_root_action_is_built_from_it(tmp_path: Path) -> None:
    """Its Dockerfile makes a wheel of what it gets; the export rules leave files out of that."""
    archive, folder = tmp_path / "archive.tar", tmp_path / "action"
    packing = ["git", "archive", "--worktree-attributes", "--output", str(archive), "HEAD"]
    subprocess.run(packing, cwd=ROOT, check=True)
    folder.mkdir()
    subprocess.run(["tar", "-x", "-f", str(archive), "-C", str(folder)], check=True)
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
