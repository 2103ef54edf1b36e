"""Stand-in for actions/attest and attest-build-provenance: check the subjects, and sign nothing."""

import hashlib
import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from runner import (
    ActionError,
    note_difference,
    read_input,
    run_action,
    set_output,
    workspace,
)


def main() -> None:
    """Check what the action would check before it signs."""
    if not os.environ.get("ACTIONS_ID_TOKEN_REQUEST_URL"):
        raise ActionError(
            'missing "id-token" permission. Please add "permissions: id-token: write" to your '
            "workflow."
        )
    subjects = _find_subjects()
    note_difference(
        f"{len(subjects)} subjects would be attested on GitHub; a rehearsal signs nothing here."
    )
    bundle = Path(os.environ["RUNNER_TEMP"]) / "attestation.json"
    bundle.write_text(json.dumps({"subjects": subjects}, indent=1) + "\n", encoding="utf-8")
    server, repository = os.environ["GITHUB_SERVER_URL"], os.environ["GITHUB_REPOSITORY"]
    set_output("bundle-path", str(bundle))
    set_output("attestation-id", "0")
    set_output("attestation-url", f"{server}/{repository}/attestations/0")


def _find_subjects() -> dict[str, str]:
    """Map the names of the subjects to their digests."""
    inputs = ("subject-path", "subject-digest", "subject-checksums")
    named = [name for name in inputs if read_input(name)]
    if len(named) != 1:
        raise ActionError(
            "One of subject-path, subject-digest, or subject-checksums must be provided"
            if not named
            else "Only one of subject-path, subject-digest, or subject-checksums may be provided"
        )
    if named[0] == "subject-digest":
        return {"subject": read_input("subject-digest")}
    if named[0] == "subject-checksums":
        file = workspace() / read_input("subject-checksums")
        if not file.is_file():
            raise ActionError(f"subject checksums file not found: {file}")
        lines = [line.split(maxsplit=1) for line in file.read_text().splitlines() if line.strip()]
        return {name.lstrip("*"): digest for digest, name in lines}
    patterns = read_input("subject-path").replace(",", "\n").split("\n")
    files = [file for pattern in patterns if pattern.strip() for file in _expand(pattern.strip())]
    if not files:
        raise ActionError(f"Could not find subject at path {read_input('subject-path')}")
    return {file.name: f"sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}" for file in files}


def _expand(pattern: str) -> list[Path]:
    """List the files that a pattern names."""
    path = workspace() / pattern
    root = Path(path.anchor)
    return sorted(file for file in root.glob(str(path.relative_to(root))) if file.is_file())


run_action(main)
