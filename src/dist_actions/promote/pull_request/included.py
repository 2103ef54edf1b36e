"""What a promotion brings, told from commits and the changelog; pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from packaging.version import Version

from dist_actions.promote.promotion import Commit

#: What GitHub's buttons write: `Add a thing (#12)` by a squash, and the other by a merge commit.
_SQUASHED = re.compile(r"(?P<title>.*\S)\s+\(#(?P<number>[1-9][0-9]{0,8})\)", re.ASCII)
_MERGED = re.compile(r"Merge pull request #(?P<number>[1-9][0-9]{0,8}) from \S+", re.ASCII)


@dataclass(frozen=True)
class IncludedPull:
    """A pull request that a promotion brings.

    Attributes:
        title: As a commit tells it: text from anywhere.
    """

    number: int
    title: str


@dataclass(frozen=True)
class ChangelogSection:
    """What a changelog says of one version.

    Attributes:
        text: Markdown from anywhere.
        package: The package's name, where there are several.
    """

    version: Version
    text: str
    package: str = ""


def included_pulls(commits: Iterable[Commit]) -> tuple[IncludedPull, ...]:
    """The pull requests that commits came by, each once, in the commits' order."""
    found: dict[int, IncludedPull] = {}
    for commit in commits:
        if squashed := _SQUASHED.fullmatch(commit.subject):
            pull = IncludedPull(int(squashed["number"]), squashed["title"])
        elif merged := _MERGED.fullmatch(commit.subject):
            title = commit.message.partition("\n")[2].strip().partition("\n")[0]
            pull = IncludedPull(int(merged["number"]), title)
        else:
            continue
        found.setdefault(pull.number, pull)
    return tuple(found.values())
