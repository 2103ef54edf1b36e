"""Gathers from git what a pull request tells of a promotion."""

from collections.abc import Iterator

from packaging.version import Version

from dist_actions.changelog import CHANGELOG_FILES, sections_between
from dist_actions.promote.history.reading import log
from dist_actions.promote.preparation import Preparation
from dist_actions.promote.pull_request.included import (
    ChangelogSection,
    IncludedPull,
    included_pulls,
)
from dist_actions.services.git.checkout import Git

#: The newest versions stand at the top, so the rest of a huge changelog is not needed.
_READ_CHARACTERS = 200_000
#: Commits that are looked through for pull requests.
_LOOKED_THROUGH = 500
#: Packages whose changelogs are read.
_PACKAGES = 20


def gather_pulls(prepared: Preparation) -> tuple[IncludedPull, ...]:
    """The pull requests that the promotion brings, as its commits tell them."""
    observed, package = prepared.observed, prepared.promotion.package
    commits = log(
        prepared.histories.git,
        f"--max-count={_LOOKED_THROUGH}",
        f"{observed.target_commit}..{observed.source_commit}",
        paths=(package.path,) if package else (),
    )
    return included_pulls(commits)


def gather_changelog(prepared: Preparation, before: Version | None) -> tuple[ChangelogSection, ...]:
    """What the changelogs say since the target's versions, as of the promoted commit.

    Args:
        prepared: The promotion.
        before: The target's version, in a repository of one package.
    """
    return tuple(_sections(prepared, before))


def _sections(prepared: Preparation, before: Version | None) -> Iterator[ChangelogSection]:
    promotion = prepared.promotion
    git, commit = prepared.histories.git, prepared.observed.source_commit
    if not promotion.packages:
        if promotion.version:
            text = _changelog(git, commit, "")
            found = sections_between(text, before, promotion.version)
            yield from (ChangelogSection(version, section) for version, section in found)
        return
    for state in promotion.moving[:_PACKAGES]:
        if state.version is None:
            continue
        name, folder = str(state.package.name), state.package.path
        text = _changelog(git, commit, "" if folder == "." else f"{folder}/")
        found = sections_between(text, state.before, state.version)
        if not text:
            text = _changelog(git, commit, "")
            found = sections_between(text, state.before, state.version, name=name)
        yield from (ChangelogSection(version, section, name) for version, section in found)


def _changelog(git: Git, commit: str, folder: str) -> str:
    """The first changelog in a folder, whose name is empty or ends with `/`."""
    for name in CHANGELOG_FILES:
        path = f"{commit}:{folder}{name}"
        if git.succeeds("cat-file", "-e", path):
            return git.run("cat-file", "blob", path)[:_READ_CHARACTERS]
    return ""
