"""Drafts of a tag's release: which one to continue with, and what becomes of the others."""

from collections.abc import Callable, Iterable

from dist_actions.distributions.manifest import MANIFEST_NAME, Manifest
from dist_actions.errors import GitHubApiError, ServiceUnavailableError
from dist_actions.services.github.graphql import ACTIONS_BOT_ID, Account
from dist_actions.services.github.releases import GitHubRelease, Releases, asset_name
from dist_actions.services.runner import Runner


def find_published(releases: Iterable[GitHubRelease], tag: str) -> GitHubRelease | None:
    """Find the published release of a tag in a list, where its own page may not show it yet."""
    published = (release for release in releases if release.tag == tag and not release.draft)
    return next(published, None)


def find_draft(
    releases: tuple[GitHubRelease, ...],
    manifest: Manifest,
    find_account: Callable[[], Account | None],
) -> GitHubRelease | None:
    """Find the draft to continue with; of several, one that every run takes alike.

    It is the one that holds most of the manifest's files, and of those the oldest. One that holds
    anything else would bring that into the release, and one of somebody else would come out in
    that name; whoever made it may go on changing it.
    """
    fitting = [draft for draft in drafts_of(releases, manifest) if holds_only(draft, manifest)]
    account = find_account() if fitting else None
    return next((draft for draft in fitting if is_all_of(draft, account)), None)


def drafts_of(releases: tuple[GitHubRelease, ...], manifest: Manifest) -> list[GitHubRelease]:
    """List the drafts of the manifest's tag, the most complete first."""
    drafts = [release for release in releases if release.draft and release.tag == manifest.tag]
    return sorted(drafts, key=_completeness)


def is_all_of(draft: GitHubRelease, account: Account | None) -> bool:
    """Tell whether an account that is known, and nobody else, made a draft and all in it."""
    makers = {draft.author_id, *(asset.uploader_id for asset in draft.assets)}
    return account is not None and account.account_id != 0 and makers == {account.account_id}


def holds_only(release: GitHubRelease, manifest: Manifest) -> bool:
    """Tell whether a draft holds nothing but the manifest's files, and the manifest itself."""
    digests = {asset_name(file.name): file.sha256 for file in manifest.files}
    digests[MANIFEST_NAME] = manifest.sha256
    return all(
        asset.name in digests and (not asset.uploaded or asset.sha256 in {"", digests[asset.name]})
        for asset in release.assets
    )


def _completeness(release: GitHubRelease) -> tuple[bool, int, int]:
    """Make a key that sorts the most complete release first; its manifest is uploaded last."""
    uploaded = {asset.name for asset in release.assets if asset.uploaded}
    return (MANIFEST_NAME not in uploaded, -len(uploaded), release.id)


def settle_drafts(
    manifest: Manifest,
    releases: Releases,
    recent: tuple[GitHubRelease, ...],
    find_account: Callable[[], Account | None],
    runner: Runner,
) -> None:
    """Remove drafts that a lost answer or a second run left beside a release, or name them.

    The release is out, so nothing that fails here stops the run.

    Args:
        recent: The newest releases before; whatever was wrong with a draft of them was said.
    """
    known = {release.id for release in recent}
    try:
        for draft in drafts_of(releases.recent(), manifest):
            if not draft.assets and _is_ours_alone(draft, find_account()):
                releases.delete_draft(draft)
                runner.log(f"Removed an empty draft of {draft.tag} (release {draft.id})")
            elif draft.id not in known:
                runner.annotate("notice", _describe_left_over(draft), title="release")
    except (GitHubApiError, ServiceUnavailableError) as error:
        runner.log(f"Drafts that are left over were not looked for: {error.what}")


def _is_ours_alone(draft: GitHubRelease, account: Account | None) -> bool:
    """Tell whether no other workflow made a draft; many act as the bot of GitHub Actions."""
    is_bot = account is not None and account.account_id == ACTIONS_BOT_ID
    return not is_bot and is_all_of(draft, account)


def describe_unusable(release: GitHubRelease, *, fits: bool) -> str:
    """Say why a draft is not continued with.

    Args:
        fits: Whether it holds nothing but the files of this run.
    """
    problem = "is not all of this run's own account" if fits else "holds other files than this run"
    return (
        f"A draft of {release.tag} (release {release.id}) {problem}, and is left as it is. Why: "
        "another build began it, or somebody else made it or a part of it. Fix: find out who, and "
        "delete that draft."
    )


def _describe_left_over(draft: GitHubRelease) -> str:
    return (
        f"Beside the release of {draft.tag} there is a draft (release {draft.id}).\n"
        "Why: two runs released the tag at once, or somebody else made it.\n"
        "Fix: look at it, and delete it if nobody needs it."
    )
