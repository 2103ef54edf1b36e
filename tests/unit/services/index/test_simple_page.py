"""A project's page of a simple index, in both forms."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dist_actions.services.index.simple_page import (
    IndexedFile,
    parse_project_list,
    parse_simple_page,
)

PAGE = "https://index.example.com/p/r/simple/demo/"
DIGEST = "a1" * 32


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        pytest.param(
            f"../../packages/demo-1.0.tar.gz#sha256={DIGEST}",
            ("demo-1.0.tar.gz", "https://index.example.com/p/r/packages/demo-1.0.tar.gz", DIGEST),
            id="relative",
        ),
        pytest.param(
            "https://files.example.com/demo-1.0%2Blocal-py3-none-any.whl#md5=00",
            (
                "demo-1.0+local-py3-none-any.whl",
                "https://files.example.com/demo-1.0%2Blocal-py3-none-any.whl",
                None,
            ),
            id="elsewhere, quoted, with another hash",
        ),
        pytest.param(
            "demo-1.0.tar.gz#sha256=short",
            ("demo-1.0.tar.gz", f"{PAGE}demo-1.0.tar.gz", None),
            id="not a digest",
        ),
    ],
)
def test_links_of_an_html_page_are_files(href: str, expected: tuple[str, str, str | None]) -> None:
    html = f'<html><body><a class="x">no</a><a href="{href}">text</a></body></html>'
    assert parse_simple_page("text/html; charset=utf-8", html, PAGE) == (IndexedFile(*expected),)


def test_a_json_page_tells_digests() -> None:
    files = [
        {"filename": "demo-1.0.tar.gz", "url": "/f/demo-1.0.tar.gz", "hashes": {"sha256": DIGEST}},
        {"filename": "demo-1.1.tar.gz", "url": "/f/demo-1.1.tar.gz", "hashes": {}},
    ]
    found = parse_simple_page(
        "application/vnd.pypi.simple.v1+json", json.dumps({"files": files}), PAGE
    )
    assert [file.sha256 for file in found] == [DIGEST, None]
    assert found[0].url == "https://index.example.com/f/demo-1.0.tar.gz"


@pytest.mark.parametrize(
    ("content_type", "text"),
    [
        ("application/json", "[]"),
        ("application/json", '{"files": 1}'),
        ("application/json", "{"),
        ("text/plain", "demo"),
        ("", "<a href='x'>"),
    ],
)
def test_what_is_no_page_is_an_error(content_type: str, text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any of them means unreadable
        parse_simple_page(content_type, text, PAGE)


@given(st.text())
def test_no_html_makes_the_parser_fail_in_another_way(text: str) -> None:
    for file in parse_simple_page("text/html", text, PAGE):
        assert file.sha256 is None or len(file.sha256) == 64


@pytest.mark.parametrize(
    ("attributes", "yanked", "shows_metadata"),
    [
        ("", False, False),
        ("data-yanked", True, False),
        ('data-yanked="broken"', True, False),
        ('data-core-metadata="sha256=00"', False, True),
        ('data-core-metadata="true" data-dist-info-metadata="true"', False, True),
        ('data-dist-info-metadata="true"', False, True),
        ('data-core-metadata="false"', False, False),
    ],
)
def test_an_html_page_tells_what_is_yanked_and_where_metadata_are(
    attributes: str, yanked: bool, shows_metadata: bool
) -> None:
    html = f'<a href="demo-1.0.tar.gz" {attributes}>demo</a>'
    (file,) = parse_simple_page("text/html", html, PAGE)
    assert (file.yanked, file.shows_metadata) == (yanked, shows_metadata)


@pytest.mark.parametrize(
    ("keys", "yanked", "shows_metadata"),
    [
        ({}, False, False),
        ({"yanked": False, "core-metadata": False}, False, False),
        ({"yanked": True}, True, False),
        ({"yanked": ""}, True, False),
        ({"yanked": "broken", "core-metadata": {"sha256": "00"}}, True, True),
        ({"dist-info-metadata": True}, False, True),
    ],
)
def test_a_json_page_tells_the_same(
    keys: dict[str, object], yanked: bool, shows_metadata: bool
) -> None:
    files = [{"filename": "demo-1.0.tar.gz", "url": "demo-1.0.tar.gz", **keys}]
    (file,) = parse_simple_page("application/json", json.dumps({"files": files}), PAGE)
    assert (file.yanked, file.shows_metadata) == (yanked, shows_metadata)


def test_the_first_page_lists_the_projects() -> None:
    html = '<a href="demo/">demo</a><a href="/p/r/simple/b.c/?x">B.C</a><a href="../">up</a>'
    assert parse_project_list("text/html", html) == ("demo", "b.c")
    text = json.dumps({"projects": [{"name": "demo"}, {"name": "B.C"}]})
    assert parse_project_list("application/vnd.pypi.simple.v1+json", text) == ("demo", "B.C")
    for content_type, other in (
        ("application/json", '{"files": []}'),
        ("text/html", "<form></form>"),
        ("text/plain", "demo"),
    ):
        with pytest.raises(ValueError, match=r"."):
            parse_project_list(content_type, other)
