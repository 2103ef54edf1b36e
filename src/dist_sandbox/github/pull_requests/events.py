"""Events of pull requests."""

from collections.abc import Mapping
from typing import Any

from dist_sandbox.github.access.principals import Principal
from dist_sandbox.github.git.bare_repository import ZERO
from dist_sandbox.github.pull_requests.pulls import PullRequest
from dist_sandbox.github.render.basics import render_account
from dist_sandbox.github.render.pulls import render_pull
from dist_sandbox.github.render.repositories import render_repository
from dist_sandbox.github.repository import Repository
from dist_sandbox.github.state import GitHub


def announce_pull(
    github: GitHub,
    repository: Repository,
    pull: PullRequest,
    action: str,
    principal: Principal,
    *,
    name: str = "pull_request",
    further: Mapping[str, Any] | None = None,
) -> None:
    """Tell the world that something happened to a pull request.

    Args:
        action: GitHub's word for it: `opened`, `synchronize`, `edited`, `closed`, …
        name: The webhook's name.
        further: What its payload holds besides.
    """
    github.events.add(
        name,
        github_repository=repository.full_name,
        ref=f"refs/pull/{pull.number}/merge",
        sha=pull.merge_commit_sha or pull.head_sha,
        before=ZERO,
        actor=principal.account.login,
        starts_workflows=principal.starts_workflows,
        payload={
            "action": action,
            "number": pull.number,
            "pull_request": render_pull(pull, repository, github),
            "repository": render_repository(repository, github.addresses),
            "organization": {"login": github.owner.login, "id": github.owner.account_id},
            "sender": render_account(principal.account, github.addresses),
            **(further or {}),
        },
    )
