"""Merges a pull request: GitHub's checks, then one of the three ways."""

from dataclasses import dataclass

from dist_sandbox.github.access.accounts import WEB_FLOW
from dist_sandbox.github.access.principals import Principal
from dist_sandbox.github.git import merging
from dist_sandbox.github.git.bare_repository import ZERO
from dist_sandbox.github.git.objects import Signature, at, commits_between
from dist_sandbox.github.git.ref_changes import RefUpdate, announce, violations
from dist_sandbox.github.git.signatures import account_signature
from dist_sandbox.github.pull_requests.events import announce_pull
from dist_sandbox.github.pull_requests.mergeability import describe_merge
from dist_sandbox.github.pull_requests.pulls import PullRequest
from dist_sandbox.github.repository import Repository
from dist_sandbox.github.rest.errors import ApiError, rules_violated
from dist_sandbox.github.state import GitHub

_REFUSALS = {
    "merge": "Merge commits are not allowed on this repository.",
    "squash": "Squash merges are not allowed on this repository.",
    "rebase": "Rebase merges are not allowed on this repository.",
}


@dataclass(frozen=True)
class MergeRequest:
    """How a pull request is to be merged.

    Attributes:
        method: `merge`, `squash` or `rebase`.
        sha: What the head must still be; None where the caller does not mind.
        title: First line of the commit; None for GitHub's own.
        message: The rest of the commit's message; None for GitHub's own.
    """

    method: str
    sha: str | None = None
    title: str | None = None
    message: str | None = None


def merge_pull(
    github: GitHub,
    repository: Repository,
    pull: PullRequest,
    wanted: MergeRequest,
    principal: Principal,
) -> str:
    """Merge, and return the commit that the base then holds.

    Raises:
        ApiError: 405 where it cannot or may not be merged, 409 where the head has moved.
    """
    _check(repository, pull, wanted)
    base = repository.git.branch(pull.base)
    if base is None:
        raise _not_mergeable()
    commit = make_commit(
        github, repository, pull, wanted=wanted, base=base.sha, principal=principal
    )
    if commit is None:
        raise _not_mergeable()
    broken = violations(
        repository,
        RefUpdate(base.name, base.sha, commit),
        principal,
        merge=describe_merge(repository, pull, wanted.method),
        checked_sha=pull.head_sha,
    )
    if broken:
        raise rules_violated(broken, status=405)
    land(github, repository, pull, commit, principal)
    return commit


def land(
    github: GitHub, repository: Repository, pull: PullRequest, commit: str, principal: Principal
) -> None:
    """Move the base to the commit of a merge, and tell the world.

    Args:
        github: Where it happens; its lock is held, so that the base is still what it was.
        repository: The pull request's.
        pull: What is merged.
        commit: What the base is to hold.
        principal: Who merges.
    """
    base = repository.git.branch(pull.base)
    if base is None:
        raise _not_mergeable()
    repository.git.update_ref(base.name, commit, old=base.sha)
    pull.base_sha = base.sha
    pull.landed = frozenset(one.sha for one in commits_between(repository.git, base.sha, commit))
    pull.merge(commit, principal.account, github.clock.now())
    announce(github, repository, [RefUpdate(base.name, base.sha, commit)], principal)
    announce_pull(github, repository, pull, "closed", principal)
    if repository.merging.delete_branch:
        _delete_head(github, repository, pull, principal)


def _check(repository: Repository, pull: PullRequest, wanted: MergeRequest) -> None:
    if not pull.open:
        raise _not_mergeable()
    if pull.draft:
        raise ApiError(405, "Pull Request is still a draft")
    if wanted.method not in _REFUSALS:
        raise ApiError(
            422,
            f"Invalid request.\n\n{wanted.method} is not a member of "
            '["merge", "squash", "rebase"].',
        )
    if wanted.sha is not None and wanted.sha != pull.head_sha:
        raise ApiError(409, "Head branch was modified. Review and try the merge again.")
    if not getattr(repository.merging, wanted.method):
        raise ApiError(405, _REFUSALS[wanted.method])


def _not_mergeable() -> ApiError:
    """It is closed, or head and base conflict."""
    return ApiError(405, "Pull Request is not mergeable")


def make_commit(
    github: GitHub,
    repository: Repository,
    pull: PullRequest,
    *,
    wanted: MergeRequest,
    base: str,
    principal: Principal,
) -> str | None:
    """The commit that a merge would put on `base`; None where the two conflict."""
    now = github.clock.now()
    author = account_signature(principal.account, now)
    committer = Signature(WEB_FLOW.display_name, "noreply@github.com", at(now))
    git, head = repository.git, pull.head_sha
    if wanted.method == "rebase":
        return merging.rebase(git, base, head, committer=author)
    default_title, default_message = _default_message(repository, pull, wanted.method, base)
    title = default_title if wanted.title is None else wanted.title
    message = default_message if wanted.message is None else wanted.message
    text = f"{title}\n\n{message}" if message else title
    make = merging.merge if wanted.method == "merge" else merging.squash
    return make(git, base, head, author=author, committer=committer, message=text)


def _default_message(
    repository: Repository, pull: PullRequest, method: str, base: str
) -> tuple[str, str]:
    """GitHub's title and message for a merge commit or a squashed one."""
    if method == "merge":
        head = f"{repository.owner.login}/{pull.head}"
        return f"Merge pull request #{pull.number} from {head}", pull.title
    commits = commits_between(repository.git, base, pull.head_sha)
    if len(commits) == 1:
        subject, _, rest = commits[0].message.partition("\n")
        return f"{subject} (#{pull.number})", rest.strip()
    listed = "\n\n".join(f"* {one.message.strip()}" for one in commits)
    return f"{pull.title} (#{pull.number})", listed


def _delete_head(
    github: GitHub, repository: Repository, pull: PullRequest, principal: Principal
) -> None:
    ref = repository.git.branch(pull.head)
    if ref is None or pull.head == repository.default_branch:
        return
    update = RefUpdate(ref.name, ref.sha, ZERO)
    # A branch that a rule keeps from being deleted stays; this is from memory.
    if not violations(repository, update, principal):
        repository.git.delete_ref(ref.name)
        announce(github, repository, [update], principal)
