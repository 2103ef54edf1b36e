"""The threat model's tables are whole: each promise names code and tests that exist."""

import re

import pytest

from support.documentation.pages import page
from support.paths import ROOT

MODEL = page("docs/threat-model.md")
PROMISES, OPEN = "Who attacks, and what holds", "What is not promised"
ATTACKERS = frozenset(
    [
        "anybody, by text",
        "a contributor without write access",
        "a contributor who may push to a branch",
        "a dependency, build requirement or backend: a hostile build job",
        "a hostile test job",
        "an artifact of another run",
        "somebody who makes releases, drafts or tags by hand",
        "another repository, with ID tokens of its own",
        "a hostile index",
        "a hostile answer of GitHub, or a proxy",
        "a reader of logs and pages",
        "a public package of the same name",
        "a replaced dependency of ours",
        "a neighbour job on the same machine",
        "a web page on a developer's machine",
        "a project that is rehearsed or asked about",
    ]
)


def rows(heading: str) -> list[tuple[str, ...]]:
    """List the rows of a section's table, without its head."""
    lines = [line for line in MODEL.section(heading).splitlines() if line.startswith("|")]
    table = [tuple(cell.strip() for cell in line.strip("|").split(" | ")) for line in lines]
    return table[2:]


def names(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


PROMISED = rows(PROMISES)


def test_every_attacker_has_a_promise() -> None:
    attackers = [row[0].strip("*") for row in PROMISED if row[0]]
    assert len(attackers) == len(set(attackers))
    assert set(attackers) == ATTACKERS
    assert PROMISED[0][0]


@pytest.mark.parametrize("row", PROMISED, ids=[row[2][:50] for row in PROMISED])
def test_a_promise_names_where_it_is_kept(row: tuple[str, ...]) -> None:
    attacker, reach, promise, where, _ = row
    assert bool(attacker) <= bool(reach)
    assert promise.endswith(".")
    assert names(where)
    assert [path for path in names(where) if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("row", PROMISED, ids=[row[2][:50] for row in PROMISED])
def test_a_promise_names_a_test_that_shows_it(row: tuple[str, ...]) -> None:
    """Each names a module of tests, and may name one test of it."""
    shown = names(row[4])
    assert shown
    for name in shown:
        path, _, function = name.partition("::")
        assert re.fullmatch(r"tests/.+/test_\w+\.py", path), name
        assert (ROOT / path).is_file(), name
        text = (ROOT / path).read_text(encoding="utf-8")
        assert f"def {function or 'test_'}" in text, name


def test_what_is_not_promised_stands_there() -> None:
    """One paragraph each; a shared machine has one of its own."""
    section = MODEL.section(OPEN)
    assert len(re.findall(r"(?m)^\*\*[^*]+\.\*\* ", section)) >= 8
    assert re.search(r"(?m)^\*\*[^*]*self-hosted[^*]*\.\*\* ", section)


def test_the_security_page_leads_here() -> None:
    security = page("SECURITY.md")
    assert "docs/threat-model.md" in set(security.links())
    assert "docs/threat-model.md#what-is-not-promised" in set(security.links())
