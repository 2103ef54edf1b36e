"""The section of a changelog that belongs to one version; pure."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt
from packaging.version import Version

from dist_actions.versions.parsing import parse_version

#: Headings alone are looked for, and none in what is quoted: of quotations, reading takes time that
#: grows with the square of their number.
_PARSER = MarkdownIt().disable(["blockquote", "inline", "text_join"])
#: Names of changelogs in Markdown, in the order in which they are looked for.
CHANGELOG_FILES = ("CHANGELOG.md", "CHANGES.md", "HISTORY.md", "NEWS.md")
_VERSION = re.compile(r"\d[0-9A-Za-z.!+-]*")


def find_changelog(*folders: Path) -> Path | None:
    """Find the first changelog in Markdown in any of the folders."""
    candidates = (folder / name for folder in folders for name in CHANGELOG_FILES)
    return next((path for path in candidates if path.is_file()), None)


def section_of(changelog: str, version: Version, *, name: str = "") -> str:
    """Extract the text below a version's heading, up to the next heading of its level or above.

    Args:
        version: The version; a heading such as `## [v1.4.0] - 2026-01-31` is its own.
        name: A project's normalised name that the heading must hold too; empty for any heading.

    Returns:
        The section without its heading; empty where there is none.
    """
    lines = changelog.splitlines()
    start, level = 0, 0
    for (begin, end), depth, text in _headings(changelog):
        if level and depth <= level:
            return "\n".join(lines[start:begin]).strip()
        if not level and version in _versions(text, name):
            start, level = end, depth
    return "\n".join(lines[start:]).strip() if level else ""


def sections_between(
    changelog: str, after: Version | None, upto: Version, *, name: str = ""
) -> tuple[tuple[Version, str], ...]:
    """Extract the sections of several versions, in the order of the file.

    Args:
        after: The version that is left out, with all below it; None for `upto` alone.
        upto: The newest version.
        name: As in `section_of`.
    """
    headings = list(_headings(changelog))
    lines, sections = changelog.splitlines(), []
    for index, (place, level, text) in enumerate(headings):
        versions = [
            version
            for version in _versions(text, name)
            if version == upto or (after is not None and after < version <= upto)
        ]
        if versions:
            ends = (start for (start, _), depth, _ in headings[index + 1 :] if depth <= level)
            section = "\n".join(lines[place[1] : next(ends, len(lines))]).strip()
            sections.append((versions[0], section))
    return tuple(sections)


def _headings(changelog: str) -> Iterator[tuple[Sequence[int], int, str]]:
    """List the headings: from which line to which, of which level, and their texts."""
    for heading, inline in pairwise(_PARSER.parse(changelog)):
        is_heading = heading.type == "heading_open" and not inline.content.startswith(">")
        if is_heading and heading.map is not None:
            yield heading.map, int(heading.tag[1:]), inline.content


def _versions(heading: str, name: str) -> list[Version]:
    """List the words of a heading that are versions; none where it lacks the project's name.

    A project's name can hold digits too.
    """
    if name and not _holds_name(heading, name):
        return []
    versions = (parse_version(word.rstrip(".-")) for word in _VERSION.findall(heading))
    return [version for version in versions if version is not None]


def _holds_name(heading: str, name: str) -> bool:
    """Tell whether the heading has the project's name, in any spelling and not inside another."""
    spelling = "[-_.]+".join(map(re.escape, name.split("-")))
    ending = r"(?=$|[^\w.-]|[-_.]?v?\d)"
    return re.search(rf"(?<![\w.-]){spelling}{ending}", heading, re.IGNORECASE) is not None
