"""What happens when a release is published: the tag, the latest mark, the events."""

from datetime import datetime

from dist_sandbox.github.access.principals import Principal
from dist_sandbox.github.git.bare_repository import ZERO
from dist_sandbox.github.git.objects import read_commit
from dist_sandbox.github.git.ref_changes import RefUpdate, announce, common_payload, violations
from dist_sandbox.github.releases.releases import Release
from dist_sandbox.github.render.basics import timestamp
from dist_sandbox.github.render.releases import render_release
from dist_sandbox.github.repository import Repository
from dist_sandbox.github.rest.errors import rules_violated, validation_failed
from dist_sandbox.github.state import GitHub


def publish(github: GitHub, repository: Repository, release: Release, principal: Principal) -> None:
    """Make a release public; its tag is made where it is absent.

    Raises:
        ApiError: 422 where the tag has a published release, cannot be made, or may not be.
    """
    other = repository.published_release(release.tag_name)
    if other is not None and other is not release:
        raise validation_failed("Release", "already_exists", field="tag_name")
    if repository.git.tag(release.tag_name) is None:
        _make_tag(github, repository, release, principal)
    release.draft = False
    release.created_at = commit_date(repository, release) or release.created_at
    release.published_at = github.clock.now()
    release.immutable = repository.immutable_releases


def announce_release(
    github: GitHub, repository: Repository, release: Release, action: str, principal: Principal
) -> None:
    """Tell the world that something happened to a published release.

    Args:
        action: GitHub's word for it: `published`, `released`, `prereleased`, `edited`, `deleted`.
    """
    ref = f"refs/tags/{release.tag_name}"
    commit = repository.git.resolve_commit(ref)
    github.events.add(
        "release",
        github_repository=repository.full_name,
        ref=ref,
        sha=commit or ZERO,
        before=ZERO,
        actor=principal.account.login,
        starts_workflows=principal.starts_workflows,
        payload={
            "action": action,
            "release": render_release(release, repository, github),
            **common_payload(github, repository, principal),
        },
    )


def commit_date(repository: Repository, release: Release) -> datetime | None:
    """The date of the commit that the release stands on."""
    git = repository.git
    commit = git.resolve_commit(f"refs/tags/{release.tag_name}")
    commit = commit or git.resolve_commit(release.target)
    if commit is None:
        return None
    seconds = read_commit(git, commit).committer.timestamp
    return datetime.fromisoformat(timestamp(seconds).replace("Z", "+00:00"))


def _make_tag(
    github: GitHub, repository: Repository, release: Release, principal: Principal
) -> None:
    """Make a lightweight tag at the release's target."""
    name = f"refs/tags/{release.tag_name}"
    commit = repository.git.resolve_commit(release.target)
    if commit is None:
        raise validation_failed("Release", "invalid", field="target_commitish")
    update = RefUpdate(name, ZERO, commit)
    broken = violations(repository, update, principal)
    if broken:
        raise rules_violated(broken)
    if not repository.git.update_ref(name, commit, old=ZERO):
        raise validation_failed("Release", "custom", message="tag_name is not a valid tag")
    announce(github, repository, [update], principal)
