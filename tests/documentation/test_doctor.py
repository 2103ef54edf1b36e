"""docs/doctor.md lists what doctor checks, and each check leads to a section that exists."""

import pytest

from dist_actions.doctor.examination import CHECKS
from dist_actions.doctor.facts import Facts
from dist_actions.doctor.findings import Check
from support.documentation.pages import page, slug

ROWS = [line for line in page("docs/doctor.md").text.splitlines() if line.startswith("| `")]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_a_check_is_documented(check: Check[Facts]) -> None:
    assert any(
        row.startswith(f"| `{check.id}` | {check.title} | {check.severity} |") for row in ROWS
    )
    name, _, anchor = check.page.partition("#")
    headings = [
        slug(heading) for level in (2, 3) for heading in page(f"docs/{name}").headings(level)
    ]
    assert not anchor or anchor in headings


def test_each_check_has_a_name_of_its_own() -> None:
    assert len({check.id for check in CHECKS}) == len(CHECKS)
    assert len({check.title for check in CHECKS}) == len(CHECKS)
