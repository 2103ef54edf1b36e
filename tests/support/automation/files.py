"""Finds the files that the gates read: workflows, actions, YAML blocks of the documentation."""

import re
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from support.paths import ROOT

BAD_SAMPLES = "tests/static/bad/"
YAML_BLOCK = re.compile(r"^```ya?ml\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Source:
    """One workflow or action, from a file of its own or from a block of the documentation.

    Attributes:
        name: Where it stands, as a reader finds it: `README.md block 2`.
        text: The YAML.
    """

    name: str
    text: str

    @property
    def is_action(self) -> bool:
        return self.name.endswith("action.yml")


@cache
def tracked_files() -> tuple[str, ...]:
    """Return what git tracks, and new files that it does not ignore; the bad samples apart."""
    process = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    paths = [path for path in process.stdout.split("\0") if path and (ROOT / path).is_file()]
    return tuple(path for path in sorted(set(paths)) if not path.startswith(BAD_SAMPLES))


@cache
def actions() -> tuple[Source, ...]:
    """Return the actions that users name; those inside the sandbox only stand in for others."""
    return tuple(
        Source(path, (ROOT / path).read_text(encoding="utf-8"))
        for path in tracked_files()
        if Path(path).name == "action.yml" and not path.startswith("src/")
    )


@cache
def workflows() -> tuple[Source, ...]:
    """Return the project's workflows, the examples, and the whole workflows in documentation."""
    files = [
        Source(path, (ROOT / path).read_text(encoding="utf-8"))
        for path in tracked_files()
        if path.startswith((".github/workflows/", "examples/")) and path.endswith((".yml", ".yaml"))
    ]
    return tuple(source for source in (*files, *blocks()) if _is_workflow(source.text))


@cache
def blocks() -> tuple[Source, ...]:
    """Return every YAML block of the documentation, whole workflows and parts of them."""
    return tuple(
        Source(f"{path} block {number}", match[1])
        for path in tracked_files()
        if path.endswith(".md")
        for number, match in enumerate(
            YAML_BLOCK.finditer((ROOT / path).read_text(encoding="utf-8")), start=1
        )
    )


def everything() -> tuple[Source, ...]:
    return tuple(dict.fromkeys((*actions(), *workflows(), *blocks())))


def _is_workflow(text: str) -> bool:
    return re.search(r"^(on|\"on\"):", text, re.MULTILINE) is not None and "\njobs:" in text
