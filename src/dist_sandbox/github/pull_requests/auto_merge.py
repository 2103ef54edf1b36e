"""Merges that are armed and happen by themselves, once nothing stands in their way any more.

Spec: https://docs.github.com/pull-requests/collaborating-with-pull-requests/
incorporating-changes-from-a-pull-request/automatically-merging-a-pull-request
"""

from dataclasses import replace

from dist_sandbox.github.access.principals import Principal
from dist_sandbox.github.pull_requests.merge_queue import (
    advance_queues,
    enqueue,
    find_entry,
    has_queue,
)
from dist_sandbox.github.pull_requests.mergeability import is_mergeable, is_protected, merge_state
from dist_sandbox.github.pull_requests.merging import MergeRequest, merge_pull
from dist_sandbox.github.pull_requests.pulls import AutoMerge, PullRequest, QueueEntry
from dist_sandbox.github.render.webhooks import announce_pull
from dist_sandbox.github.rest.errors import GitHubError
from dist_sandbox.github.state import GitHub, Repository

#: GitHub's names of the ways to merge, where it refuses one.
_METHODS = {
    "merge": "merge commits are",
    "squash": "squash merging is",
    "rebase": "rebase merging is",
}


class AutoMergeError(Exception):
    """GitHub does not arm or enqueue this; the text is GitHub's."""


def check_head(pull: PullRequest, expected: str | None) -> None:
    """Refuse a head that is not the expected one.

    Raises:
        AutoMergeError: The head has moved.
    """
    if expected is not None and expected != pull.head_sha:
        raise AutoMergeError("Head sha didn't match expected head sha")


def arm(
    repository: Repository, pull: PullRequest, request: MergeRequest, by: Principal
) -> QueueEntry | None:
    """Let a pull request be merged by itself; with a queue, add it once it is ready.

    Returns:
        Its place in the queue, where it got there at once.

    Raises:
        AutoMergeError: It is closed, can be merged at once, or the settings forbid it.
    """
    check_head(pull, request.sha)
    queued = has_queue(repository, pull.base)
    state = _state_to_arm(repository, pull)
    if queued and (state in ("clean", "unstable") or find_entry(repository, pull)):
        return enqueue_ready(repository, pull, by)
    if not queued:
        _refuse(repository, pull, request.method, state)
    pull.auto_merge = AutoMerge(
        method=request.method,
        principal=replace(by, token=""),
        enabled_at=repository.github.clock.now(),
        title=request.title,
        message=request.message,
    )
    announce_pull(repository, pull, "auto_merge_enabled", by)
    return None


def disarm(repository: Repository, pull: PullRequest, by: Principal) -> None:
    """Take an armed merge back.

    Raises:
        AutoMergeError: None was armed.
    """
    if pull.auto_merge is None:
        raise AutoMergeError("Can't disable auto-merge for this pull request")
    pull.auto_merge = None
    announce_pull(repository, pull, "auto_merge_disabled", by)


def enqueue_ready(repository: Repository, pull: PullRequest, by: Principal) -> QueueEntry:
    """Add a pull request to the queue of its base; one that is there keeps its place.

    Raises:
        AutoMergeError: There is no queue, or the pull request is not ready for it.
    """
    if not has_queue(repository, pull.base):
        # From memory; what matters is that nothing is queued.
        raise AutoMergeError("Merge queue is not enabled for this branch")
    entry = find_entry(repository, pull)
    if entry is not None:
        return entry
    state = _state_to_arm(repository, pull)
    if state not in ("clean", "unstable"):
        raise AutoMergeError(f"Pull request is in {state} status")
    return enqueue(repository, pull, by)


def advance(github: GitHub) -> None:
    """Carry out what GitHub does by itself after a change: merges that are due, steps of queues."""
    with github.lock:
        for repository in github.repositories.values():
            while _advance_once(repository):
                continue


def _advance_once(repository: Repository) -> bool:
    """Carry out one due thing, and tell whether there was any."""
    for pull in [pull for pull in repository.pulls if pull.auto_merge is not None]:
        if pull.auto_merge is not None and _merge_due(repository, pull, pull.auto_merge):
            return True
    return advance_queues(repository)


def _merge_due(repository: Repository, pull: PullRequest, armed: AutoMerge) -> bool:
    state = merge_state(repository, pull, is_mergeable(repository, pull))
    if state not in ("clean", "unstable"):
        return False
    if has_queue(repository, pull.base):
        enqueue(repository, pull, armed.principal)
        return True
    request = MergeRequest(armed.method, title=armed.title, message=armed.message)
    try:
        merge_pull(repository, pull, request, armed.principal)
    except GitHubError:
        # It stays armed, as on GitHub, until somebody sees to what refuses it.
        return False
    return True


def _state_to_arm(repository: Repository, pull: PullRequest) -> str:
    if not pull.open:
        raise AutoMergeError("Can't enable auto-merge for this pull request.")
    return merge_state(repository, pull, is_mergeable(repository, pull))


def _refuse(repository: Repository, pull: PullRequest, method: str, state: str) -> None:
    if not repository.merging.auto_merge:
        raise AutoMergeError("Auto merge is not allowed for this repository")
    if not getattr(repository.merging, method):
        raise AutoMergeError(f"Merge method {_METHODS[method]} not allowed on this repository")
    if not is_protected(repository, pull.base):
        raise AutoMergeError("Protected branch rules not configured for this branch")
    if state not in ("blocked", "behind"):
        raise AutoMergeError(f"Pull request is in {state} status")
