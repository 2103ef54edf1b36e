"""The one way in which refs change: rules before, events and pull requests after.

Pushes, the refs API, releases and merges all come through here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from dist_sandbox.github.access.principals import Principal
from dist_sandbox.github.git.bare_repository import ZERO
from dist_sandbox.github.git.objects import commits_between, read_commit, read_commits
from dist_sandbox.github.pull_requests.events import announce_pull
from dist_sandbox.github.pull_requests.pulls import PullRequest
from dist_sandbox.github.render.basics import render_account
from dist_sandbox.github.render.git import render_head
from dist_sandbox.github.render.repositories import render_repository
from dist_sandbox.github.repository import Repository
from dist_sandbox.github.rules.rulesets import (
    Merge,
    RefChange,
    RefChangeKind,
    Violations,
    find_violations,
)
from dist_sandbox.github.state import GitHub

#: More tags than this in one push make no events.
#: Spec: https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows
MAX_TAGS_WITH_EVENTS = 3


#: A push event holds this many commits at most, to stay a readable size.
_MAX_COMMITS_IN_EVENT = 20


@dataclass(frozen=True)
class RefUpdate:
    """A ref that changes from one object to another; `ZERO` stands for none."""

    ref: str
    before: str
    after: str

    @property
    def kind(self) -> RefChangeKind:
        """What rules call it."""
        if self.before == ZERO:
            return "creation"
        return "deletion" if self.after == ZERO else "update"


def violations(
    repository: Repository,
    update: RefUpdate,
    principal: Principal,
    *,
    merge: Merge | None = None,
    checked_sha: str = "",
) -> Violations:
    """The rules that an update breaks; its objects need not be here yet.

    Args:
        merge: The pull request that the update comes from.
        checked_sha: The commit whose checks count; the new one where it is empty.
    """
    rulesets = repository.binding_rulesets
    if not rulesets:
        return Violations()
    git = repository.git
    known = git.object_type(update.after) is not None
    forced = known and _loses_commits(repository, update)
    merges = known and update.kind == "update" and _adds_merge_commit(repository, update)
    change = RefChange(
        update.ref,
        update.kind,
        forced=forced,
        merge=merge,
        adds_merge_commit=merges,
        verdicts=tuple(repository.checks.verdicts(checked_sha or update.after)),
    )
    return find_violations(
        rulesets,
        change,
        default_branch=repository.default_branch,
        actor=principal.actor,
    )


def find_forbidden_workflow(
    repository: Repository, update: RefUpdate, principal: Principal
) -> str | None:
    """A workflow file that new commits change, for a principal that may not change workflows.

    A merge counts only where it differs from all its parents, as nothing new comes in otherwise.
    """
    if principal.may("workflows", "write") or update.after == ZERO:
        return None
    git = repository.git
    if git.object_type(update.after) not in ("commit", "tag"):
        return None
    new = git.git("rev-list", update.after, "--not", "--branches", "--tags").splitlines()
    for sha in new:
        listed = git.git(
            "diff-tree",
            "-c",
            "-r",
            "--root",
            "--no-commit-id",
            "--name-only",
            sha,
            "--",
            ".github/workflows",
        )
        if listed:
            return listed.splitlines()[0]
    return None


def announce(
    github: GitHub, repository: Repository, updates: Iterable[RefUpdate], principal: Principal
) -> None:
    """Tell the world about updates that have happened, and bring pull requests up to date."""
    every = list(updates)
    tags = [update for update in every if update.ref.startswith("refs/tags/")]
    repository.pushed_at = github.clock.now()
    for update in every:
        if update.ref.startswith("refs/tags/") and len(tags) > MAX_TAGS_WITH_EVENTS:
            continue
        _add_push_event(github, repository, update, principal)
        if update.kind != "update":
            _add_create_or_delete_event(github, repository, update, principal)
        if update.ref.startswith("refs/heads/"):
            _follow_branch(github, repository, update, principal)


def _loses_commits(repository: Repository, update: RefUpdate) -> bool:
    """Whether the old commit is not in the new one's history."""
    return update.kind == "update" and not repository.git.is_ancestor(update.before, update.after)


def _list_pushed(repository: Repository, update: RefUpdate) -> list[dict[str, Any]]:
    """The newest of the commits that a push added to a ref, oldest first."""
    if update.kind != "update":
        return []
    new = commits_between(repository.git, update.before, update.after)
    return [render_head(commit) for commit in new[-_MAX_COMMITS_IN_EVENT:]]


def _adds_merge_commit(repository: Repository, update: RefUpdate) -> bool:
    if repository.git.object_type(update.after) != "commit":
        return False
    return bool(
        read_commits(repository.git, "--merges", "-1", update.after, f"^{update.before}", "--")
    )


def _add_push_event(
    github: GitHub, repository: Repository, update: RefUpdate, principal: Principal
) -> None:
    deleted = update.kind == "deletion"
    commit = None if deleted else repository.git.resolve_commit(update.ref)
    payload: dict[str, Any] = {
        "ref": update.ref,
        "before": update.before,
        "after": update.after,
        "created": update.kind == "creation",
        "deleted": deleted,
        "forced": _loses_commits(repository, update),
        "base_ref": None,
        "commits": _list_pushed(repository, update),
        "head_commit": None if commit is None else render_head(read_commit(repository.git, commit)),
        "pusher": {"name": principal.account.login, "email": principal.account.email},
        **common_payload(github, repository, principal),
    }
    github.events.add(
        "push",
        github_repository=repository.full_name,
        ref=update.ref,
        sha=commit or ZERO,
        before=update.before,
        actor=principal.account.login,
        starts_workflows=principal.starts_workflows,
        payload=payload,
    )


def _add_create_or_delete_event(
    github: GitHub, repository: Repository, update: RefUpdate, principal: Principal
) -> None:
    _, kind, name = update.ref.split("/", 2)
    created = update.kind == "creation"
    sha = (repository.git.resolve_commit(update.ref) if created else None) or ZERO
    github.events.add(
        "create" if created else "delete",
        github_repository=repository.full_name,
        ref=update.ref if created else f"refs/heads/{repository.default_branch}",
        sha=sha,
        before=update.before,
        actor=principal.account.login,
        starts_workflows=principal.starts_workflows,
        payload={
            "ref": name,
            "ref_type": "tag" if kind == "tags" else "branch",
            "master_branch": repository.default_branch,
            **common_payload(github, repository, principal),
        },
    )


def _follow_branch(
    github: GitHub, repository: Repository, update: RefUpdate, principal: Principal
) -> None:
    """Open pull requests follow their head; a deleted head or base closes them."""
    branch, now = update.ref.removeprefix("refs/heads/"), github.clock.now()
    for pull in [one for one in repository.pulls if one.open]:
        if update.kind == "deletion" and branch in (pull.head, pull.base):
            pull.close(now)
            announce_pull(github, repository, pull, "closed", principal)
        elif branch == pull.head and update.after != pull.head_sha:
            pull.head_sha, pull.updated_at = update.after, now
            repository.git.update_ref(f"refs/pull/{pull.number}/head", update.after)
            if stale_reviews_fall(repository, pull):
                pull.reviews = [review.dismiss() for review in pull.reviews]
            announce_pull(github, repository, pull, "synchronize", principal)
        elif branch == pull.base and repository.git.is_ancestor(pull.head_sha, update.after):
            # The commits arrived by a push: GitHub shows the pull request as merged.
            pull.merge(update.after, principal.account, now)
            announce_pull(github, repository, pull, "closed", principal)


def stale_reviews_fall(repository: Repository, pull: PullRequest) -> bool:
    """Whether a push to the head takes the approvals away."""
    ref, default = f"refs/heads/{pull.base}", repository.default_branch
    return any(
        one.rules.get("pull_request", {}).get("dismiss_stale_reviews_on_push")
        for one in repository.binding_rulesets
        if one.applies_to(ref, default_branch=default)
    )


def common_payload(github: GitHub, repository: Repository, principal: Principal) -> dict[str, Any]:
    """What every webhook payload holds."""
    return {
        "repository": render_repository(repository, github.addresses),
        "organization": {"login": github.owner.login, "id": github.owner.account_id},
        "sender": render_account(principal.account, github.addresses),
    }
