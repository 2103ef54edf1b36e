"""The threat model names every threat once, and only code and tests that exist."""

import re

import pytest

from documentation.pages import ROOT, page

ROWS = [line for line in page("docs/threat-model.md").text.splitlines() if line.startswith("| T")]
THREATS = [f"T{number}" for number in range(1, 19)]


def cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip("|").split("|")]


def test_every_threat_is_there_once() -> None:
    assert [cells(row)[0] for row in ROWS] == THREATS


@pytest.mark.parametrize("row", ROWS, ids=lambda row: cells(row)[0])
def test_what_a_row_names_exists(row: str) -> None:
    _, threat, rule, where, shown_by = cells(row)
    assert threat
    assert rule
    named = re.findall(r"`([^`]+)`", f"{where} {shown_by}")
    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: cells(row)[0])
def test_what_shows_a_rule_is_a_test(row: str) -> None:
    shown_by = re.findall(r"`([^`]+)`", cells(row)[-1])
    assert shown_by or cells(row)[-1] == "—"
    assert all(re.fullmatch(r"tests/.+/test_\w+\.py", path) for path in shown_by)
