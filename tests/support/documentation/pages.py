"""Reads the documentation: its pages, headings, links and code blocks. Pure, but for the files."""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from support.paths import ROOT

_FENCE = re.compile(
    r"^(?P<indent> *)```(?P<language>[\w-]*)[^\n]*\n(?P<text>.*?)^(?P=indent)```$",
    re.MULTILINE | re.DOTALL,
)
_HEADING = re.compile(r"^(?P<level>#{1,6}) (?P<text>.+?)\s*$", re.MULTILINE)
_LINK = re.compile(r"(?<!\\)\[[^\]\n]*\]\((?P<target>[^)\s]+)\)")
_CODE = re.compile(r"`[^`\n]*`")


@dataclass(frozen=True)
class Block:
    """A fenced block of code."""

    language: str
    text: str


@dataclass(frozen=True)
class Page:
    """One Markdown file, by its path in the repository."""

    path: str
    text: str

    @property
    def prose(self) -> str:
        """Return the text without its blocks of code."""
        return _FENCE.sub("", self.text)

    def blocks(self, language: str = "") -> list[Block]:
        """List its blocks of code, of one language if one is named."""
        blocks = [Block(match["language"], match["text"]) for match in _FENCE.finditer(self.text)]
        return [block for block in blocks if language in ("", block.language)]

    def headings(self, level: int | None = None) -> list[str]:
        """List the texts of its headings, of one level if one is named."""
        return [
            match["text"]
            for match in _HEADING.finditer(self.prose)
            if level in (None, len(match["level"]))
        ]

    def links(self) -> Iterator[str]:
        """List where its links lead, as written."""
        for match in _LINK.finditer(_CODE.sub("", self.prose)):
            yield match["target"]

    def section(self, heading: str) -> str:
        """Return the text below a heading, up to the next one of any level."""
        after = re.split(rf"^#+ {re.escape(heading)}$", self.text, maxsplit=1, flags=re.M)
        assert len(after) == 2, f"{self.path} has no heading {heading!r}"
        return re.split(r"^#+ ", after[1], maxsplit=1, flags=re.M)[0]


def slug(heading: str) -> str:
    """Return the anchor that GitHub gives a heading."""
    plain = re.sub(r"[`*]", "", heading).lower()
    return re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")


def page(path: str) -> Page:
    """Read one page by its path in the repository."""
    return Page(path, (ROOT / path).read_text(encoding="utf-8"))


@cache
def all_pages() -> tuple[Page, ...]:
    """Read every Markdown file that git tracks or would add."""
    process = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    names = sorted({name for name in process.stdout.split("\0") if name})
    return tuple(page(name) for name in names if (ROOT / name).is_file())
