"""The section of a changelog that belongs to a version."""

from pathlib import Path

import pytest

from dist_actions.changelog import find_changelog, section_of
from support.distributions.builders import parsed

CHANGELOG = """\
# Changelog

## [Unreleased]

## [1.10.0] - 2026-01-31
### Added
- Something.

```
## 1.9.0 in an example
```

## v1.9.0 (2025-12-01)
- Older.
"""


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("1.10.0", "### Added\n- Something.\n\n```\n## 1.9.0 in an example\n```"),
        ("1.9.0", "- Older."),
        ("1.9", "- Older."),
        ("1.1.0", ""),
        ("1.10.0rc1", ""),
    ],
)
def test_the_section_below_a_versions_heading(version: str, expected: str) -> None:
    assert section_of(CHANGELOG, parsed(version)) == expected


@pytest.mark.parametrize("text", ["", "no heading", "## not.a.version", "1.0\n===\ntext"])
def test_odd_changelogs_do_no_harm(text: str) -> None:
    assert section_of(text, parsed("1.0")) in {"", "text"}


def test_the_packages_own_changelog_is_found_first(tmp_path: Path) -> None:
    package = tmp_path / "package"
    package.mkdir()
    (tmp_path / "CHANGELOG.md").touch()
    assert find_changelog(package, tmp_path) == tmp_path / "CHANGELOG.md"
    (package / "HISTORY.md").touch()
    assert find_changelog(package, tmp_path) == package / "HISTORY.md"
    assert find_changelog(tmp_path / "nowhere") is None


@pytest.mark.parametrize(
    ("heading", "found"),
    [
        ("shop-core 1.2.0", True),
        ("Shop_Core v1.2.0 - 2026-01-31", True),
        ("shop-core-v1.2.0", True),
        ("[shop.core==1.2.0]", True),
        ("`shop-core`@1.2.0", True),
        ("1.2.0", False),
        ("shop-core-extra 1.2.0", False),
        ("my-shop-core 1.2.0", False),
        ("shop-core 1.2.1", False),
        ("shop-cli 1.2.0", False),
    ],
)
def test_a_common_changelog_tells_packages_apart(heading: str, found: bool) -> None:
    text = f"## shop-cli 1.1.0\n\nOf another.\n\n## {heading}\n\nIts own.\n"

    section = section_of(text, parsed("1.2.0"), name="shop-core")

    assert section == ("Its own." if found else "")


def test_a_version_in_a_quotation_begins_no_section() -> None:
    changelog = "> Released as 1.0.0\n---\nnot this\n\n## 1.0.0\n\nthis\n"
    assert section_of(changelog, parsed("1.0.0")) == "this"
