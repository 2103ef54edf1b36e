"""Tell what changed since the previous release, from commits and what GitHub generates; pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from packaging.version import Version

from dist_actions.abbreviation import LISTED_IN_SECTION, QUOTED_NAME, QUOTED_PAGE, short_sha
from dist_actions.distributions.manifest import Manifest
from dist_actions.release.github_release.markdown_rewriting import show_line, show_link
from dist_actions.services.github.facts import Commit
from dist_actions.trailers.commit_messages import is_about_environments

#: How many of the newest commits are sorted by the pull requests that they came by.
_MOST_COMMITS = 1000
_MERGED_PULL = re.compile(
    r"Merge pull request #(?P<number>[0-9]{1,18}) from [^/\s]+/(?P<branch>\S+)"
)
_SQUASHED_PULL = re.compile(r"(?P<title>.*) \(#(?P<number>[0-9]{1,18})\)")


@dataclass(frozen=True)
class ChangeRange:
    """Tags between which the changes of a release lie.

    Attributes:
        previous: The previous version's tag in the release's own environment; empty for the first.
        base: The tag since which changes are counted; empty where there is no previous version.
        head: The tag up to which they are.
    """

    previous: str
    base: str
    head: str


@dataclass(frozen=True)
class Changes:
    """What changed, as Markdown.

    Attributes:
        generated: What GitHub wrote, with the titles of others in it as they are; may be empty.
        commits: A list of commits, harmless already; may be empty.
    """

    generated: str = ""
    commits: str = ""


def find_change_range(manifest: Manifest, tags: Iterable[str]) -> ChangeRange:
    """Find what a release is compared with: the previous version of the same environment.

    A promotion may have squashed the commits of a version, so the changes are read where the
    version comes from: between the two versions' tags in the earliest environment that has one.
    """
    versions: dict[str, dict[Version, str]] = {suffix: {} for suffix in manifest.suffixes}
    for tag in tags:
        if parsed := manifest.tags.parse(tag):
            versions[parsed.suffix][parsed.version] = tag
    versions[manifest.suffix][manifest.version] = manifest.tag
    earlier = [version for version in versions[manifest.suffix] if version < manifest.version]
    if not earlier:
        tags_of_version = (tagged.get(manifest.version) for tagged in versions.values())
        return ChangeRange("", "", next(tag for tag in tags_of_version if tag))
    previous = max(earlier)
    for suffix in manifest.suffixes[: manifest.suffixes.index(manifest.suffix)]:
        head = versions[suffix].get(manifest.version)
        bases = [version for version in versions[suffix] if version <= previous]
        if head and bases:
            return ChangeRange(
                versions[manifest.suffix][previous], versions[suffix][max(bases)], head
            )
    previous_tag = versions[manifest.suffix][previous]
    return ChangeRange(previous_tag, previous_tag, manifest.tag)


def list_commits(commits: Sequence[Commit], pulls: Mapping[int, str], heading: str) -> str:
    """List the commits that came by none of the listed pull requests, newest first.

    Merges are left out, and so is what promote writes. A merged pull request that is not listed
    stands for its commits.

    Args:
        commits: Newest first.
        pulls: Titles of the pull requests that GitHub's notes list, by number.
        heading: Of the list.

    Returns:
        Markdown; empty where there is nothing to list.
    """
    newest = commits[:_MOST_COMMITS]
    merged = _commits_of_pulls(newest)
    lines = [
        line for commit in newest if commit.sha not in merged and (line := _line(commit, pulls))
    ]
    more = ["* … and older ones"] if len(lines) > LISTED_IN_SECTION else []
    return "\n".join([heading, "", *lines[:LISTED_IN_SECTION], *more]) if lines else ""


def _line(commit: Commit, pulls: Mapping[int, str]) -> str:
    """Write the line of a commit; empty where it is listed already, or no change of its own."""
    subject = commit.subject
    if is_about_environments(commit.message):
        return ""
    if len(commit.parents) > 1:
        merge = _MERGED_PULL.match(subject)
        return _pull_line(commit, merge, pulls) if merge else ""
    squash = _SQUASHED_PULL.fullmatch(subject)
    if (squash and int(squash["number"]) in pulls) or subject in pulls.values():
        return ""
    author = show_line(commit.author[:QUOTED_NAME])
    return (
        f"* {show_line(subject[:QUOTED_PAGE])} ({show_link(short_sha(commit.sha), commit.url)})"
        f"{f' by {author}' if author else ''}"
    )


def _pull_line(commit: Commit, merge: re.Match[str], pulls: Mapping[int, str]) -> str:
    number = int(merge["number"])
    if number in pulls or merge["branch"].startswith("promote/"):
        return ""
    body = commit.message.strip().partition("\n")[2].strip()
    title = body.partition("\n")[0] or merge["branch"]
    pull = show_link(f"#{number}", f"{commit.url.partition('/commit/')[0]}/pull/{number}")
    return f"* {show_line(title[:QUOTED_PAGE])} in {pull}"


def _commits_of_pulls(commits: Sequence[Commit]) -> set[str]:
    """Find the commits that a merge button brought; those that a promotion brought are no such."""
    parents = {commit.sha: commit.parents for commit in commits}
    merged: set[str] = set()
    for commit in commits:
        merge = _MERGED_PULL.match(commit.subject)
        if len(commit.parents) == 2 and merge and not merge["branch"].startswith("promote/"):
            main, side = (_reach(parents, parent) for parent in commit.parents)
            merged |= side - main
    return merged


def _reach(parents: Mapping[str, Sequence[str]], start: str) -> set[str]:
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        sha = waiting.pop()
        if sha in parents and sha not in reached:
            reached.add(sha)
            waiting += parents[sha]
    return reached
