"""The one way in which refs change: rules before, events and pull requests after.

Pushes, the refs API, releases and merges all come through here.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from dist_sandbox.github.access.principals import Principal
from dist_sandbox.github.git.bare_repository import ZERO
from dist_sandbox.github.git.objects import commits_between, read_commit
from dist_sandbox.github.render.git import render_head
from dist_sandbox.github.render.webhooks import announce_pull, emit
from dist_sandbox.github.rest.errors import rules_violated
from dist_sandbox.github.rules.rulesets import (
    Merge,
    RefChange,
    RefChangeKind,
    Violations,
    find_violations,
)
from dist_sandbox.github.state import Repository

#: More tags than this in one push make no events.
#: Spec: https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows
MAX_TAGS_WITH_EVENTS = 3


#: A push event holds this many commits at most, the newest, to stay a readable size.
_MAX_COMMITS_IN_EVENT = 20


@dataclass(frozen=True)
class RefUpdate:
    """A ref that changes from one object to another; `ZERO` stands for none."""

    ref: str
    before: str
    after: str

    @property
    def kind(self) -> RefChangeKind:
        """Return `creation`, `update` or `deletion`."""
        if self.after == ZERO:
            return "deletion"
        return "creation" if self.before == ZERO else "update"


def violations(
    repository: Repository,
    update: RefUpdate,
    principal: Principal,
    *,
    merge: Merge | None = None,
    checked_sha: str = "",
) -> Violations:
    """Find the rules that an update breaks; its objects need not be here yet.

    The checks of `checked_sha` count; those of the new commit where it is empty.
    """
    rulesets = repository.active_rulesets(update.ref)
    if not rulesets:
        return Violations()
    git = repository.git
    present = git.object_type(update.after) is not None
    forced = present and _loses_commits(repository, update)
    merges = present and update.kind == "update" and _adds_merge_commit(repository, update)
    change = RefChange(
        update.ref,
        update.kind,
        forced=forced,
        merge=merge,
        adds_merge_commit=merges,
        verdicts=tuple(repository.checks.verdicts(checked_sha or update.after)),
    )
    return find_violations(rulesets, change, actor=principal.actor)


def check_rules(repository: Repository, update: RefUpdate, principal: Principal) -> None:
    """Refuse an update that breaks rules.

    Raises:
        GitHubError: 422 with GitHub's texts for the rules.
    """
    broken = violations(repository, update, principal)
    if broken:
        raise rules_violated(broken)


def find_forbidden_workflow(
    repository: Repository, update: RefUpdate, principal: Principal
) -> str | None:
    """Find a changed workflow file, if the principal may not change workflows.

    A merge counts only where it differs from all its parents, as nothing new comes in otherwise.
    """
    if principal.may("workflows", "write") or update.after == ZERO:
        return None
    git = repository.git
    if git.object_type(update.after) not in ("commit", "tag"):
        return None
    new = git.git("rev-list", update.after, "--not", "--branches", "--tags").splitlines()
    for sha in new:
        options = ("-c", "-r", "--root", "--no-commit-id", "--name-only")
        paths = git.git("diff-tree", *options, sha, "--", ".github/workflows")
        if paths:
            return paths.splitlines()[0]
    return None


def change_ref(repository: Repository, update: RefUpdate, principal: Principal) -> bool:
    """Set or delete a ref, and announce it.

    Returns:
        Whether it happened; False means that the ref held something else than before the update.
    """
    if update.after == ZERO:
        repository.git.delete_ref(update.ref)
    elif not repository.git.update_ref(update.ref, update.after, old=update.before):
        return False
    announce(repository, [update], principal)
    return True


def _choose_default_branch(repository: Repository, updates: Iterable[RefUpdate]) -> None:
    """Make the first branch of a repository that was empty its default branch, as GitHub does."""
    start = "refs/heads/"
    made = [
        update.ref.removeprefix(start)
        for update in updates
        if update.kind == "creation" and update.ref.startswith(start)
    ]
    if not made or repository.default_branch in made:
        return
    if all(ref.name.removeprefix(start) in made for ref in repository.git.refs(start)):
        repository.default_branch = made[0]
        repository.git.git("symbolic-ref", "HEAD", f"{start}{made[0]}")


def announce(repository: Repository, updates: Iterable[RefUpdate], principal: Principal) -> None:
    """Emit the events of updates that have happened, and bring pull requests up to date."""
    updates = list(updates)
    tags = [update for update in updates if update.ref.startswith("refs/tags/")]
    repository.pushed_at = repository.github.clock.now()
    _choose_default_branch(repository, updates)
    for update in updates:
        if update.ref.startswith("refs/tags/") and len(tags) > MAX_TAGS_WITH_EVENTS:
            continue
        _emit_push(repository, update, principal)
        if update.kind != "update":
            _emit_create_or_delete(repository, update, principal)
        if update.ref.startswith("refs/heads/"):
            _follow_branch(repository, update, principal)


def _loses_commits(repository: Repository, update: RefUpdate) -> bool:
    """Tell whether the old commit is not in the new one's history."""
    return update.kind == "update" and not repository.git.is_ancestor(update.before, update.after)


def _adds_merge_commit(repository: Repository, update: RefUpdate) -> bool:
    if repository.git.object_type(update.after) != "commit":
        return False
    added = ("--merges", "-1", update.after, f"^{update.before}", "--")
    return bool(repository.git.git("rev-list", *added))


def _emit_push(repository: Repository, update: RefUpdate, principal: Principal) -> None:
    deleted = update.kind == "deletion"
    commit = None if deleted else repository.git.resolve_commit(update.ref)
    moved = update.kind == "update"
    new = commits_between(repository.git, update.before, update.after) if moved else []
    payload = {
        "ref": update.ref,
        "before": update.before,
        "after": update.after,
        "created": update.kind == "creation",
        "deleted": deleted,
        "forced": _loses_commits(repository, update),
        "base_ref": None,
        "commits": [render_head(pushed) for pushed in new[-_MAX_COMMITS_IN_EVENT:]],
        "head_commit": None if commit is None else render_head(read_commit(repository.git, commit)),
        "pusher": {"name": principal.account.login, "email": principal.account.email},
    }
    emit(
        repository,
        "push",
        principal,
        ref=update.ref,
        sha=commit or ZERO,
        before=update.before,
        payload=payload,
    )


def _emit_create_or_delete(repository: Repository, update: RefUpdate, principal: Principal) -> None:
    _, kind, name = update.ref.split("/", 2)
    created = update.kind == "creation"
    sha = repository.git.resolve_commit(update.ref) if created else None
    payload = {
        "ref": name,
        "ref_type": "tag" if kind == "tags" else "branch",
        "master_branch": repository.default_branch,
    }
    emit(
        repository,
        "create" if created else "delete",
        principal,
        ref=update.ref if created else f"refs/heads/{repository.default_branch}",
        sha=sha or ZERO,
        before=update.before,
        payload=payload,
    )


def _follow_branch(repository: Repository, update: RefUpdate, principal: Principal) -> None:
    """Let open pull requests follow their head; a deleted head or base closes them."""
    branch, now = update.ref.removeprefix("refs/heads/"), repository.github.clock.now()
    for pull in [pull for pull in repository.pulls if pull.open]:
        if update.kind == "deletion" and branch in (pull.head, pull.base):
            pull.close(now)
            announce_pull(repository, pull, "closed", principal)
        elif branch == pull.head and update.after != pull.head_sha:
            pull.head_sha, pull.updated_at = update.after, now
            repository.git.update_ref(f"refs/pull/{pull.number}/head", update.after)
            if _dismisses_stale_reviews(repository, pull.base):
                pull.reviews = [review.dismiss() for review in pull.reviews]
            announce_pull(repository, pull, "synchronize", principal)
        elif branch == pull.base and repository.git.is_ancestor(pull.head_sha, update.after):
            # The commits arrived by a push: GitHub shows the pull request as merged.
            pull.merge(update.after, principal.account, now)
            announce_pull(repository, pull, "closed", principal)


def _dismisses_stale_reviews(repository: Repository, branch: str) -> bool:
    """Tell whether a push to the head of a pull request takes its approvals away."""
    return any(
        ruleset.rules.get("pull_request", {}).get("dismiss_stale_reviews_on_push")
        for ruleset in repository.active_rulesets(f"refs/heads/{branch}")
    )
