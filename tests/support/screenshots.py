"""Make the pictures of the documentation: `python -m support.screenshots PAGE FOLDER`."""

import sys
import tempfile
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser

from dist_actions.commands.status.organisation.page.rendering import render_status_page
from support.browser import launch_browser, open_page
from support.promotion.organisation import make_organisation

_WIDTH, _HEIGHT = 1000, 760
#: Scheme and place of each picture, by its name: of a rehearsal's page, and of that of many
#: packages.
_Pictures = dict[str, tuple[Literal["light", "dark"], str]]
_OF_REHEARSAL: _Pictures = {
    "rehearsal-page.png": ("light", "body"),
    "rehearsal-page-dark.png": ("dark", "#timeline"),
}
_OF_STATUS: _Pictures = {
    "status-page.png": ("light", "body"),
    "status-page-dark.png": ("dark", "body"),
}
_PACKAGES = 24


def main(page: Path, folder: Path) -> None:
    """Make the pictures of a rehearsal's page, and of the status of made packages."""
    folder.mkdir(parents=True, exist_ok=True)
    with launch_browser() as browser, tempfile.TemporaryDirectory() as scratch:
        status = Path(scratch, "index.html")
        status.write_text(render_status_page(make_organisation(_PACKAGES)), encoding="utf-8")
        _take(browser, status, folder, _OF_STATUS)
        _take(browser, page.resolve(), folder, _OF_REHEARSAL)


def _take(browser: Browser, page: Path, folder: Path, pictures: _Pictures) -> None:
    for name, (scheme, place) in pictures.items():
        with open_page(browser, page, scheme=scheme, width=_WIDTH) as opened:
            opened.page.set_viewport_size({"width": _WIDTH, "height": _HEIGHT})
            opened.page.evaluate(f"document.querySelector('{place}').scrollIntoView()")
            opened.page.screenshot(path=folder / name)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
