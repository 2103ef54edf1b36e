"""Propose the next version of a project whose version stands in its tags; pure.

Spec: https://www.conventionalcommits.org/en/v1.0.0/
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from packaging.version import Version

from dist_actions.abbreviation import LISTED_IN_CELL
from dist_actions.services.github.facts import Commit
from dist_actions.trailers.commit_messages import read_back_merges

#: Which part of the version is raised.
Level = Literal["patch", "minor", "major"]
#: How a version is proposed; empty where none is.
Bump = Literal["", "patch", "minor", "major", "conventional"]
_LEVELS: Mapping[str, Level] = {"patch": "patch", "minor": "minor", "major": "major"}

FIRST_VERSION = Version("0.1.0")

_HEADER = re.compile(r"(?P<type>[A-Za-z]+)(?:\([^()\n]*\))?(?P<breaking>!)?:\s+\S")
_BREAKING_FOOTER = re.compile(r"^BREAKING[ -]CHANGE(?::\s| #)", re.MULTILINE)
_FEATURES = frozenset({"feat", "feature"})
_FIXES = frozenset({"fix", "perf"})
#: Types of changes that users of the package do not notice.
_UNNOTICED = frozenset(
    {"build", "chore", "ci", "doc", "docs", "refactor", "style", "test", "tests"}
)
#: What is counted, in the order in which it decides.
_KINDS: Mapping[str, tuple[str, Level]] = {
    "breaking change": ("breaking changes", "major"),
    "feature": ("features", "minor"),
    "fix": ("fixes", "patch"),
    "other change": ("other changes", "patch"),
}


@dataclass(frozen=True)
class Proposal:
    """The version that a commit should get, and why; None where there is nothing to release."""

    version: Version | None
    reason: str


def propose(bump: Bump, last: Version, commits: Sequence[Commit], since: str) -> Proposal:
    """Propose the version of a commit whose package has tags already.

    Args:
        last: The highest version that has a tag.
        commits: Those that lead to the commit since a tag.
        since: That tag.
    """
    if not commits:
        return Proposal(None, f"{since} holds this commit already.")
    if bump == "conventional":
        kinds = Counter(_kind(commit.message) for commit in commits if len(commit.parents) < 2)
        level = next((_KINDS[kind][1] for kind in _KINDS if kinds[kind]), None)
        if level is None:
            return Proposal(None, f"Since {since} {_list_unnoticed(kinds)}.")
        if level == "major" and last.major == 0:
            level = "minor"
        counts = [_count(kinds[kind], kind, _KINDS[kind][0]) for kind in _KINDS if kinds[kind]]
        cause = f"of {' and '.join(counts) if len(counts) < 3 else ', '.join(counts)}"
    else:
        level = _LEVELS[bump]
        cause = f"bump is {bump}, with {_count(len(commits), 'commit', 'commits')}"
    version = next_version(last, level)
    return Proposal(version, f"{last} → {version}, because {cause} since {since}.")


def next_version(last: Version, level: Level) -> Version:
    """Raise a version; the result is a final release, and higher than the version.

    A pre-release or development release is followed by its own final release where that raises
    enough: 2.0.0rc1 by 2.0.0, whatever the level, and 1.4.1rc1 by 1.5.0 for a new minor version.
    """
    release = (*last.release, 0, 0)[: max(3, len(last.release))]
    final = _final(last.epoch, release)
    position = {"major": 1, "minor": 2, "patch": len(release)}[level]
    if last < final and not any(release[position:]):
        return final
    position = min(position, 3)
    raised = (*release[: position - 1], release[position - 1] + 1, 0, 0)[:3]
    return _final(last.epoch, raised)


def _final(epoch: int, release: Sequence[int]) -> Version:
    return Version(f"{epoch}!{'.'.join(map(str, release))}")


def _kind(message: str) -> str:
    """Name what a commit changes: one of `_KINDS`, else the type that users do not notice.

    A back-merge counts as a change, whatever its title: squashed, it is all that there is of it.
    """
    header = _HEADER.match(message.lstrip())
    if (header and header["breaking"]) or _BREAKING_FOOTER.search(message):
        return "breaking change"
    kind = header["type"].lower() if header else ""
    if kind in _FEATURES:
        return "feature"
    if kind in _FIXES:
        return "fix"
    return kind if kind in _UNNOTICED and not read_back_merges(message) else "other change"


def _list_unnoticed(kinds: Mapping[str, int]) -> str:
    counts = [f"{count} {kind}" for kind, count in sorted(kinds.items())][:LISTED_IN_CELL]
    return f"there is nothing that a user would notice ({', '.join(counts) or 'merges alone'})"


def _count(number: int, singular: str, plural: str) -> str:
    return f"{number} {singular if number == 1 else plural}"
