"""Tell whether the workflow that tags also releases."""

import re
from collections.abc import Mapping

from dist_actions.errors import GitError
from dist_actions.services.git.checkout import Git

#: What releases: the phases, publish alone, or a workflow that does all.
_RELEASING = re.compile(
    r"^[\s-]*uses:\s*['\"]?[\w.-]+/dist-actions(?:/release|/\.github/workflows/[\w.-]+)?@", re.M
)


def read_own_workflow(git: Git, environ: Mapping[str, str]) -> str:
    """Read the file of the workflow that runs; empty where it is not in the checkout."""
    # owner/name/.github/workflows/release.yml@refs/heads/main
    path = environ.get("GITHUB_WORKFLOW_REF", "").partition("@")[0].split("/", 2)[2:]
    try:
        return git.run("show", f"HEAD:{path[0]}") if path else ""
    except GitError:
        return ""


def releases(workflow: str) -> bool:
    """Tell whether a workflow releases with an action, or a reusable workflow, of ours."""
    return bool(_RELEASING.search(workflow))
