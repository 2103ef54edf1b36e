"""What an ID token says about the job that asked for it.

It signs nothing. Claims that tell a run's history (`run_number`, `run_attempt`) are always those
of a first run: the sandbox keeps no history of runs.

Spec: https://docs.github.com/actions/reference/security/oidc#oidc-token-claims
"""

import re
import uuid
from datetime import timedelta
from typing import Any, Literal, get_args

from ruamel.yaml.error import YAMLError

from dist_actions.doctor.yaml import value_reader
from dist_sandbox.github.state import Repository
from dist_sandbox.jobs import Job

SubjectForm = Literal["names", "numeric-ids"]
SUBJECT_FORMS: tuple[SubjectForm, ...] = get_args(SubjectForm)

_PULL_REQUEST_REF = re.compile(r"refs/pull/([0-9]+)/(?:merge|head)")

#: How long an ID token lasts. Source: `exp - iat` of the example token, page above.
LIFETIME = timedelta(minutes=5)

#: How far `nbf` lies before `iat`. Source: as above.
_VALID_BEFORE_ISSUE = timedelta(minutes=10)


def make_claims(
    repository: Repository, job: Job, *, audience: str, environment: str, form: SubjectForm
) -> dict[str, Any]:
    """Make the claims of a new ID token; the environment is empty where the job has none."""
    github, owner = repository.github, repository.owner
    now, actor = github.clock.timestamp(), github.find_account(job.actor)
    claims: dict[str, Any] = {
        "iss": github.addresses.oidc_issuer,
        "aud": audience,
        "sub": subject(repository, job, environment=environment, form=form),
        "jti": str(uuid.uuid4()),
        "iat": now,
        "nbf": now - int(_VALID_BEFORE_ISSUE.total_seconds()),
        "exp": now + int(LIFETIME.total_seconds()),
        "actor": job.actor,
        "actor_id": str(actor.account_id) if actor else "",
        "repository": repository.full_name,
        "repository_id": str(repository.repository_id),
        "repository_owner": owner.login,
        "repository_owner_id": str(owner.account_id),
        "repository_visibility": "private" if repository.private else "public",
        "runner_environment": "github-hosted",
    }
    claims |= _run_claims(repository, job)
    if environment:
        claims["environment"] = environment
    return claims


def subject(repository: Repository, job: Job, *, environment: str, form: SubjectForm) -> str:
    """Write the `sub` of a job's ID token; a colon within a value is written `%3A`."""
    name = repository.full_name
    if form == "numeric-ids":
        owner = repository.owner
        name = f"{owner.login}@{owner.account_id}/{repository.name}@{repository.repository_id}"
    if environment:
        context = f"environment:{_escaped(environment)}"
    elif job.event_name in ("pull_request", "pull_request_target"):
        context = "pull_request"
    else:
        context = f"ref:{_escaped(job.ref)}"
    return f"repo:{name}:{context}"


def _run_claims(repository: Repository, job: Job) -> dict[str, str]:
    """Make the claims about the run: event, ref and workflow."""
    workflow_ref = f"{repository.full_name}/{job.workflow}@{job.ref}"
    match = _PULL_REQUEST_REF.fullmatch(job.ref)
    pull = repository.pull(int(match.group(1))) if match else None
    return {
        "event_name": job.event_name,
        "ref": job.ref,
        "ref_type": "tag" if job.ref.startswith("refs/tags/") else "branch",
        "ref_protected": "true" if repository.active_rulesets(job.ref) else "false",
        "sha": job.sha,
        "base_ref": pull.base if pull else "",
        "head_ref": pull.head if pull else "",
        "workflow": _workflow_name(repository, job),
        "workflow_ref": workflow_ref,
        "workflow_sha": job.sha,
        "job_workflow_ref": job.job_workflow_ref or workflow_ref,
        "job_workflow_sha": job.job_workflow_sha or job.sha,
        "run_id": str(job.run_id),
        "run_number": "1",
        "run_attempt": "1",
    }


def _workflow_name(repository: Repository, job: Job) -> str:
    """Read the workflow's `name:` at the run's commit; its path where there is none."""
    text = repository.git.git_or_none("show", "--end-of-options", f"{job.sha}:{job.workflow}")
    try:
        document = value_reader().load(text or "")
    except YAMLError:
        return job.workflow
    name = document.get("name") if isinstance(document, dict) else None
    return name if isinstance(name, str) and name else job.workflow


def _escaped(value: str) -> str:
    return value.replace(":", "%3A")
