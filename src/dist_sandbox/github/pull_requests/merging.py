"""Merge a pull request: GitHub's checks, then one of the three ways."""

from dataclasses import dataclass

from dist_sandbox.github.access.accounts import WEB_FLOW
from dist_sandbox.github.access.principals import Principal
from dist_sandbox.github.git import merging
from dist_sandbox.github.git.bare_repository import ZERO, Ref
from dist_sandbox.github.git.objects import Signature, account_signature, at, commits_between
from dist_sandbox.github.git.ref_changes import RefUpdate, change_ref, violations
from dist_sandbox.github.pull_requests.mergeability import describe_merge
from dist_sandbox.github.pull_requests.pulls import PullRequest
from dist_sandbox.github.render.webhooks import announce_pull
from dist_sandbox.github.rest.errors import GitHubError, existing, invalid_request, rules_violated
from dist_sandbox.github.state import Repository

_REFUSALS = {
    "merge": "Merge commits are not allowed on this repository.",
    "squash": "Squash merges are not allowed on this repository.",
    "rebase": "Rebase merges are not allowed on this repository.",
}
#: For what is closed, or whose head and base conflict.
_NOT_MERGEABLE = "Pull Request is not mergeable"


@dataclass(frozen=True)
class MergeRequest:
    """How a pull request is to be merged.

    `sha` is what the head must still be; None where the caller does not mind. Title and message
    of the commit are None for GitHub's own.
    """

    method: str
    sha: str | None = None
    title: str | None = None
    message: str | None = None


def merge_pull(
    repository: Repository, pull: PullRequest, request: MergeRequest, principal: Principal
) -> str:
    """Merge, and return the commit that the base then holds.

    Raises:
        GitHubError: 405 where it cannot or may not be merged, 409 where the head has moved.
    """
    _check(repository, pull, request)
    base = _find_base(repository, pull)
    merged = make_commit(repository, pull, request, base=base.sha, principal=principal)
    commit = existing(merged, _NOT_MERGEABLE, status=405)
    broken = violations(
        repository,
        RefUpdate(base.name, base.sha, commit),
        principal,
        merge=describe_merge(repository, pull, request.method),
        checked_sha=pull.head_sha,
    )
    if broken:
        raise rules_violated(broken, status=405)
    land(repository, pull, commit, principal)
    return commit


def land(repository: Repository, pull: PullRequest, commit: str, principal: Principal) -> None:
    """Move the base to the commit of a merge, and announce it.

    GitHub's lock is held, so that the base is still what it was.
    """
    base = _find_base(repository, pull)
    pull.base_sha = base.sha
    landed = commits_between(repository.git, base.sha, commit)
    pull.landed = frozenset(landed_commit.sha for landed_commit in landed)
    pull.merge(commit, principal.account, repository.github.clock.now())
    change_ref(repository, RefUpdate(base.name, base.sha, commit), principal)
    announce_pull(repository, pull, "closed", principal)
    if repository.merging.delete_branch:
        _delete_head(repository, pull, principal)


def make_commit(
    repository: Repository,
    pull: PullRequest,
    request: MergeRequest,
    *,
    base: str,
    principal: Principal,
) -> str | None:
    """Make the commit that a merge would put on `base`; None where the two conflict."""
    now = repository.github.clock.now()
    author = account_signature(principal.account, now)
    committer = Signature(WEB_FLOW.display_name, "noreply@github.com", at(now))
    git, head = repository.git, pull.head_sha
    if request.method == "rebase":
        return merging.rebase(git, base, head, committer=author)
    default_title, default_message = _default_message(repository, pull, request.method, base)
    title = default_title if request.title is None else request.title
    message = default_message if request.message is None else request.message
    text = f"{title}\n\n{message}" if message else title
    make = merging.merge if request.method == "merge" else merging.squash
    return make(git, base, head, author=author, committer=committer, message=text)


def _check(repository: Repository, pull: PullRequest, request: MergeRequest) -> None:
    if not pull.open:
        raise GitHubError(405, _NOT_MERGEABLE)
    if pull.draft:
        raise GitHubError(405, "Pull Request is still a draft")
    if request.method not in _REFUSALS:
        methods = '["merge", "squash", "rebase"]'
        raise invalid_request(f"{request.method} is not a member of {methods}.")
    if request.sha is not None and request.sha != pull.head_sha:
        raise GitHubError(409, "Head branch was modified. Review and try the merge again.")
    if not getattr(repository.merging, request.method):
        raise GitHubError(405, _REFUSALS[request.method])


def _find_base(repository: Repository, pull: PullRequest) -> Ref:
    return existing(repository.git.branch(pull.base), _NOT_MERGEABLE, status=405)


def _default_message(
    repository: Repository, pull: PullRequest, method: str, base: str
) -> tuple[str, str]:
    """Write GitHub's title and message for a merge commit or a squashed one."""
    if method == "merge":
        head = f"{repository.owner.login}/{pull.head}"
        return f"Merge pull request #{pull.number} from {head}", pull.title
    commits = commits_between(repository.git, base, pull.head_sha)
    if len(commits) == 1:
        subject, _, rest = commits[0].message.partition("\n")
        return f"{subject} (#{pull.number})", rest.strip()
    messages = "\n\n".join(f"* {commit.message.strip()}" for commit in commits)
    return f"{pull.title} (#{pull.number})", messages


def _delete_head(repository: Repository, pull: PullRequest, principal: Principal) -> None:
    ref = repository.git.branch(pull.head)
    if ref is None or pull.head == repository.default_branch:
        return
    update = RefUpdate(ref.name, ref.sha, ZERO)
    # A branch that a rule keeps from being deleted stays; this is from memory.
    if not violations(repository, update, principal):
        change_ref(repository, update, principal)
