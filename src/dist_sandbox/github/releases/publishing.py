"""What happens when a release is published: the tag, the latest mark, the events."""

from datetime import datetime, timezone

from dist_sandbox.github.access.principals import Principal
from dist_sandbox.github.git.bare_repository import ZERO
from dist_sandbox.github.git.objects import read_commit
from dist_sandbox.github.git.ref_changes import RefUpdate, change_ref, check_rules
from dist_sandbox.github.releases.releases import Release
from dist_sandbox.github.render.releases import render_release
from dist_sandbox.github.render.webhooks import emit
from dist_sandbox.github.rest.errors import validation_failed
from dist_sandbox.github.state import Repository


def publish(repository: Repository, release: Release, principal: Principal) -> None:
    """Make a release public; its tag is made where it is absent.

    Raises:
        GitHubError: 422 where the tag has a published release, cannot be made, or may not be.
    """
    published = repository.published_release(release.tag_name)
    if published is not None and published is not release:
        raise validation_failed("Release", "already_exists", field="tag_name")
    if repository.git.tag(release.tag_name) is None:
        _make_tag(repository, release, principal)
    release.draft = False
    release.created_at = commit_date(repository, release) or release.created_at
    release.published_at = repository.github.clock.now()
    release.immutable = repository.immutable_releases


def announce_release(
    repository: Repository, release: Release, action: str, principal: Principal
) -> None:
    """Emit the event that something happened to a published release.

    Args:
        action: GitHub's word for it: `published`, `released`, `prereleased`, `edited`, `deleted`.
    """
    ref = f"refs/tags/{release.tag_name}"
    sha = repository.git.resolve_commit(ref) or ZERO
    payload = {"action": action, "release": render_release(release, repository)}
    emit(repository, "release", principal, ref=ref, sha=sha, payload=payload)


def commit_date(repository: Repository, release: Release) -> datetime | None:
    """Read the date of the commit that the release stands on."""
    git = repository.git
    commit = git.resolve_commit(f"refs/tags/{release.tag_name}")
    commit = commit or git.resolve_commit(release.target)
    if commit is None:
        return None
    return datetime.fromtimestamp(read_commit(git, commit).committer.timestamp, tz=timezone.utc)


def _make_tag(repository: Repository, release: Release, principal: Principal) -> None:
    """Make a lightweight tag at the release's target."""
    commit = repository.git.resolve_commit(release.target)
    if commit is None:
        raise validation_failed("Release", "invalid", field="target_commitish")
    update = RefUpdate(f"refs/tags/{release.tag_name}", ZERO, commit)
    check_rules(repository, update, principal)
    if not change_ref(repository, update, principal):
        raise validation_failed("Release", "custom", message="tag_name is not a valid tag")
