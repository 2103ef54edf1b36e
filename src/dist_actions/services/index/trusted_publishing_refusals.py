"""Put PyPI's refusals of a Trusted Publisher into words that say what to change; pure.

Spec: PyPI's documentation of Trusted Publishers, its part on troubleshooting
"""

from collections.abc import Mapping, Sequence
from typing import Any

from dist_actions.abbreviation import quote_answer
from dist_actions.errors import IdentityError
from dist_actions.identity.claims import describe_absent_environment, describe_claims, workflow_file
from dist_actions.services.refusals import Explanation, find_explanation

_API_TOKEN = "publish with an API token as password."  # noqa: S105 - an advice

_EXPLANATIONS = {
    "not-enabled": Explanation(
        why="Trusted Publishing is switched off there at the moment.",
        fix="run the job again later, or " + _API_TOKEN,
        anchor="trusted-publishing-off",
    ),
    "invalid-payload": Explanation(
        why="it did not understand the request, or does not know the issuer {issuer}: it accepts "
        "ID tokens of github.com, of no GitHub Enterprise Server.",
        fix="on GitHub Enterprise Server, " + _API_TOKEN + " Else run the job again.",
        anchor="trusted-publishing-token",
    ),
    "invalid-token": Explanation(
        why="the ID token is expired, for another index, or its signature is not GitHub's. "
        "Its claims: {claims}.",
        fix="run the job again; if it comes back on a runner of your own, set its clock.",
        anchor="trusted-publishing-token",
    ),
    "invalid-reuse-token": Explanation(
        why="this ID token was used before.",
        fix="run the job again; it asks for a new one.",
        anchor="trusted-publishing-token",
    ),
    "invalid-pending-publisher": Explanation(
        why="a pending publisher fits this job, but its project was made by somebody meanwhile: a "
        "pending publisher reserves no name, and is gone now.",
        fix="if the project is yours, add a publisher on its page, Manage, Publishing: {form}. "
        "Else choose another name for it, with a new pending publisher at {page}",
        anchor="trusted-publishing-pending",
    ),
    "invalid-publisher": Explanation(
        why="{environment}{no} publisher there is exactly that of this job. The claims: {claims}.",
        fix="{mend}on the project's page, Manage, Publishing, add or correct a publisher: {form}. "
        "For a project that is not there yet, add a pending one at {page}",
        anchor="trusted-publishing-publisher",
    ),
}
#: What `invalid-payload` is about where a pending publisher could not make its project.
_NAMES = dict.fromkeys(
    ("too similar", "isn't allowed", "invalid value for name"),
    Explanation(
        why="a pending publisher fits this job, but its project cannot have this name.",
        fix="choose another name in the package's metadata and in the pending publisher, at {page}",
        anchor="project-name",
    ),
)
_OTHER = Explanation(
    why="it does not offer Trusted Publishing at this address, or refuses it at the moment.",
    fix="check the index, or " + _API_TOKEN,
    anchor="trusted-publishing-off",
)


def explain_mint_refusal(
    label: str, status: int, errors: Sequence[Any], claims: Mapping[str, Any], page: str
) -> IdentityError:
    """Explain what PyPI answers in place of an upload token.

    Args:
        label: How messages name the index.
        errors: Its `errors`, each with `code` and `description`.
        claims: Of the ID token; empty where none was sent.
        page: Address of the page on which pending publishers are added.
    """
    first = next((error for error in errors if isinstance(error, Mapping)), {})
    code = str(first.get("code", "")) or f"HTTP {status}"
    description = quote_answer(str(first.get("description", "")))
    by_name = find_explanation(_NAMES, description) if code == "invalid-payload" else None
    environment = describe_absent_environment(claims)
    explanation = (by_name or _EXPLANATIONS.get(code, _OTHER)).fill(
        {
            "claims": describe_claims(claims),
            "environment": environment,
            "no": "No" if environment else "no",
            "mend": "where the publisher has an environment, add `environment: NAME` to the job; "
            "else, "
            if environment
            else "",
            "form": _describe_form(claims),
            "issuer": str(claims.get("iss", "(absent)")),
            "page": page,
        }
    )
    return explanation.error(
        IdentityError,
        f"{label} gave no upload token: {code}{f': {description}' if description else ''}.",
    )


def refuse_reusable_workflow(label: str, claims: Mapping[str, Any]) -> IdentityError:
    """Explain that no publisher matches a job of a reusable workflow."""
    return IdentityError(
        f"{label} accepts no ID token of a reusable workflow: this job stands in "
        f"{claims.get('job_workflow_ref')}, started by {claims.get('workflow_ref')}.",
        why="a Trusted Publisher names the workflow that was started, and PyPI does not accept "
        f"jobs of another file. The claims: {describe_claims(claims)}.",
        fix="move the publishing job into the workflow that is started, or " + _API_TOKEN,
        anchor="reusable-workflow",
    )


def _describe_form(claims: Mapping[str, Any]) -> str:
    """List what to write into the fields of PyPI's form for a publisher."""
    owner, _, repository = str(claims.get("repository", "")).partition("/")
    fields = {
        "Owner": owner,
        "Repository name": repository,
        "Workflow name": workflow_file(claims),
        "Environment name": str(claims.get("environment") or ""),
    }
    return ", ".join(
        f"{name} `{value}`" if value else f"{name} (empty)" for name, value in fields.items()
    )
