"""Stand-in for actions/download-artifact: fetch what an earlier job of the run uploaded."""

import fnmatch
import hashlib
import io
import sys
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from artifacts import artifact_url, list_artifacts, send
from runner import ActionError, read_flag, read_input, run_action, set_output, workspace


def main() -> None:
    """Fetch one artifact, or all that fit."""
    folder = workspace() / Path(read_input("path") or ".").expanduser()
    digests = list_artifacts()
    name = read_input("name")
    if name and name not in digests:
        raise ActionError(
            f"Unable to download artifact(s): Artifact not found for name: {name}. "
            "Please ensure that your artifact is not expired and the artifact was uploaded "
            "using a compatible version of toolkit/upload-artifact."
        )
    pattern = read_input("pattern") or "*"
    names = [name] if name else [n for n in sorted(digests) if fnmatch.fnmatchcase(n, pattern)]
    for artifact in names:
        apart = len(names) > 1 and not read_flag("merge-multiple")
        _fetch(artifact, digests[artifact], folder / artifact if apart else folder)
    print(f"Total of {len(names)} artifact(s) downloaded")
    set_output("download-path", str(folder))


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
