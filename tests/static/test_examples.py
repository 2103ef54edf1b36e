"""The starters in folders: what they share with the workflows beside them stays the same."""

import re
from pathlib import Path

import pytest

from support.paths import EXAMPLES

#: The sample has the workflows beside it, and a page of its own.
FOLDERS = [
    path.relative_to(EXAMPLES)
    for pattern in ("*/.github/workflows", "*/*/.github/workflows")
    for path in EXAMPLES.glob(pattern)
]
STARTERS = sorted(
    {EXAMPLES / folder.parts[0] for folder in FOLDERS if folder.parts[0] != "eigenoid-sample"}
)
README_LINES = 12


def workflows(starter: Path) -> list[Path]:
    return sorted(starter.glob("**/.github/workflows/*"))


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
        "private-dependencies",
        "pypi",
        "pypi-token",
        "service-account-key",
        "setuptools-scm",
        "testpypi-pypi",
    ]


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


def test_repositories_of_one_starter_have_the_same_workflows() -> None:
    """`dist-actions init` writes them by the starter's name."""
    texts = [
        {path.name: path.read_text(encoding="utf-8") for path in workflows(repository)}
        for repository in (EXAMPLES / "private-dependencies").iterdir()
        if repository.is_dir()
    ]
    assert len(texts) == 2
    assert texts[0] == texts[1]


@pytest.mark.parametrize("starter", STARTERS, ids=lambda starter: starter.name)
def test_the_same_commits_of_other_actions_are_used(starter: Path) -> None:
    shared = "".join(path.read_text(encoding="utf-8") for path in EXAMPLES.glob("*.yml"))
    pinned = {match[0].strip() for match in pins(shared)}
    for path in workflows(starter):
        used = {match[0].strip() for match in pins(path.read_text(encoding="utf-8"))}
        # The other starters need no login.
        assert used <= {*pinned, "eigenoid/dist-actions/login@v1"}


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
