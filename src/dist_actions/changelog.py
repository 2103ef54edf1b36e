"""The section of a changelog that belongs to one version; pure."""

import re
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt
from packaging.version import InvalidVersion, Version

_FILES = ("CHANGELOG.md", "CHANGES.md", "HISTORY.md", "NEWS.md")
_VERSION = re.compile(r"\d[0-9A-Za-z.!+-]*")


def find_changelog(*folders: Path) -> Path | None:
    """The first changelog in Markdown in any of the folders."""
    candidates = (folder / name for folder in folders for name in _FILES)
    return next((path for path in candidates if path.is_file()), None)


def section_of(changelog: str, version: Version, *, name: str = "") -> str:
    """The text below the heading of a version, up to the next heading of its level or above.

    Args:
        changelog: Markdown.
        version: The version; a heading such as `## [v1.4.0] - 2026-01-31` is its own.
        name: A project's normalised name that the heading must hold too; empty for any heading.

    Returns:
        The section without its heading; empty where there is none.
    """
    lines = changelog.splitlines()
    start, level = 0, 0
    tokens = MarkdownIt().parse(changelog)
    for heading, inline in pairwise(tokens):
        if heading.type != "heading_open" or heading.map is None:
            continue
        depth = int(heading.tag[1:])
        if level and depth <= level:
            return "\n".join(lines[start : heading.map[0]]).strip()
        if not level and _names(inline.content, version, name):
            start, level = heading.map[1], depth
    return "\n".join(lines[start:]).strip() if level else ""


def _names(heading: str, version: Version, name: str) -> bool:
    """Whether any word of the heading is the version; a project's name can hold digits too."""
    if name and not _holds_name(heading, name):
        return False
    for found in _VERSION.findall(heading):
        try:
            if Version(found.rstrip(".-")) == version:
                return True
        except InvalidVersion:
            continue
    return False


def _holds_name(heading: str, name: str) -> bool:
    """Whether the heading has the project's name in any spelling, and not as a part of another."""
    spelling = "[-_.]+".join(map(re.escape, name.split("-")))
    ending = r"(?=$|[^\w.-]|[-_.]?v?\d)"
    return re.search(rf"(?<![\w.-]){spelling}{ending}", heading, re.IGNORECASE) is not None
