"""Stand-in for actions/setup-node: the node on this machine's PATH."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from runner import (
    ActionError,
    StandInLimitError,
    export,
    note_difference,
    read_input,
    run_action,
    set_output,
    workspace,
)


def main() -> None:
    """Find node, and let npm know its registry."""
    program = shutil.which("node")
    if program is None:
        raise StandInLimitError(
            "There is no node.",
            why="a rehearsal takes the node on this machine's PATH.",
            fix="install node, or rehearse with --docker.",
        )
    version = subprocess.run(
        [program, "--version"], capture_output=True, text=True, check=True
    ).stdout.strip()
    requirement = read_input("node-version") or _read_file(read_input("node-version-file"))
    major = re.search(r"\d+", requirement)
    if major and major[0] != version.lstrip("v").partition(".")[0]:
        note_difference(f"node {requirement} is not on this machine; {version} stands in.")
    set_output("node-version", version)
    set_output("cache-hit", "")
    if read_input("registry-url"):
        _configure(read_input("registry-url"))


def _read_file(name: str) -> str:
    """Read the version that a file names."""
    if not name:
        return ""
    file = workspace() / name
    if not file.is_file():
        raise ActionError(f"The specified node version file at: {file} does not exist")
    text = file.read_text(encoding="utf-8").strip()
    if file.name != "package.json":
        return str(text.removeprefix("nodejs "))
    engines: dict[str, str] = json.loads(text).get("engines") or {}
    return engines.get("node", "")


def _configure(registry: str) -> None:
    """Write npm's configuration, with the token that a later step sets."""
    url = registry if registry.endswith("/") else f"{registry}/"
    scope = read_input("scope")
    prefix = f"{scope if scope.startswith('@') else f'@{scope}'}:" if scope else ""
    place = urlsplit(url)
    text = f"//{place.netloc}{place.path}:_authToken=${{NODE_AUTH_TOKEN}}\n{prefix}registry={url}\n"
    file = Path(os.environ["RUNNER_TEMP"]) / ".npmrc"
    file.write_text(text, encoding="utf-8")
    export("NPM_CONFIG_USERCONFIG", str(file))
    export("NODE_AUTH_TOKEN", os.environ.get("NODE_AUTH_TOKEN") or "XXXXX-XXXXX-XXXXX-XXXXX")


run_action(main)
