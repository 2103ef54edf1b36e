"""Merge queues: the pull requests of a branch are merged one after the other, each tested before.

The first of the queue gets a branch `gh-readonly-queue/…` that holds the base with it merged, and
an event `merge_group`. Once the required checks of that commit succeed the base moves to it.

Spec: https://docs.github.com/repositories/configuring-branches-and-merges-in-your-repository/
configuring-pull-request-merges/managing-a-merge-queue
"""

from dist_sandbox.github.access.accounts import Account
from dist_sandbox.github.access.principals import Principal
from dist_sandbox.github.git.bare_repository import ZERO
from dist_sandbox.github.git.objects import read_commit
from dist_sandbox.github.git.ref_changes import RefUpdate, change_ref
from dist_sandbox.github.pull_requests.mergeability import (
    active_rules,
    all_required_checks,
    find_unmet,
)
from dist_sandbox.github.pull_requests.merging import MergeRequest, land, make_commit
from dist_sandbox.github.pull_requests.pulls import PullRequest, QueueEntry
from dist_sandbox.github.render.git import render_head
from dist_sandbox.github.render.webhooks import announce_pull, emit
from dist_sandbox.github.rules.rulesets import state_of
from dist_sandbox.github.state import Repository

#: Who merges what is in a queue; login and ID are the real ones, from memory.
QUEUE_BOT = Account("github-merge-queue[bot]", 118_344_674, "Bot")
_QUEUE = Principal("github:merge-queue", "installation", QUEUE_BOT)


def has_queue(repository: Repository, branch: str) -> bool:
    """Tell whether merges into a branch go through a queue."""
    return bool(active_rules(repository, branch, "merge_queue"))


def queue_method(repository: Repository, branch: str) -> str:
    """Return how the queue of a branch merges: `merge`, `squash` or `rebase`."""
    rules = active_rules(repository, branch, "merge_queue")
    return str(rules[0].get("merge_method", "MERGE")).lower()


def find_entry(repository: Repository, pull: PullRequest) -> QueueEntry | None:
    """Find the place of a pull request in its queue."""
    return next((entry for entry in repository.queue if entry.pull is pull), None)


def entries(repository: Repository, branch: str) -> list[QueueEntry]:
    """List the queue of a branch, the next one first."""
    return [entry for entry in repository.queue if entry.pull.base == branch]


def enqueue(repository: Repository, pull: PullRequest, principal: Principal) -> QueueEntry:
    """Add a pull request that meets every requirement to the end of its queue."""
    entry_id, now = repository.github.next_id(), repository.github.clock.now()
    entry = QueueEntry(entry_id, pull, pull.head_sha, principal.account, now)
    repository.queue.append(entry)
    pull.auto_merge = None
    announce_pull(repository, pull, "enqueued", principal)
    return entry


def dequeue(repository: Repository, entry: QueueEntry, principal: Principal = _QUEUE) -> None:
    """Take a pull request out of its queue, with the branch of its group.

    Args:
        principal: Who takes it out; by default GitHub itself.
    """
    repository.queue.remove(entry)
    _drop_group(repository, entry)
    announce_pull(repository, entry.pull, "dequeued", principal)


def advance_queues(repository: Repository) -> bool:
    """Let each queue go on by one step where it can.

    Returns:
        Whether anything happened.
    """
    for branch in {entry.pull.base for entry in repository.queue}:
        first = entries(repository, branch)[0]
        if _advance(repository, first):
            return True
    return False


def _advance(repository: Repository, entry: QueueEntry) -> bool:
    pull, base = entry.pull, repository.git.branch(entry.pull.base)
    moved = entry.head_sha != pull.head_sha
    queued = has_queue(repository, pull.base)
    if base is None or not pull.open or moved or not queued or find_unmet(repository, pull):
        dequeue(repository, entry)
        return True
    if entry.base_sha != base.sha:
        return _build_group(repository, entry, base.sha)
    # Two groups of one second are one commit; what the first failed is nothing to the second.
    verdicts = repository.checks.verdicts(entry.group_sha, after=entry.entry_id)
    states = [state_of(check, verdicts) for check in all_required_checks(repository, pull.base)]
    if "failure" in states:
        dequeue(repository, entry)
        return True
    if any(state != "success" for state in states):
        return False
    repository.queue.remove(entry)
    land(repository, pull, entry.group_sha, _QUEUE)
    _drop_group(repository, entry)
    return True


def _build_group(repository: Repository, entry: QueueEntry, base_sha: str) -> bool:
    """Merge the pull request into a branch of its own, and have that tested."""
    _drop_group(repository, entry)
    request = MergeRequest(queue_method(repository, entry.pull.base))
    commit = make_commit(repository, entry.pull, request, base=base_sha, principal=_QUEUE)
    if commit is None:
        dequeue(repository, entry)
        return True
    entry.base_sha, entry.group_sha = base_sha, commit
    change_ref(repository, RefUpdate(entry.ref, ZERO, commit), _QUEUE)
    group = {
        "head_sha": commit,
        "head_ref": entry.ref,
        "base_sha": base_sha,
        "base_ref": f"refs/heads/{entry.pull.base}",
        "head_commit": render_head(read_commit(repository.git, commit)),
    }
    payload = {"action": "checks_requested", "merge_group": group}
    emit(repository, "merge_group", _QUEUE, ref=entry.ref, sha=commit, payload=payload)
    return True


def _drop_group(repository: Repository, entry: QueueEntry) -> None:
    ref = repository.git.ref(entry.ref) if entry.group_sha else None
    if ref is not None:
        change_ref(repository, RefUpdate(ref.name, ref.sha, ZERO), _QUEUE)
    entry.base_sha = entry.group_sha = ""
