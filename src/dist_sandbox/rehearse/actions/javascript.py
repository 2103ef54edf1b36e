"""Tell whether this machine's node can run an action that is written in JavaScript."""

import re
import shutil
import subprocess
from collections.abc import Mapping
from typing import Any

from dist_sandbox.rehearse.actions.references import UsesPlace
from dist_sandbox.rehearse.errors import WorkflowFileError

_USING = re.compile(r"node(\d+)")
_VERSION = re.compile(r"v(\d+)\.")


def find_node_version(path: str) -> int:
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
        WorkflowFileError: The action needs node, and this machine has none.
    """
    match = _USING.fullmatch(str((metadata.get("runs") or {}).get("using", "")))
    if match is None:
        return ""
    if not version:
        raise WorkflowFileError(
            f"{place.uses} ({place.place}) is written in JavaScript, and there is no node.",
            why="GitHub's runners bring node; a rehearsal takes the one on this machine's PATH.",
            fix=f"install node {match[1]}, or rehearse with --docker.",
        )
    if version >= int(match[1]):
        return ""
    return f"{place.uses} runs with node {match[1]} on GitHub; the rehearsal has node {version}."
