"""The page in a real browser: for everybody, and without loading anything from anywhere."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser

from dist_sandbox.rehearse.results.page.rendering import render_page
from support.act import rehearse_command
from support.act.reports import make_full_report
from support.browser import OpenedPage, open_page

#: act loses what it has not read when a step fails.
FAILING = """
on: push
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - {name: greet, run: "echo hello; echo '# Done' >> $GITHUB_STEP_SUMMARY"}
      - {name: ask, run: "git ls-remote https://coverage.example/upload || true"}
      - {name: break, run: "echo '::error::it broke'; sleep 1; exit 3"}
      - {name: publish, run: twine upload dist/*}
"""


@pytest.fixture(scope="module")
def written_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the page of records in which there is something of everything."""
    file = tmp_path_factory.mktemp("written") / "index.html"
    file.write_text(render_page(make_full_report(), subject="a"), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def failed_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rehearse a workflow that fails, and return the page that it leaves."""
    folder = tmp_path_factory.mktemp("failed")
    project = rehearse_command.copy_bare_sample(folder / "a-project")
    workflow = project / ".github" / "workflows" / "broken.yml"
    workflow.parent.mkdir(parents=True)
    workflow.write_text(FAILING)
    done = rehearse_command.rehearse(project, folder / "out")
    assert done.returncode == 1, done.stdout + done.stderr
    page = folder / "out" / "index.html"
    assert f"Page: {page}" in done.stderr
    return page


@pytest.fixture(scope="module")
def released_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rehearse a release, and return the page that it leaves."""
    folder = tmp_path_factory.mktemp("released")
    project = rehearse_command.copy_sample(folder / "a-project", one_job=True)
    done = rehearse_command.rehearse(project, folder / "out", "--until", "dev")
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "out" / "index.html"


@pytest.fixture
def opened(browser: Browser, written_page: Path) -> Iterator[OpenedPage]:
    """Open the written page as most people do."""
    with open_page(browser, written_page) as opened_page:
        yield opened_page


def assert_flawless(
    browser: Browser, file: Path, scheme: Literal["light", "dark"], width: int
) -> None:
    """Check a page, folded and unfolded."""
    with open_page(browser, file, scheme=scheme, width=width) as opened_page:
        assert opened_page.find_violations() == []
        opened_page.page.get_by_role("button", name="Unfold all").click()
        assert opened_page.find_violations() == []
        widest = opened_page.page.evaluate("document.documentElement.scrollWidth")
        assert widest <= width, "the page itself never scrolls sideways"
        assert opened_page.complaints == []
        assert opened_page.loaded == [file.as_uri()]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_everybody_can_read_it_and_nothing_is_loaded(
    browser: Browser, written_page: Path, scheme: Literal["light", "dark"], width: int
) -> None:
    assert_flawless(browser, written_page, scheme, width)


def test_no_arrow_between_runs_leaves_the_column(browser: Browser, written_page: Path) -> None:
    """The last one of a line has no run beside it."""
    edges = (
        "[...document.querySelectorAll('.arrow')].map(arrow => arrow.getBoundingClientRect().right"
        " - document.querySelector('.chain').getBoundingClientRect().right)"
    )
    with open_page(browser, written_page) as opened_page:
        for width in range(650, 1400, 30):
            opened_page.page.set_viewport_size({"width": width, "height": 900})
            assert max(opened_page.page.evaluate(edges)) <= 0, width


def test_so_is_the_page_of_a_rehearsal_that_failed(browser: Browser, failed_page: Path) -> None:
    assert_flawless(browser, failed_page, "dark", 360)
    with open_page(browser, failed_page) as opened_page:
        page = opened_page.page
        assert page.get_by_role("heading", name="Why it ended").is_visible()
        assert page.get_by_text("it broke").first.is_visible(), "the failed step is unfolded"
        assert page.get_by_role("heading", name="Done", exact=True).is_visible()
        wanted = page.get_by_role("table", name="Hosts that no job could reach")
        host, job, *_ = wanted.locator("tbody tr").first.locator("td").all_inner_texts()
        assert (host, job) == ("coverage.example", "broken main / a")
        page.get_by_role("link", name="Log of a", exact=True).click()
        assert "== break (failure" in page.content()


@pytest.mark.network
def test_so_is_the_page_of_a_rehearsal_that_released(browser: Browser, released_page: Path) -> None:
    assert_flawless(browser, released_page, "light", 1280)
    with open_page(browser, released_page) as opened_page:
        page = opened_page.page
        assert page.get_by_text("Rehearsal succeeded").is_visible()
        page.get_by_role("button", name="Unfold all").click()
        job = page.locator("details.job", has=page.get_by_role("heading", name="release"))
        uploads = job.get_by_role("table", name="Uploaded")
        names = uploads.locator("tbody td:first-child").all_inner_texts()
        hosts = {host.inner_text() for host in uploads.locator("tbody td:nth-child(2)").all()}
        assert "eigenoid_sample-0.5.0-py3-none-any.whl" in names
        assert len(hosts) == 2, "the GitHub release and the index"
        bars = page.locator("#timeline ~ .timeline li svg")
        assert bars.count() >= 3
        assert page.locator("#timeline ~ .timeline rect.request").count() > 5


def test_the_keyboard_reaches_everything(opened: OpenedPage) -> None:
    page = opened.page
    controls = page.locator("a[href]:visible, button:visible, summary:visible").count()
    reached = set()
    for _ in range(3 * controls):
        page.keyboard.press("Tab")
        position = page.evaluate(
            "[...document.querySelectorAll('a[href], button, summary')]"
            ".indexOf(document.activeElement)"
        )
        if position >= 0:
            reached.add(position)
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline == "solid", "who uses a keyboard sees where it is"
    assert len(reached) == controls


def test_the_keyboard_unfolds_a_log(opened: OpenedPage) -> None:
    page = opened.page
    job = page.locator("#stage-2-job-1 > summary")
    log = page.locator("#stage-2-job-1 pre", has_text="Cloning")
    job.focus()
    page.keyboard.press("Enter")
    step = page.locator("#stage-2-job-1 .steps summary").first
    assert not log.is_visible()
    step.focus()
    page.keyboard.press("Space")
    assert log.is_visible()


def test_it_can_be_read_without_a_script(browser: Browser, written_page: Path) -> None:
    with open_page(browser, written_page, script=False) as opened_page:
        page = opened_page.page
        assert not page.get_by_role("button", name="Unfold all").is_visible()
        page.locator("#stage-2-job-1 > summary").click()
        page.locator("#stage-2-job-1 .steps summary").first.click()
        assert page.locator("#stage-2-job-1 pre", has_text="Cloning").is_visible()


def test_links_of_the_picture_lead_to_the_runs(opened: OpenedPage) -> None:
    page = opened.page
    page.get_by_role("link", name="release v1.0").first.click()
    assert page.url.endswith("#stage-2")
    assert page.locator("#stage-2").is_visible()
