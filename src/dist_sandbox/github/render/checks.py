"""The JSON of check runs, check suites and commit statuses."""

from collections.abc import Sequence
from typing import Any

from dist_sandbox.github.access.accounts import ACTIONS_BOT
from dist_sandbox.github.access.apps import App
from dist_sandbox.github.git.objects import read_commit
from dist_sandbox.github.render.apps import render_app
from dist_sandbox.github.render.basics import (
    node_id,
    optional_timestamp,
    render_account,
    repository_api,
    repository_page,
    timestamp,
)
from dist_sandbox.github.render.git import render_head
from dist_sandbox.github.render.repositories import render_repository
from dist_sandbox.github.repository import Repository
from dist_sandbox.github.rules.checks import (
    ACTIONS_APP_ID,
    CheckRun,
    CommitStatus,
    Verdict,
    combine,
)
from dist_sandbox.github.state import GitHub

_OUTPUT: dict[str, Any] = {"title": None, "summary": None, "text": None, "annotations_count": 0}


def render_check_run(run: CheckRun, repository: Repository, github: GitHub) -> dict[str, Any]:
    """GitHub's `check-run`."""
    api = repository_api(repository, github.addresses)
    page = repository_page(repository, github.addresses)
    url = f"{api}/check-runs/{run.check_id}"
    return {
        "id": run.check_id,
        "head_sha": run.sha,
        "node_id": node_id("CheckRun", run.check_id),
        "external_id": run.external_id,
        "url": url,
        "html_url": f"{page}/runs/{run.check_id}",
        "details_url": run.details_url or f"{page}/runs/{run.check_id}",
        "status": run.status,
        "conclusion": run.conclusion,
        "started_at": timestamp(run.started_at),
        "completed_at": optional_timestamp(run.completed_at),
        "output": {**_OUTPUT, **run.output, "annotations_url": f"{url}/annotations"},
        "name": run.name,
        "check_suite": {"id": run.suite_id},
        "app": _render_app(run.app, github),
        "pull_requests": [],
    }


def render_suite(
    runs: Sequence[CheckRun], repository: Repository, github: GitHub
) -> dict[str, Any]:
    """GitHub's `check-suite`, of the check runs in it."""
    first = runs[0]
    state = combine(Verdict(run.name, run.state) for run in runs)
    url = f"{repository_api(repository, github.addresses)}/check-suites/{first.suite_id}"
    started = timestamp(first.started_at)
    return {
        "id": first.suite_id,
        "node_id": node_id("CheckSuite", first.suite_id),
        "head_branch": None,
        "head_sha": first.sha,
        "status": "in_progress" if state == "pending" else "completed",
        "conclusion": None if state == "pending" else state,
        "url": url,
        "before": None,
        "after": first.sha,
        "pull_requests": [],
        "app": _render_app(first.app, github),
        "repository": render_repository(repository, github.addresses),
        "created_at": started,
        "updated_at": started,
        "head_commit": render_head(read_commit(repository.git, first.sha)),
        "latest_check_runs_count": len(runs),
        "check_runs_url": f"{url}/check-runs",
    }


def render_status(status: CommitStatus, repository: Repository, github: GitHub) -> dict[str, Any]:
    """GitHub's `status`."""
    api = repository_api(repository, github.addresses)
    created = timestamp(status.created_at)
    creator = render_account(status.creator, github.addresses)
    return {
        "url": f"{api}/statuses/{status.sha}",
        "avatar_url": creator["avatar_url"],
        "id": status.status_id,
        "node_id": node_id("StatusContext", status.status_id),
        "state": status.state,
        "description": status.description,
        "target_url": status.target_url,
        "context": status.context,
        "created_at": created,
        "updated_at": created,
        "creator": creator,
    }


def render_combined(
    statuses: Sequence[CommitStatus], sha: str, repository: Repository, github: GitHub
) -> dict[str, Any]:
    """GitHub's `combined-commit-status`; check runs are no part of it."""
    api = repository_api(repository, github.addresses)
    said = combine(verdict for verdict in repository.checks.verdicts(sha) if verdict.app_id is None)
    shown = [render_status(one, repository, github) for one in statuses]
    return {
        # A commit without any status is pending, which misleads who looks at nothing else.
        "state": said or "pending",
        "statuses": [
            {name: value for name, value in one.items() if name != "creator"} for one in shown
        ],
        "sha": sha,
        "total_count": len(statuses),
        "repository": render_repository(repository, github.addresses),
        "commit_url": f"{api}/commits/{sha}",
        "url": f"{api}/commits/{sha}/status",
    }


def _render_app(app: App | None, github: GitHub) -> dict[str, Any]:
    if app is not None:
        return render_app(app, github)
    created = timestamp(github.repository.created_at)
    return {
        "id": ACTIONS_APP_ID,
        "slug": "github-actions",
        "node_id": node_id("App", ACTIONS_APP_ID),
        "owner": render_account(ACTIONS_BOT, github.addresses),
        "name": "GitHub Actions",
        "description": "Automate your workflow from idea to production",
        "external_url": f"{github.addresses.github_server}/features/actions",
        "html_url": f"{github.addresses.github_server}/apps/github-actions",
        "created_at": created,
        "updated_at": created,
        "permissions": {"checks": "write", "contents": "read"},
        "events": [],
    }
