"""What an ID token says about the job that asked for it.

It signs nothing. Claims that tell a run's history (`run_number`, `run_attempt`) are always the
first's, and no ref is protected: the sandbox keeps neither.

Spec: https://docs.github.com/actions/reference/security/oidc#oidc-token-claims
"""

import uuid
from datetime import timedelta
from typing import Any, Literal, get_args

from dist_sandbox.environments import Organisation
from dist_sandbox.jobs import Job
from dist_sandbox.world import World

SubjectForm = Literal["names", "numeric-ids"]
SUBJECT_FORMS: tuple[SubjectForm, ...] = get_args(SubjectForm)

#: How long an ID token lasts. Source: `exp - iat` of the example token, page above.
LIFETIME = timedelta(minutes=5)

#: How far `nbf` lies before `iat`. Source: as above.
_VALID_BEFORE_ISSUE = timedelta(minutes=10)


def make_claims(
    world: World, job: Job, *, audience: str, environment: str, form: SubjectForm
) -> dict[str, Any]:
    """The claims of a new ID token.

    Args:
        audience: `aud`, as asked for.
        environment: Name of the job's environment, empty where it has none.
        form: How `sub` names the repository.
    """
    organisation = world.organisation
    now = world.clock.timestamp()
    claims: dict[str, Any] = {
        "iss": world.addresses.oidc_issuer,
        "aud": audience,
        "sub": subject(organisation, job, environment=environment, form=form),
        "jti": str(uuid.uuid4()),
        "iat": now,
        "nbf": now - int(_VALID_BEFORE_ISSUE.total_seconds()),
        "exp": now + int(LIFETIME.total_seconds()),
        "actor": job.actor,
        "actor_id": _actor_id(world, job.actor),
        "repository": organisation.github_repository,
        "repository_id": str(organisation.repository_id),
        "repository_owner": organisation.owner,
        "repository_owner_id": str(organisation.owner_id),
        "repository_visibility": "private",
        "runner_environment": "github-hosted",
    }
    claims |= _run_claims(organisation, job)
    if environment:
        claims["environment"] = environment
    return claims


def subject(organisation: Organisation, job: Job, *, environment: str, form: SubjectForm) -> str:
    """The `sub` of a job's ID token; a colon within a value is written `%3A`."""
    if form == "numeric-ids":
        repository = (
            f"{organisation.owner}@{organisation.owner_id}/"
            f"{organisation.repository}@{organisation.repository_id}"
        )
    else:
        repository = organisation.github_repository
    if environment:
        context = f"environment:{_escaped(environment)}"
    elif job.event_name in ("pull_request", "pull_request_target"):
        context = "pull_request"
    else:
        context = f"ref:{_escaped(job.ref)}"
    return f"repo:{repository}:{context}"


def _run_claims(organisation: Organisation, job: Job) -> dict[str, str]:
    """What the token says about the run: event, ref and workflow."""
    workflow_ref = f"{organisation.github_repository}/{job.workflow}@{job.ref}"
    return {
        "event_name": job.event_name,
        "ref": job.ref,
        "ref_type": "tag" if job.ref.startswith("refs/tags/") else "branch",
        "ref_protected": "false",
        "sha": job.sha,
        "base_ref": "",
        "head_ref": "",
        "workflow": job.workflow,
        "workflow_ref": workflow_ref,
        "workflow_sha": job.sha,
        "job_workflow_ref": workflow_ref,
        "job_workflow_sha": job.sha,
        "run_id": str(job.run_id),
        "run_number": "1",
        "run_attempt": "1",
    }


def _actor_id(world: World, login: str) -> str:
    """The numeric ID of whoever caused the event, empty where nobody has this login."""
    found = (one.account_id for one in world.github.accounts() if one.login == login)
    return str(next(found, ""))


def _escaped(value: str) -> str:
    return value.replace(":", "%3A")
