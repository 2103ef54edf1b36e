"""The threat model treats every threat once, and names only code and tests that exist."""

import re

import pytest

from support.documentation.pages import page
from support.paths import ROOT

MODEL = page("docs/threat-model.md")
HEADINGS = [heading for heading in MODEL.headings(2) if re.match(r"T\d+: ", heading)]
PARTS = re.compile(
    r"\*\*Threat\*\* (?P<threat>.+)\n\n\*\*Rule\*\* (?P<rule>.+)\n\n"
    r"\*\*Where\*\* (?P<where>.+)\n\n\*\*Shown by\*\* (?P<shown>.+)"
)


def parts(heading: str) -> dict[str, str]:
    match = PARTS.fullmatch(MODEL.section(heading).strip())
    assert match, heading
    return match.groupdict()


def named(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def test_every_threat_is_there_once() -> None:
    numbers = [heading.partition(":")[0] for heading in HEADINGS]
    assert numbers == [f"T{number}" for number in range(1, 19)]


@pytest.mark.parametrize("heading", HEADINGS)
def test_where_a_rule_stands_exists(heading: str) -> None:
    paths = named(parts(heading)["where"])
    assert paths
    assert [path for path in paths if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("heading", HEADINGS)
def test_what_shows_a_rule_is_a_test(heading: str) -> None:
    shown = parts(heading)["shown"]
    assert named(shown) or shown == "not tested on its own yet"
    for path in named(shown):
        assert re.fullmatch(r"tests/.+/test_\w+\.py", path)
        assert (ROOT / path).is_file()
