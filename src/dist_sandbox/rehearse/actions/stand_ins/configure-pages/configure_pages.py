"""Stand-in for configure-pages and deploy-pages: tell the site's address, and deploy nothing."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from artifacts import list_artifacts
from runner import ActionError, note_difference, read_input, run_action, set_output


def main() -> None:
    """Set the outputs; for deploy-pages, check the artifact first."""
    owner, _, name = os.environ["GITHUB_REPOSITORY"].partition("/")
    host = f"{owner.lower()}.github.io"
    path = "" if name.lower() == host else f"/{name}"
    artifact = read_input("artifact_name")
    if artifact:
        _check(artifact)
    set_output("page_url", f"https://{host}{path}/")
    set_output("base_url", f"https://{host}{path}")
    set_output("origin", f"https://{host}")
    set_output("host", host)
    set_output("base_path", path)


def _check(artifact: str) -> None:
    if not os.environ.get("ACTIONS_ID_TOKEN_REQUEST_URL"):
        raise ActionError('Ensure GITHUB_TOKEN has permission "id-token: write".')
    if artifact not in list_artifacts():
        raise ActionError(
            f'No artifacts named "{artifact}" were found for this workflow run. Ensure artifacts '
            "are uploaded with actions/upload-artifact@v4 or later."
        )
    note_difference("The site would be deployed on GitHub Pages; a rehearsal deploys nothing.")


run_action(main)
