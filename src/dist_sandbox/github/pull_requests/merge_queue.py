"""Merge queues: the pull requests of a branch are merged one after the other, each tested before.

The first of the queue gets a branch `gh-readonly-queue/…` that holds the base with it merged, and
an event `merge_group`. Once the required checks of that commit succeed the base moves to it.

Spec: https://docs.github.com/repositories/configuring-branches-and-merges-in-your-repository/
configuring-pull-request-merges/managing-a-merge-queue
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dist_sandbox.github.access.accounts import Account
from dist_sandbox.github.access.principals import Principal
from dist_sandbox.github.git.bare_repository import ZERO
from dist_sandbox.github.git.objects import read_commit
from dist_sandbox.github.git.ref_changes import RefUpdate, announce, common_payload
from dist_sandbox.github.pull_requests.events import announce_pull
from dist_sandbox.github.pull_requests.mergeability import active, all_required_checks, find_unmet
from dist_sandbox.github.pull_requests.merging import MergeRequest, land, make_commit
from dist_sandbox.github.pull_requests.pulls import PullRequest
from dist_sandbox.github.render.git import render_head
from dist_sandbox.github.repository import Repository
from dist_sandbox.github.rules.checks import combine
from dist_sandbox.github.state import GitHub

#: Who merges what is in a queue; login and ID are the real ones, from memory.
QUEUE_BOT = Account("github-merge-queue[bot]", 118_344_674, "Bot")
_QUEUE = Principal("github:merge-queue", "installation", QUEUE_BOT)


@dataclass
class QueueEntry:
    """A pull request in the merge queue of its base.

    Attributes:
        head_sha: The head when it was added; another one leaves the queue.
        enqueuer: Who added it.
        base_sha: What its group is built on; empty before.
        group_sha: The base with the pull request merged, which is tested; empty before.
    """

    entry_id: int
    pull: PullRequest
    head_sha: str
    enqueuer: Account
    enqueued_at: datetime
    base_sha: str = ""
    group_sha: str = ""

    @property
    def ref(self) -> str:
        """The branch of its group."""
        return (
            f"refs/heads/gh-readonly-queue/{self.pull.base}/pr-{self.pull.number}-{self.base_sha}"
        )

    @property
    def state(self) -> str:
        """GraphQL's MergeQueueEntryState."""
        return "AWAITING_CHECKS" if self.group_sha else "QUEUED"


def has_queue(repository: Repository, branch: str) -> bool:
    """Whether merges into a branch go through a queue."""
    return bool(active(repository, branch, "merge_queue"))


def queue_method(repository: Repository, branch: str) -> str:
    """How the queue of a branch merges: `merge`, `squash` or `rebase`."""
    rules = active(repository, branch, "merge_queue")
    return str(rules[0].rules["merge_queue"].get("merge_method", "MERGE")).lower()


def find_entry(repository: Repository, pull: PullRequest) -> QueueEntry | None:
    """The place of a pull request in its queue."""
    return next((entry for entry in repository.queue if entry.pull is pull), None)


def entries(repository: Repository, branch: str) -> list[QueueEntry]:
    """The queue of a branch, the next one first."""
    return [entry for entry in repository.queue if entry.pull.base == branch]


def enqueue(
    github: GitHub, repository: Repository, pull: PullRequest, principal: Principal
) -> QueueEntry:
    """Add a pull request that meets every requirement to the end of its queue."""
    entry = QueueEntry(github.next_id(), pull, pull.head_sha, principal.account, github.clock.now())
    repository.queue.append(entry)
    pull.auto_merge = None
    announce_pull(github, repository, pull, "enqueued", principal)
    return entry


def dequeue(
    github: GitHub, repository: Repository, entry: QueueEntry, principal: Principal | None = None
) -> None:
    """Take a pull request out of its queue, with the branch of its group.

    Args:
        github: Where it happens.
        repository: Whose queue it is.
        entry: What leaves.
        principal: Who took it out; None where GitHub did.
    """
    repository.queue.remove(entry)
    _drop_group(github, repository, entry)
    announce_pull(github, repository, entry.pull, "dequeued", principal or _QUEUE)


def advance_queues(github: GitHub, repository: Repository) -> bool:
    """Let each queue go on by one step where it can.

    Returns:
        Whether anything happened.
    """
    for branch in {entry.pull.base for entry in repository.queue}:
        first = entries(repository, branch)[0]
        if _advance(github, repository, first):
            return True
    return False


def _advance(github: GitHub, repository: Repository, entry: QueueEntry) -> bool:
    pull, base = entry.pull, repository.git.branch(entry.pull.base)
    moved = entry.head_sha != pull.head_sha
    queued = has_queue(repository, pull.base)
    if base is None or not pull.open or moved or not queued or find_unmet(repository, pull):
        dequeue(github, repository, entry)
        return True
    if entry.base_sha != base.sha:
        return _build_group(github, repository, entry, base.sha)
    # Two groups of one second are one commit; what the first failed is nothing to the second.
    said = repository.checks.verdicts(entry.group_sha, after=entry.entry_id)
    states = [
        combine(one for one in said if one.context == context and app_id in (None, one.app_id))
        for context, app_id in all_required_checks(repository, pull.base)
    ]
    if "failure" in states:
        dequeue(github, repository, entry)
        return True
    if any(state != "success" for state in states):
        return False
    repository.queue.remove(entry)
    land(github, repository, pull, entry.group_sha, _QUEUE)
    _drop_group(github, repository, entry)
    return True


def _build_group(github: GitHub, repository: Repository, entry: QueueEntry, base_sha: str) -> bool:
    """Merge the pull request into a branch of its own, and have that tested."""
    _drop_group(github, repository, entry)
    wanted = MergeRequest(queue_method(repository, entry.pull.base))
    commit = make_commit(
        github, repository, entry.pull, wanted=wanted, base=base_sha, principal=_QUEUE
    )
    if commit is None:
        dequeue(github, repository, entry)
        return True
    entry.base_sha, entry.group_sha = base_sha, commit
    repository.git.update_ref(entry.ref, commit)
    announce(github, repository, [RefUpdate(entry.ref, ZERO, commit)], _QUEUE)
    github.events.add(
        "merge_group",
        github_repository=repository.full_name,
        ref=entry.ref,
        sha=commit,
        before=ZERO,
        actor=QUEUE_BOT.login,
        starts_workflows=True,
        payload=_describe_group(github, repository, entry),
    )
    return True


def _describe_group(github: GitHub, repository: Repository, entry: QueueEntry) -> dict[str, Any]:
    return {
        "action": "checks_requested",
        "merge_group": {
            "head_sha": entry.group_sha,
            "head_ref": entry.ref,
            "base_sha": entry.base_sha,
            "base_ref": f"refs/heads/{entry.pull.base}",
            "head_commit": render_head(read_commit(repository.git, entry.group_sha)),
        },
        **common_payload(github, repository, _QUEUE),
    }


def _drop_group(github: GitHub, repository: Repository, entry: QueueEntry) -> None:
    found = repository.git.ref(entry.ref) if entry.group_sha else None
    if found is not None:
        repository.git.delete_ref(found.name)
        announce(github, repository, [RefUpdate(found.name, found.sha, ZERO)], _QUEUE)
    entry.base_sha = entry.group_sha = ""
