"""Stand-in for actions/download-artifact: fetch what an earlier job of the run uploaded."""

import fnmatch
import hashlib
import io
import json
import os
import re
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from artifacts import artifact_id, artifact_url, list_artifacts, send
from runner import (
    ActionError,
    StandInLimitError,
    read_flag,
    read_input,
    run_action,
    set_output,
    workspace,
)


def main() -> None:
    """Fetch one artifact, or all that fit."""
    _refuse_other_runs()
    folder = workspace() / Path(read_input("path") or ".").expanduser()
    digests = list_artifacts()
    names, single = _choose(digests)
    for artifact in names:
        apart = not single and not read_flag("merge-multiple")
        _fetch(artifact, digests[artifact], folder / artifact if apart else folder)
    print(f"Total of {len(names)} artifact(s) downloaded")
    set_output("download-path", str(folder))
    set_output("artifacts", json.dumps([{"name": name} for name in names]))


def _refuse_other_runs() -> None:
    """Refuse another repository, and a run that the rehearsal does not have.

    Raises:
        StandInLimitError: The artifacts are elsewhere.
    """
    for name, variable in (("repository", "GITHUB_REPOSITORY"), ("run-id", "GITHUB_RUN_ID")):
        value = read_input(name)
        if read_input("github-token") and value and value != os.environ[variable]:
            raise StandInLimitError(
                f"{name}: {value} is not played.",
                why="the rehearsal keeps the artifacts of a run for that run alone.",
                fix="rehearse the workflow without this step; GitHub itself accepts it.",
            )


def _choose(digests: Mapping[str, str]) -> tuple[list[str], bool]:
    """Choose the artifacts, and tell whether it is one, which gets no folder of its own."""
    name, ids = read_input("name"), read_input("artifact-ids")
    if name and ids:
        raise ActionError("Inputs 'name' and 'artifact-ids' cannot be used together.")
    if name and name not in digests:
        raise ActionError(
            f"Unable to download artifact(s): Artifact not found for name: {name}. "
            "Please ensure that your artifact is not expired and the artifact was uploaded "
            "using a compatible version of toolkit/upload-artifact."
        )
    if name:
        return [name], True
    if ids:
        wanted = {part.strip() for part in ids.split(",") if part.strip()}
        names = [name for name in sorted(digests) if artifact_id(digests[name]) in wanted]
        if not names:
            raise ActionError("None of the provided artifact IDs were found.")
        return names, len(names) == 1
    patterns = _alternatives(read_input("pattern") or "*")
    matches = [
        name for name in sorted(digests) if any(fnmatch.fnmatchcase(name, p) for p in patterns)
    ]
    # Before version 5 each has a folder of its own, also where there is one.
    is_newer = int(os.environ.get("DIST_SANDBOX_MAJOR_VERSION", "5")) >= 5
    return matches, len(matches) == 1 and is_newer


def _alternatives(pattern: str) -> list[str]:
    """Write out `{a,b}` in a pattern."""
    match = re.search(r"\{([^{}]*,[^{}]*)\}", pattern)
    if match is None:
        return [pattern]
    head, tail = pattern[: match.start()], pattern[match.end() :]
    return [text for part in match[1].split(",") for text in _alternatives(head + part + tail)]


def _fetch(name: str, sha256: str, folder: Path) -> None:
    """Fetch and unpack one artifact.

    Raises:
        ActionError: The bytes differ from those that were uploaded.
    """
    content = send("GET", artifact_url(name))
    if content is None or hashlib.sha256(content).hexdigest() != sha256:
        raise ActionError(f"Artifact {name} failed digest validation: expected sha256 {sha256}.")
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(folder)


run_action(main)
