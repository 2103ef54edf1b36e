"""Filter patterns match as GitHub's cheat sheet says."""

import pytest

from dist_actions.pipeline.filter_patterns import matches, matches_any


@pytest.mark.parametrize(
    ("pattern", "value", "expected"),
    [
        ("main", "main", True),
        ("main", "maintain", False),
        ("main", "x/main", False),
        ("*", "dev", True),
        ("*", "a/b", False),
        ("**", "a/b", True),
        ("feature/*", "feature/my-branch", True),
        ("feature/*", "feature/a/b", False),
        ("feature/**", "feature/a/b", True),
        ("releases/**-alpha", "releases/v10-alpha", True),
        ("v2*", "v2.9", True),
        ("v[12].[0-9]+.[0-9]+", "v1.10.1", True),
        ("v[12].[0-9]+.[0-9]+", "v3.0.0", False),
        ("v[0-9]+.[0-9]+.[0-9]+", "v1.0.0-dev", False),
        ("v*-dev", "v1.0.0-dev", True),
        ("colou?r", "color", True),
        ("colou?r", "colour", True),
        ("**/*.py", "x.py", True),
        ("**/*.py", "a/b/x.py", True),
        ("docs/**", "docs/a/b.md", True),
        ("docs/**", "doc", False),
        ("*.js", "app.js", True),
        ("*.js", "js/app.js", False),
        ("a.c", "abc", False),
        (r"\*", "*", True),
        (r"\*", "x", False),
    ],
)
def test_pattern(pattern: str, value: str, expected: bool) -> None:
    assert matches(pattern, value) is expected


@pytest.mark.parametrize(
    ("patterns", "value", "expected"),
    [
        (["releases/**", "!releases/**-alpha"], "releases/10-alpha", False),
        (["releases/**", "!releases/**-alpha"], "releases/10", True),
        (["releases/**", "!releases/**-alpha", "releases/1-alpha"], "releases/1-alpha", True),
        (["!a"], "b", False),
        ([], "b", False),
    ],
    ids=["taken out", "kept", "taken in again", "negative alone", "none"],
)
def test_later_patterns_win(patterns: list[str], value: str, expected: bool) -> None:
    assert matches_any(patterns, value) is expected
