"""Webhook events: their payloads, and their way into the stream."""

from collections.abc import Mapping
from typing import Any

from dist_sandbox.github.access.principals import Principal
from dist_sandbox.github.git.bare_repository import ZERO
from dist_sandbox.github.pull_requests.pulls import PullRequest
from dist_sandbox.github.render.basics import render_account
from dist_sandbox.github.render.pulls import render_pull
from dist_sandbox.github.render.repositories import render_repository
from dist_sandbox.github.state import Repository


def emit(
    repository: Repository,
    name: str,
    principal: Principal,
    *,
    ref: str,
    sha: str,
    payload: Mapping[str, Any],
    before: str = ZERO,
    further: Mapping[str, Any] | None = None,
) -> None:
    """Add an event of a repository to the stream.

    Args:
        principal: Who caused it.
        payload: What comes before the fields that every payload holds.
        further: What comes after them.
    """
    github = repository.github
    github.events.add(
        name=name,
        github_repository=repository.full_name,
        ref=ref,
        sha=sha,
        before=before,
        actor=principal.account.login,
        starts_workflows=principal.starts_workflows,
        payload={
            **payload,
            "repository": render_repository(repository),
            "organization": {"login": github.owner.login, "id": github.owner.account_id},
            "sender": render_account(principal.account, github),
            **(further or {}),
        },
    )


def announce_pull(
    repository: Repository,
    pull: PullRequest,
    action: str,
    principal: Principal,
    *,
    name: str = "pull_request",
    further: Mapping[str, Any] | None = None,
) -> None:
    """Emit the event that something happened to a pull request.

    Args:
        action: GitHub's word for it: `opened`, `synchronize`, `edited`, `closed`, …
        name: The webhook's name.
        further: What its payload holds besides.
    """
    payload = {
        "action": action,
        "number": pull.number,
        "pull_request": render_pull(pull, repository),
    }
    emit(
        repository,
        name,
        principal,
        ref=f"refs/pull/{pull.number}/merge",
        sha=pull.merge_commit_sha or pull.head_sha,
        payload=payload,
        further=further,
    )
