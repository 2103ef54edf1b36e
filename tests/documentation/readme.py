"""Writes the parts of the README that are taken from elsewhere: actions, examples, the set-up.

Such a part stands between two comments, `<!-- inputs: auto-tag/action.yml -->` and `<!-- end -->`.
`scripts/sync-readme` runs this file; a test compares.
"""

import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
SCRIPT = re.compile(r"^```bash\n#!.*?^```\n", re.MULTILINE | re.DOTALL)
PART = re.compile(
    r"(?P<begin><!-- (?P<kind>inputs|outputs|workflow|script): (?P<source>[\w./-]+) -->\n)"
    r".*?(?P<end><!-- end -->)",
    re.DOTALL,
)


def synchronised(text: str) -> str:
    """The README with every such part written anew."""

    def write(match: re.Match[str]) -> str:
        source = (ROOT / match["source"]).read_text(encoding="utf-8")
        return f"{match['begin']}{_render(match['kind'], source)}{match['end']}"

    return PART.sub(write, text)


def parts(text: str) -> set[tuple[str, str]]:
    """Kind and source of every part."""
    return {(match["kind"], match["source"]) for match in PART.finditer(text)}


def _render(kind: str, source: str) -> str:
    if kind == "workflow":
        return f"```yaml\n{source}```\n"
    if kind == "script":
        return "".join(SCRIPT.findall(source))
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
    """Rewrite README.md where it differs."""
    before = README.read_text(encoding="utf-8")
    after = synchronised(before)
    if after != before:
        README.write_text(after, encoding="utf-8")
    print("README.md: " + ("rewritten" if after != before else "nothing to do"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
