"""The documentation is a site, on which every link leads somewhere."""

import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from support.documentation.site import (
    add_mermaid,
    build_site,
    place_of,
    rewrite_links,
    write_site,
)

PAGES = {"docs/setup.md": "setup.md", "examples/pypi/README.md": "starters/pypi.md"}


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("docs/actions/release.md", "actions/release.md"),
        ("examples/README.md", "starters/index.md"),
        ("examples/pypi/README.md", "starters/pypi.md"),
        ("CHANGELOG.md", "changelog.md"),
        ("README.md", ""),
    ],
)
def test_pages_have_their_places(path: str, place: str) -> None:
    assert place_of(path) == place


@pytest.mark.parametrize(
    ("text", "rewritten"),
    [
        ("[a](../examples/pypi/README.md#b)", "[a](starters/pypi.md#b)"),
        ("[a](../examples/pypi)", "[a](starters/pypi.md)"),
        (
            "[a](../action.yml)",
            "[a](https://github.com/eigenoid/dist-actions/blob/main/action.yml)",
        ),
        ("[a](#b) [c](https://example.com)", "[a](#b) [c](https://example.com)"),
        ("```\n[a](../action.yml)\n```\n", "```\n[a](../action.yml)\n```\n"),
    ],
)
def test_links_lead_to_pages_or_to_github(text: str, rewritten: str) -> None:
    assert rewrite_links(text, "docs/setup.md", PAGES) == rewritten


@pytest.mark.network
@pytest.mark.skipif(sys.version_info < (3, 11), reason="zensical needs Python 3.11")
def test_pictures_are_drawn_and_nothing_is_loaded_from_elsewhere(
    browser: Browser, tmp_path: Path
) -> None:
    write_site(tmp_path / "site")
    add_mermaid(tmp_path / "site")
    assert build_site(tmp_path / "site").returncode == 0
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path / "site/site"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server, browser.new_page() as page:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        address = f"http://127.0.0.1:{server.server_port}/"
        page.goto(f"{address}architecture/")
        # The theme draws into a closed shadow root, which is as high as the picture.
        page.wait_for_function("document.querySelector('div.mermaid')?.offsetHeight > 100")
        server.shutdown()
    assert [url for url in asked if not url.startswith((address, "data:", "blob:"))] == []


@pytest.mark.skipif(sys.version_info < (3, 11), reason="zensical needs Python 3.11")
def test_the_site_is_built_and_a_link_that_leads_nowhere_fails(tmp_path: Path) -> None:
    write_site(tmp_path / "site")
    built = build_site(tmp_path / "site")
    assert built.returncode == 0, built.stdout + built.stderr
    assert "Getting started" in (tmp_path / "site/site/getting-started/index.html").read_text()
    page = tmp_path / "site/docs/setup.md"
    page.write_text(page.read_text() + "\n[a](nowhere.md)\n")
    assert build_site(tmp_path / "site").returncode != 0
