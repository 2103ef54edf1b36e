"""Events of pull requests."""

from collections.abc import Mapping
from typing import Any

from dist_sandbox.github.access.principals import Principal
from dist_sandbox.github.pull_requests.pulls import PullRequest
from dist_sandbox.github.render.pulls import render_pull
from dist_sandbox.github.render.webhooks import emit
from dist_sandbox.github.state import Repository


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
