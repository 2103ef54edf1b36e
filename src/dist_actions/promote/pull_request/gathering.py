"""Gather from git what a pull request tells of a promotion."""

import re
from collections.abc import Iterable, Iterator

from packaging.version import Version

from dist_actions.changelog import CHANGELOG_FILES, sections_between
from dist_actions.promote.history.reading import list_commits
from dist_actions.promote.preparation import Preparation
from dist_actions.promote.promotion import Commit
from dist_actions.promote.pull_request.sections import ChangelogSection, IncludedPull
from dist_actions.services.git.checkout import Git

#: The newest versions stand at the top, so the rest of a huge changelog is not needed.
_READ_CHARACTERS = 200_000
#: Commits that are looked through for pull requests.
_LOOKED_THROUGH = 500
#: Packages whose changelogs are read.
_PACKAGES = 20
#: What GitHub's buttons write: `Add a thing (#12)` by a squash, and the other by a merge commit.
_SQUASHED = re.compile(r"(?P<title>.*\S)\s+\(#(?P<number>[1-9][0-9]{0,8})\)", re.ASCII)
_MERGED = re.compile(r"Merge pull request #(?P<number>[1-9][0-9]{0,8}) from \S+", re.ASCII)


def gather_pulls(prepared: Preparation) -> tuple[IncludedPull, ...]:
    """List the pull requests that the promotion brings, as its commits tell them."""
    observed, package = prepared.observed, prepared.promotion.package
    commits = list_commits(
        prepared.clone.git,
        f"--max-count={_LOOKED_THROUGH}",
        f"{observed.target_commit}..{observed.source_commit}",
        paths=(package.path,) if package else (),
    )
    return find_included_pulls(commits)


def find_included_pulls(commits: Iterable[Commit]) -> tuple[IncludedPull, ...]:
    """Find the pull requests that commits came by, each once, in the commits' order."""
    pulls: dict[int, IncludedPull] = {}
    for commit in commits:
        if squashed := _SQUASHED.fullmatch(commit.subject):
            pull = IncludedPull(int(squashed["number"]), squashed["title"])
        elif merged := _MERGED.fullmatch(commit.subject):
            title = commit.message.partition("\n")[2].strip().partition("\n")[0]
            pull = IncludedPull(int(merged["number"]), title)
        else:
            continue
        pulls.setdefault(pull.number, pull)
    return tuple(pulls.values())


def gather_changelog(prepared: Preparation, before: Version | None) -> tuple[ChangelogSection, ...]:
    """Read what the changelogs say since the target's versions, as of the promoted commit.

    `before` is the target's version, in a repository of one package.
    """
    return tuple(_sections(prepared, before))


def _sections(prepared: Preparation, before: Version | None) -> Iterator[ChangelogSection]:
    promotion = prepared.promotion
    git, commit = prepared.clone.git, prepared.observed.source_commit
    if not promotion.packages:
        if promotion.version:
            text = _read_changelog(git, commit, "")
            sections = sections_between(text, before, promotion.version)
            yield from (ChangelogSection(version, section) for version, section in sections)
        return
    for state in promotion.moving[:_PACKAGES]:
        if state.version is None:
            continue
        name, folder = str(state.package.name), state.package.path
        text = _read_changelog(git, commit, "" if folder == "." else f"{folder}/")
        sections = sections_between(text, state.before, state.version)
        if not text:
            text = _read_changelog(git, commit, "")
            sections = sections_between(text, state.before, state.version, name=name)
        yield from (ChangelogSection(version, section, name) for version, section in sections)


def _read_changelog(git: Git, commit: str, folder: str) -> str:
    """Read the first changelog in a folder, whose name is empty or ends with `/`."""
    for name in CHANGELOG_FILES:
        path = f"{commit}:{folder}{name}"
        if git.succeeds("cat-file", "-e", path):
            return git.run("cat-file", "blob", path)[:_READ_CHARACTERS]
    return ""
