"""What an ID token says about the job that asked for it.

It signs nothing. Claims that tell a run's history (`run_number`, `run_attempt`) are always those
of a first run: the sandbox keeps no history of runs.

Spec: https://docs.github.com/actions/reference/security/oidc#oidc-token-claims
"""

import re
import uuid
from datetime import timedelta
from typing import Any, Literal, get_args

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from dist_sandbox.github.repository import Repository
from dist_sandbox.jobs import Job
from dist_sandbox.organisation import Organisation
from dist_sandbox.world import World

SubjectForm = Literal["names", "numeric-ids"]
SUBJECT_FORMS: tuple[SubjectForm, ...] = get_args(SubjectForm)

_PULL_REQUEST_REF = re.compile(r"refs/pull/([0-9]+)/(?:merge|head)")

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
    claims |= _run_claims(world, job)
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


def _run_claims(world: World, job: Job) -> dict[str, str]:
    """What the token says about the run: event, ref and workflow."""
    repository = world.github.repository
    workflow_ref = f"{repository.full_name}/{job.workflow}@{job.ref}"
    base_ref, head_ref = _pull_request_refs(repository, job.ref)
    protected = any(
        ruleset.applies_to(job.ref, default_branch=repository.default_branch)
        for ruleset in repository.binding_rulesets
    )
    return {
        "event_name": job.event_name,
        "ref": job.ref,
        "ref_type": "tag" if job.ref.startswith("refs/tags/") else "branch",
        "ref_protected": "true" if protected else "false",
        "sha": job.sha,
        "base_ref": base_ref,
        "head_ref": head_ref,
        "workflow": _workflow_name(repository, job),
        "workflow_ref": workflow_ref,
        "workflow_sha": job.sha,
        "job_workflow_ref": job.job_workflow_ref or workflow_ref,
        "job_workflow_sha": job.job_workflow_sha or job.sha,
        "run_id": str(job.run_id),
        "run_number": "1",
        "run_attempt": "1",
    }


def _pull_request_refs(repository: Repository, ref: str) -> tuple[str, str]:
    """Base and head branch of the pull request that a ref is of; empty where it is of none."""
    match = _PULL_REQUEST_REF.fullmatch(ref)
    pull = repository.pull(int(match.group(1))) if match else None
    return (pull.base, pull.head) if pull else ("", "")


def _workflow_name(repository: Repository, job: Job) -> str:
    """The workflow's `name:` at the run's commit; its path where it gives none, as on GitHub."""
    text = repository.git.git_or_none("show", "--end-of-options", f"{job.sha}:{job.workflow}")
    try:
        document = YAML(typ="safe", pure=True).load(text or "")
    except YAMLError:
        return job.workflow
    name = document.get("name") if isinstance(document, dict) else None
    return name if isinstance(name, str) and name else job.workflow


def _actor_id(world: World, login: str) -> str:
    """The numeric ID of whoever caused the event, empty where nobody has this login."""
    found = (one.account_id for one in world.github.accounts() if one.login == login)
    return str(next(found, ""))


def _escaped(value: str) -> str:
    return value.replace(":", "%3A")
