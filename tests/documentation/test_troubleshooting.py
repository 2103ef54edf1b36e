"""Errors point to headings of docs/troubleshooting.md, and every heading is pointed to."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from dist_actions.errors import TROUBLESHOOTING
from dist_actions.publish.refusals import explain_upload_refusal
from documentation.pages import ROOT, page, slug

SOURCE = ROOT / "src" / "dist_actions"
TROUBLES = page("docs/troubleshooting.md")
#: Modules that choose among anchors, and the statuses by which they do.
CHOOSERS = {"publish/refusals.py": (400, 401, 403, 404, 413)}


def keywords(path: Path) -> Iterator[ast.expr]:
    """Values given as `anchor=` in a module."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield from (word.value for word in node.keywords if word.arg == "anchor")


def anchors() -> set[str]:
    """Every anchor that an error can carry."""
    found = {
        explain_upload_refusal("", "", status, "", "").anchor
        for status in CHOOSERS["publish/refusals.py"]
    }
    for path in SOURCE.rglob("*.py"):
        for value in keywords(path):
            if isinstance(value, ast.Constant):
                found.add(str(value.value))
            else:
                assert str(path.relative_to(SOURCE)) in CHOOSERS, f"{path}: teach this test"
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


def test_errors_link_to_this_page() -> None:
    assert TROUBLESHOOTING.endswith(f"/{TROUBLES.path}")
