"""Make the pictures of the documentation: `python -m support.screenshots PAGE FOLDER`."""

import sys
from pathlib import Path
from typing import Literal

from support.browser import launch_browser, open_page

_WIDTH, _HEIGHT = 1000, 760
#: Scheme and place of each picture, by its name.
_PICTURES: dict[str, tuple[Literal["light", "dark"], str]] = {
    "rehearsal-page.png": ("light", "body"),
    "rehearsal-page-dark.png": ("dark", "#timeline"),
}


def main(page: Path, folder: Path) -> None:
    """Make the pictures of a rehearsal's page."""
    folder.mkdir(parents=True, exist_ok=True)
    with launch_browser() as browser:
        for name, (scheme, place) in _PICTURES.items():
            with open_page(browser, page.resolve(), scheme=scheme, width=_WIDTH) as opened:
                opened.page.set_viewport_size({"width": _WIDTH, "height": _HEIGHT})
                opened.page.evaluate(f"document.querySelector('{place}').scrollIntoView()")
                opened.page.screenshot(path=folder / name)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
