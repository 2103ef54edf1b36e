"""Errors point to headings of docs/troubleshooting.md, and every heading is pointed to."""

import ast
import re
from collections.abc import Iterator

import pytest

from dist_actions.errors import TROUBLESHOOTING
from support.documentation.pages import Page, page, slug
from support.paths import ROOT

SOURCE = ROOT / "src" / "dist_actions"
TROUBLES = page("docs/troubleshooting.md")


def keywords(tree: ast.Module) -> Iterator[ast.expr]:
    """Values given as `anchor=` in a module: to an error, or to a cause that one is made of."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and not _hands_on(node):
            yield from (word.value for word in node.keywords if word.arg == "anchor")


def _hands_on(call: ast.Call) -> bool:
    """Whether an error hands what it was given on to its base."""
    return ast.unparse(call.func) == "super().__init__"


def constants(tree: ast.Module) -> dict[str, str]:
    """Texts that a module gives names to."""
    return {
        node.targets[0].id: str(node.value.value)
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
    }


def anchors() -> set[str]:
    """Every anchor that an error can carry."""
    found = set()
    for path in SOURCE.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        named = constants(tree)
        for value in keywords(tree):
            if isinstance(value, ast.Constant):
                found.add(str(value.value))
            elif isinstance(value, ast.Name):
                found.add(named[value.id])
            else:
                taken = isinstance(value, ast.Attribute) and value.attr == "anchor"
                assert taken, f"{path}: an anchor is written out, or taken from a cause"
    return found


def test_every_anchor_of_an_error_is_a_heading() -> None:
    headings = {slug(heading) for heading in TROUBLES.headings(3)}
    assert anchors() - headings == set()


def test_every_heading_is_an_errors_anchor() -> None:
    headings = {slug(heading) for heading in TROUBLES.headings(3)}
    assert headings - anchors() == set()


@pytest.mark.parametrize("heading", TROUBLES.headings(3))
def test_a_trouble_has_symptom_cause_and_fix(heading: str) -> None:
    section = TROUBLES.section(heading)
    for part in ("**You see**", "**Cause**", "**Fix**"):
        assert section.count(part) == 1, part


def test_every_row_of_publishing_is_found_by_its_symptom() -> None:
    """The table at the top of the part links to each of them, and to each once."""
    after = TROUBLES.text.partition("\n## Publishing\n")[2].partition("\n## Promotion\n")[0]
    rows = [slug(heading) for heading in Page("", after).headings(3)]
    linked = re.findall(r"\]\(#([\w-]+)\) \|$", after, re.MULTILINE)
    assert sorted(linked) == sorted(rows)


def test_errors_link_to_this_page() -> None:
    assert TROUBLESHOOTING.endswith(f"/{TROUBLES.path}")
