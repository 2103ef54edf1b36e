"""A real browser for pages: Debian's Chromium, driven by Playwright."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome")


@dataclass
class OpenedPage:
    """A page that is open, with everything that the browser complained about or loaded."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    loaded: list[str] = field(default_factory=list)

    def find_violations(self) -> list[str]:
        """Check the page by axe-core; each violation with the first element that has it."""
        response = Axe().run(self.page).response
        return [f"{row['id']}: {row['nodes'][0]['html']}" for row in response["violations"]]

    def note_message(self, message: ConsoleMessage) -> None:
        self.complaints.append(message.text)

    def note_request(self, request: Request) -> None:
        self.loaded.append(request.url)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start the machine's Chromium."""
    if not any(map(shutil.which, _NAMES)):
        pytest.skip("there is no Chromium on this machine")
    with launch_browser() as chromium:
        yield chromium


@contextmanager
def launch_browser() -> Iterator[Browser]:
    """Start the machine's Chromium, until the block ends."""
    program = next(filter(None, map(shutil.which, _NAMES)))
    # Chromium's own sandbox does not start for root.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=arguments)
        yield chromium
        chromium.close()


@contextmanager
def open_page(
    browser: Browser,
    file: Path,
    *,
    scheme: Literal["light", "dark"] = "light",
    width: int = 1280,
    script: bool = True,
) -> Iterator[OpenedPage]:
    """Open a file as a person does who was sent it."""
    context = browser.new_context(
        color_scheme=scheme,
        viewport={"width": width, "height": 900},
        java_script_enabled=script,
        reduced_motion="reduce",
    )
    opened = OpenedPage(context.new_page())
    opened.page.on("console", opened.note_message)
    opened.page.on("pageerror", lambda error: opened.complaints.append(str(error)))
    opened.page.on("request", opened.note_request)
    opened.page.goto(file.as_uri())
    yield opened
    context.close()
