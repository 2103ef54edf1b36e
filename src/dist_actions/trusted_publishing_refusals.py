"""Puts PyPI's refusals of a Trusted Publisher into words that say what to change; pure.

Spec: https://docs.pypi.org/trusted-publishers/troubleshooting/
"""

from collections.abc import Mapping, Sequence
from typing import Any

from dist_actions.errors import IdentityError

_CAUSES = {
    "not-enabled": (
        "Trusted Publishing is switched off there at the moment.",
        "run the job again later, or publish with an API token as password.",
        "trusted-publishing-off",
    ),
    "invalid-payload": (
        "it did not understand the request.",
        "run the job again; if it comes back, report it to this project.",
        "trusted-publishing-token",
    ),
    "invalid-token": (
        "the ID token is not one that it accepts: expired, used before, or of another issuer. "
        "Its claims: {claims}.",
        "run the job again; on GitHub Enterprise Server use an API token.",
        "trusted-publishing-token",
    ),
    "invalid-pending-publisher": (
        "there is a pending publisher for this job, but it cannot make the project: its name is "
        "taken, too similar to another, or not allowed. The claims: {claims}.",
        "choose another name, or ask the owner of the name to add this publisher.",
        "trusted-publishing-pending",
    ),
    "invalid-publisher": (
        "no publisher there has this job's owner, repository, workflow file and environment. "
        "The claims: {claims}.",
        "on the project's page, under Publishing, add or correct a publisher with exactly these: "
        "the owner and repository of `repository`, the file name in `workflow_ref`, and the "
        "environment of `sub`.",
        "trusted-publishing-publisher",
    ),
}


def explain_mint_refusal(
    label: str, status: int, errors: Sequence[Any], claims: str
) -> IdentityError:
    """The error for what PyPI answers in place of an upload token.

    Args:
        label: How messages name the index.
        status: HTTP status.
        errors: Its `errors`, each with `code` and `description`.
        claims: The ID token's claims in words; never the token.
    """
    first = next((error for error in errors if isinstance(error, Mapping)), {})
    code = str(first.get("code", "")) or f"HTTP {status}"
    said = " ".join(str(first.get("description", "")).split())[:300]
    why, fix, anchor = _CAUSES.get(
        code,
        (
            "it does not offer Trusted Publishing at this address, or refused. {claims}",
            "check the index, or publish with an API token as password.",
            "trusted-publishing-off",
        ),
    )
    return IdentityError(
        f"{label} gave no upload token: {code}{f': {said}' if said else ''}.",
        why=why.replace("{claims}", claims),
        fix=fix,
        anchor=anchor,
    )


def refuse_reusable_workflow(label: str, claims: Mapping[str, Any]) -> IdentityError:
    """The error for a job of a reusable workflow, which no publisher matches."""
    return IdentityError(
        f"{label} accepts no ID token of a reusable workflow: this job stands in "
        f"{claims.get('job_workflow_ref')}, started by {claims.get('workflow_ref')}.",
        why="a Trusted Publisher names the workflow that was started, and PyPI does not accept "
        "jobs of another file.",
        fix="put the publishing job into the workflow itself, or publish with an API token as "
        "password.",
        anchor="reusable-workflow",
    )
