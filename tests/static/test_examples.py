"""The starters in folders: what they share with the workflows beside them stays the same."""

import re
from pathlib import Path

import pytest

from support.paths import EXAMPLES

STARTERS = sorted(path.parents[1] for path in EXAMPLES.glob("*/.github/workflows"))
#: Workflows that a starter has exactly as the project's own pipeline has them.
COPIES = [
    ("cibuildwheel", "auto-tag.yml"),
    ("cibuildwheel", "promote.yml"),
    ("computed-version", "release.yml"),
    ("computed-version", "promote.yml"),
    ("legacy-setup-py", "promote.yml"),
    ("maturin", "auto-tag.yml"),
    ("maturin", "promote.yml"),
    ("poetry", "auto-tag.yml"),
    ("setuptools-scm", "release.yml"),
    ("setuptools-scm", "promote.yml"),
]
README_LINES = 12


def workflows(starter: Path) -> list[Path]:
    return sorted((starter / ".github" / "workflows").iterdir())


def test_the_starters_are_there() -> None:
    assert [starter.name for starter in STARTERS] == [
        "artifact-registry-pypi",
        "cibuildwheel",
        "computed-version",
        "legacy-setup-py",
        "maturin",
        "monorepo",
        "poetry",
        "poetry-pypi",
        "pypi-token",
        "service-account-key",
        "setuptools-scm",
        "testpypi-pypi",
    ]


@pytest.mark.parametrize(("starter", "name"), COPIES)
def test_a_copy_is_up_to_date(starter: str, name: str) -> None:
    """After a change of `examples/NAME`, copy it anew."""
    copy = EXAMPLES / starter / ".github" / "workflows" / name
    assert copy.read_text(encoding="utf-8") == (EXAMPLES / name).read_text(encoding="utf-8")


def test_nothing_is_copied_unnoticed() -> None:
    shared = {path.name: path.read_bytes() for path in EXAMPLES.glob("*.yml")}
    same = [
        (starter.name, path.name)
        for starter in STARTERS
        for path in workflows(starter)
        if shared.get(path.name) == path.read_bytes()
    ]
    assert sorted(same) == sorted(COPIES)


def test_starters_with_wheels_differ_in_the_step_that_builds_them() -> None:
    """The rehearsal of one shows the jobs of the other, which needs Rust."""
    texts = [
        (EXAMPLES / name / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8")
        for name in ("cibuildwheel", "maturin")
    ]
    without = [
        re.sub(r"      - uses: (pypa|PyO3)/.*\n(?:        (?!env:).*\n)+", "", text)
        for text in texts
    ]
    assert without[0] == without[1]
    assert texts[0] != texts[1]


@pytest.mark.parametrize("starter", STARTERS, ids=lambda starter: starter.name)
def test_the_same_commits_of_other_actions_are_used(starter: Path) -> None:
    shared = "".join(path.read_text(encoding="utf-8") for path in EXAMPLES.glob("*.yml"))
    pinned = {match[0].strip() for match in pins(shared)}
    for path in workflows(starter):
        used = {match[0].strip() for match in pins(path.read_text(encoding="utf-8"))}
        assert used <= pinned


def pins(text: str) -> list[re.Match[str]]:
    return list(re.finditer(r"(actions|eigenoid)/[\w/-]+@.*", text))


@pytest.mark.parametrize("starter", STARTERS, ids=lambda starter: starter.name)
def test_a_starter_says_what_to_set_up_in_a_few_lines(starter: Path) -> None:
    text = (starter / "README.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= README_LINES
    assert "docs/setup.md" in text
    assert f"`dist-sandbox rehearse examples/{starter.name}" in text


@pytest.mark.parametrize("starter", STARTERS, ids=lambda starter: starter.name)
def test_a_starter_is_listed(starter: Path) -> None:
    listed = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    assert f"({starter.name}/README.md)" in listed
