"""The page of `dist-actions status --html` in a real browser."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page

from dist_actions.commands.status.organisation.page.rendering import render_status_page
from support.browser import OpenedPage, open_page
from support.promotion.organisation import make_organisation

MANY = 500
SHOWN = "#packages > .package:visible"


@pytest.fixture(scope="module")
def status_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the page of a few packages, in which there is something of everything."""
    file = tmp_path_factory.mktemp("status") / "index.html"
    file.write_text(render_status_page(make_organisation(9)), encoding="utf-8")
    return file


@pytest.fixture
def many(browser: Browser, tmp_path: Path) -> Iterator[OpenedPage]:
    """Open the page of as many packages as a large organisation has."""
    file = tmp_path / "index.html"
    file.write_text(render_status_page(make_organisation(MANY)), encoding="utf-8")
    with open_page(browser, file) as opened:
        yield opened
        assert opened.complaints == []
        assert {url.partition("#")[0] for url in opened.loaded} == {file.as_uri()}


def shown_names(page: Page) -> list[str]:
    """List the packages that are shown, in their order."""
    return page.locator(f"{SHOWN} h3").all_text_contents()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 800, 1280])
def test_everybody_can_read_it_and_nothing_is_loaded(
    browser: Browser, status_page: Path, scheme: Literal["light", "dark"], width: int
) -> None:
    with open_page(browser, status_page, scheme=scheme, width=width) as opened:
        opened.page.evaluate("document.querySelectorAll('details').forEach(row => row.open = true)")
        assert opened.find_violations() == []
        assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
        assert opened.complaints == []
        assert opened.loaded == [status_page.as_uri()]


def test_five_hundred_packages_are_filtered_and_sorted(many: OpenedPage) -> None:
    page = many.page
    status = page.get_by_role("status")
    assert status.inner_text() == f"{MANY} of {MANY} packages"
    page.get_by_role("searchbox").fill("acme-core 2.0.0")
    names = shown_names(page)
    assert len(names) == int(status.inner_text().split()[0]) > 1
    assert all(name.startswith("acme-core-") for name in names)
    page.get_by_role("searchbox").fill("no such package")
    assert page.get_by_text("No package fits.").is_visible()
    page.get_by_role("searchbox").fill("")
    page.get_by_role("radio", name="blocked").check()
    # A browser leaves out of a text what it does not draw yet.
    states = {text.strip() for text in page.locator(f"{SHOWN} .state").all_text_contents()}
    assert states == {"blocked"}
    page.get_by_role("radio", name="all").check()
    page.get_by_role("combobox", name="Sort by").select_option("longest waiting")
    waits = page.locator("#packages > .package").evaluate_all(
        "rows => rows.map(row => row.dataset.since || Infinity).map(Number)"
    )
    assert waits == sorted(waits)
    assert waits[0] < waits[-2]
    page.get_by_role("combobox", name="Sort by").select_option("last release")
    releases = page.locator("#packages > .package").evaluate_all(
        "rows => rows.map(row => Number(row.dataset.released))"
    )
    assert releases == sorted(releases, reverse=True)
    page.get_by_role("combobox", name="Sort by").select_option("name")
    assert shown_names(page) == sorted(shown_names(page))


def test_its_address_keeps_what_was_chosen(browser: Browser, status_page: Path) -> None:
    with open_page(browser, status_page) as opened:
        opened.page.get_by_role("radio", name="waits").check()
        opened.page.get_by_role("searchbox").fill("metrics")
        address = opened.page.evaluate("location.href")  # `page.url` lags behind the page
        opened.page.goto("about:blank")
        opened.page.goto(address)
        assert shown_names(opened.page) == ["acme-metrics-6"]
        assert opened.page.get_by_role("radio", name="waits").is_checked()


#: A busy browser may write what a page stored after the next load of the page.
_RELOADS = 5


def test_the_theme_is_chosen_and_remembered(browser: Browser, status_page: Path) -> None:
    background = "getComputedStyle(document.body).backgroundColor"
    with open_page(browser, status_page, scheme="light") as opened:
        page = opened.page
        light = page.evaluate(background)
        button = page.get_by_role("button", name="Theme")
        for theme in ("light", "dark"):
            button.click()
            assert button.inner_text() == f"Theme: {theme}"
        assert page.evaluate(background) != light
        assert opened.find_violations() == []
        for _ in range(_RELOADS):
            page.reload()
            if button.inner_text() == "Theme: dark":
                break
        assert button.inner_text() == "Theme: dark"
        button.click()
        assert page.evaluate(background) == light


def test_the_keyboard_reaches_everything(browser: Browser, status_page: Path) -> None:
    controls = "a[href], button, summary, input, select"
    with open_page(browser, status_page) as opened:
        page = opened.page
        page.keyboard.press("/")
        assert page.evaluate("document.activeElement.id") == "filter"
        page.evaluate("document.activeElement.blur()")
        # Radio buttons are one stop, among which the arrows choose.
        stops = page.locator(controls).locator("visible=true").count() - (
            page.get_by_role("radio").count() - 1
        )
        reached = set()
        for _ in range(stops + 2):
            page.keyboard.press("Tab")
            position = page.evaluate(
                f"[...document.querySelectorAll('{controls}')].indexOf(document.activeElement)"
            )
            if position >= 0:
                reached.add(position)
        assert len(reached) == stops
        page.get_by_role("radio", name="all").focus()
        page.keyboard.press("ArrowRight")
        assert page.get_by_role("radio", name="drift").is_checked()
        assert shown_names(page) == ["acme-reports-7"]


def test_the_picture_is_told_to_screen_readers(browser: Browser, status_page: Path) -> None:
    with open_page(browser, status_page) as opened:
        picture = opened.page.get_by_role("img", name="History of acme-auth-5")
        assert picture.get_attribute("aria-label") == (
            "History of acme-auth-5: 9 releases since 2026-05-14, the last one 1.2.0 in prd on "
            "2026-11-20"
        )
        assert picture.locator("circle").count() == 9


def test_a_command_is_copied(browser: Browser, status_page: Path) -> None:
    with open_page(browser, status_page) as opened:
        page = opened.page
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        row = page.locator("#packages > .package", has_text="acme-core-0")
        row.locator("summary").click()
        row.get_by_role("button", name="Copy the command for acme-core-0 in qa").click()
        page.get_by_text("Copied").wait_for()
        assert page.evaluate("navigator.clipboard.readText()") == (
            "pip install --index-url https://europe-python.pkg.dev/acme-1/all/simple/ "
            "acme-core-0==2.0.0"
        )


def test_it_can_be_read_without_a_script(browser: Browser, status_page: Path) -> None:
    with open_page(browser, status_page, script=False) as opened:
        page = opened.page
        assert not page.get_by_role("searchbox").is_visible()
        assert len(shown_names(page)) == 9
        row = page.locator("#packages > .package", has_text="acme-core-0")
        row.locator("summary").click()
        assert row.get_by_text("acme_core_0-2.0.0-py3-none-any.whl").first.is_visible()
