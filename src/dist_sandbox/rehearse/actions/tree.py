"""The tree of dist-actions that a workflow's `uses: eigenoid/dist-actions/…` gets."""

import shutil
import subprocess
from pathlib import Path

from dist_sandbox.rehearse.errors import UsageError

#: Where this source stands in a checkout: src/dist_sandbox/rehearse/actions/tree.py.
_CHECKOUT = Path(__file__).resolve().parents[4]
#: What makes a folder a checkout of dist-actions.
_MARKS = ("auto-tag/action.yml", "release/action.yml", "promote/action.yml", "src/dist_actions")


def find_checkout(given: Path | None) -> Path:
    """The checkout of dist-actions: what the user gave, else the one that this code is part of.

    Raises:
        UsageError: It is none.
    """
    checkout = given or _CHECKOUT
    missing = [mark for mark in _MARKS if not (checkout / mark).exists()]
    if missing:
        raise UsageError(
            f"{checkout} is no checkout of dist-actions: {missing[0]} is missing.",
            why="the rehearsal runs the actions themselves, which no installed package holds.",
            fix="clone dist-actions and give its folder with --actions.",
        )
    return checkout


def export_tree(checkout: Path, target: Path) -> None:
    """Copy what GitHub would download: the files that git knows and the export rules let through.

    Files of the working tree count as they are now, so that a change can be rehearsed before it is
    committed.
    """
    files = _exported_files(checkout)
    if files is None:
        ignore = shutil.ignore_patterns(".*", "build", "dist", "tests", "__pycache__")
        shutil.copytree(checkout, target, ignore=ignore)
        return
    for file in files:
        source = checkout / file
        if source.is_file():
            (target / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target / file)


def _exported_files(checkout: Path) -> list[str] | None:
    listed = _git(checkout, "ls-files", "-z", "-co", "--exclude-standard")
    if not listed:
        return None
    files = [name for name in listed.split("\0") if name]
    checked = _git(checkout, "check-attr", "-z", "--stdin", "export-ignore", stdin=listed)
    fields = (checked or "").split("\0")
    left_out = {
        path for path, value in zip(fields[0::3], fields[2::3], strict=False) if value == "set"
    }
    return [
        file
        for file in files
        if file not in left_out and not any(file.startswith(f"{name}/") for name in _unexported())
    ]


def _unexported() -> tuple[str, ...]:
    """Folders that no action reads; leaving them out makes each of act's copies cheaper."""
    return ("tests", "docs", "examples", "benchmarks", "scripts", ".github", ".ci")


def _git(checkout: Path, *arguments: str, stdin: str = "") -> str | None:
    done = subprocess.run(
        ["git", "-C", str(checkout), *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout if done.returncode == 0 else None
