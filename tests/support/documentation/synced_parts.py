"""Write the parts of the documentation that come from elsewhere: inputs, outputs, workflows.

Such a part stands between two comments, `<!-- inputs: auto-tag/action.yml -->` and `<!-- end -->`.
`scripts/sync-docs` runs this file; a test compares.
"""

import re
import sys
from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from support.paths import ROOT

PAGES = (ROOT / "README.md", *sorted((ROOT / "docs" / "actions").glob("*.md")))
PART = re.compile(
    r"(?P<begin><!-- (?P<kind>inputs|outputs|workflow): (?P<source>[\w./-]+) -->\n)"
    r".*?(?P<end><!-- end -->)",
    re.DOTALL,
)


def synchronised(text: str) -> str:
    """Write every such part of a page anew."""

    def write(match: re.Match[str]) -> str:
        source = (ROOT / match["source"]).read_text(encoding="utf-8")
        return f"{match['begin']}{_render(match['kind'], source)}{match['end']}"

    return PART.sub(write, text)


def parts(text: str) -> set[tuple[str, str]]:
    """List kind and source of every part of a page."""
    return {(match["kind"], match["source"]) for match in PART.finditer(text)}


def _render(kind: str, source: str) -> str:
    if kind == "workflow":
        return f"```yaml\n{source}```\n"
    entries: Mapping[str, Mapping[str, Any]] = yaml.safe_load(source)[kind]
    if kind == "inputs":
        rows = [
            (f"`{name}`", entry["description"], _default(entry)) for name, entry in entries.items()
        ]
        return _table(("input", "meaning", "default"), rows)
    return _table(
        ("output", "meaning"),
        [(f"`{name}`", entry["description"]) for name, entry in entries.items()],
    )


def _default(entry: Mapping[str, Any]) -> str:
    if entry.get("required"):
        return "required"
    value = str(entry.get("default", ""))
    return "the job token" if "github.token" in value else f"`{value}`" if value else ""


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [list(head), ["---"] * len(list(head)), *map(list, rows)]
    return "".join(f"| {' | '.join(map(_cell, line))} |\n" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def main() -> int:
    """Rewrite the pages that differ."""
    for page in PAGES:
        before = page.read_text(encoding="utf-8")
        after = synchronised(before)
        if after != before:
            page.write_text(after, encoding="utf-8")
            print(f"{page.relative_to(ROOT)}: rewritten")
    return 0


if __name__ == "__main__":
    sys.exit(main())
