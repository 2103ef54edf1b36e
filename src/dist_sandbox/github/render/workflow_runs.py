"""The JSON of workflow runs, of what they wait for and of who let them go on."""

from typing import Any

from dist_sandbox.github.access.accounts import Account
from dist_sandbox.github.access.principals import Principal
from dist_sandbox.github.render.basics import (
    node_id,
    render_account,
    repository_api,
    repository_page,
    timestamp,
)
from dist_sandbox.github.render.repositories import render_repository
from dist_sandbox.github.render.settings import render_environment_reference, render_reviewers
from dist_sandbox.github.repository import Repository
from dist_sandbox.github.state import GitHub
from dist_sandbox.github.workflows.runs import Review, WorkflowRun
from dist_sandbox.github.workflows.settings import DeploymentEnvironment

#: Names of the fields that hold addresses below the run's own, and what follows it.
_BELOW = {
    "jobs_url": "/jobs",
    "logs_url": "/logs",
    "cancel_url": "/cancel",
    "rerun_url": "/rerun",
    "artifacts_url": "/artifacts",
}


def render_run(
    run: WorkflowRun, repository: Repository, github: GitHub, caller: Principal | None
) -> dict[str, Any]:
    """GitHub's `workflow-run`."""
    api = repository_api(repository, github.addresses)
    url = f"{api}/actions/runs/{run.run_id}"
    actor = render_account(_account(github, run.actor), github.addresses)
    shown = render_repository(repository, github.addresses, caller)
    return {
        "id": run.run_id,
        "name": run.path,
        "node_id": node_id("WorkflowRun", run.run_id),
        "check_suite_id": run.run_id,
        "check_suite_node_id": node_id("CheckSuite", run.run_id),
        "head_branch": run.short_ref,
        "head_sha": run.sha,
        "path": run.path,
        "run_number": run.number,
        "run_attempt": 1,
        "event": run.event,
        "display_title": run.path,
        "status": run.status,
        "conclusion": run.conclusion,
        "workflow_id": 1,
        "url": url,
        "html_url": f"{repository_page(repository, github.addresses)}/actions/runs/{run.run_id}",
        "pull_requests": [],
        "created_at": timestamp(run.created_at),
        "updated_at": timestamp(run.updated_at),
        "run_started_at": timestamp(run.created_at),
        "actor": actor,
        "triggering_actor": actor,
        **{name: f"{url}{path}" for name, path in _BELOW.items()},
        "check_suite_url": f"{api}/check-suites/{run.run_id}",
        "workflow_url": f"{api}/actions/workflows/1",
        "previous_attempt_url": None,
        "head_commit": None,
        "repository": shown,
        "head_repository": shown,
    }


def render_pending(
    run: WorkflowRun,
    environment: DeploymentEnvironment,
    repository: Repository,
    github: GitHub,
    account: Account,
) -> dict[str, Any]:
    """GitHub's `pending-deployment`, as this account sees it."""
    arrived = min(job.since for job in run.jobs if job.environment is environment)
    return {
        "environment": render_environment_reference(environment, repository, github),
        "wait_timer": environment.wait_timer_minutes,
        "wait_timer_started_at": timestamp(arrived),
        "current_user_can_approve": run.may_review(environment, account),
        "reviewers": render_reviewers(environment, github),
    }


def render_review(review: Review, repository: Repository, github: GitHub) -> dict[str, Any]:
    """GitHub's `environment-approvals`."""
    return {
        "environments": [
            {
                **render_environment_reference(environment, repository, github),
                "created_at": timestamp(environment.created_at),
                "updated_at": timestamp(environment.updated_at),
            }
            for environment in review.environments
        ],
        "state": review.decision,
        "user": render_account(review.reviewer, github.addresses),
        "comment": review.comment,
    }


def _account(github: GitHub, login: str) -> Account:
    known = {account.login: account for account in github.accounts()}
    return known.get(login, github.owner)
