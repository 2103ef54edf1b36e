"""Explain why an action that a step writes, or checks out, could not run; pure.

act reads it when its step begins, as GitHub's runner does.
"""

import re

_NO_METADATA = "failed to read 'action.yml' from action"
_NOT_FETCHED = re.compile(r'failed to fetch "https://github\.com/([^"]+)" version "([^"]+)"')


def describe_missing(uses: str, log: str) -> str:
    """Say as GitHub does that there is no such action in the workspace; empty where there is."""
    if not uses.startswith("./") or _NO_METADATA not in log:
        return ""
    return (
        f"Can't find 'action.yml', 'action.yaml' or 'Dockerfile' under '{uses}'. Why: the "
        "repository has no such action, and no step before has written it or checked it out. "
        f"Fix: let a step before bring {uses}, as GitHub's runner needs it, too. A rehearsal has "
        "no other repository than the project's to check out: put a copy of the action into it."
    )


def explain_unfetched(log: str) -> tuple[str, str] | None:
    """Explain, in why and fix, that what such an action uses could not be brought."""
    match = _NOT_FETCHED.search(log)
    if match is None:
        return None
    return (
        f"an action that only a step writes uses {match[1]}@{match[2]}, and a rehearsal brings the "
        "actions before the job starts; on GitHub it would be downloaded.",
        "have the action in the repository, where the rehearsal sees what it uses, or rehearse "
        "without this job.",
    )
