"""Patterns of paths, as GitHub's filters of workflows have them."""

import pytest

from dist_actions.pipeline.path_patterns import matches_any


@pytest.mark.parametrize(
    ("path", "patterns", "expected"),
    [
        ("README.md", ["*.md"], True),
        ("docs/index.md", ["*.md"], False),
        ("docs/index.md", ["**.md"], True),
        ("docs/a/b.txt", ["docs/**"], True),
        ("docs", ["docs/**"], False),
        ("mydocs/a", ["docs/**"], False),
        ("a/docs/b", ["**/docs/**"], True),
        ("docs/b", ["**/docs/**"], True),
        ("docs/a.md", ["docs/*"], True),
        ("docs/a/b.md", ["docs/*"], False),
        ("docs/a.py", ["docs/**", "!**.py"], False),
        ("docs/a.py", ["!**.py", "docs/**"], True),
        ("a+b(c).md", ["a+b(c).*"], True),
        ("aab.md", ["a+b.md"], False),
        ("line\nbreak.md", ["**.md"], True),
        ("README.md", [], False),
        ("a" * 200, ["*a" * 60 + "b"], False),
    ],
)
def test_a_later_pattern_decides(path: str, patterns: list[str], expected: bool) -> None:
    assert matches_any(path, patterns) is expected
