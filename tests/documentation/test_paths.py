"""Files that the documentation names are there."""

import re
from pathlib import PurePosixPath

import pytest

from support.documentation.pages import Page, all_pages
from support.paths import ROOT

PAGES = [
    pytest.param(found, id=found.path)
    for found in all_pages()
    if not found.path.startswith(("tests/", "examples/eigenoid-sample/"))
]
ROOTED = re.compile(r"`((?:src|tests|docs|scripts|examples|requirements|\.ci)/[\w./-]*\w)`")
ROOMS = sorted(path.name for path in (ROOT / "src/dist_actions").iterdir() if path.is_dir())
#: Modules as docs/architecture.md names them, below the engine.
MODULE = re.compile(rf"`((?:{'|'.join(ROOMS)})/[\w/]+\.py)`")


def missing(found: Page) -> list[str]:
    named = ROOTED.findall(found.text)
    named += [f"src/dist_actions/{module}" for module in MODULE.findall(found.text)]
    return [path for path in named if not (ROOT / path).exists() and not in_example(found, path)]


def in_example(found: Page, path: str) -> bool:
    """Whether the page is about an example, a project of its own, which has such a file."""
    folder = PurePosixPath(found.path).parent
    inside = folder.parts[:1] == ("examples",)
    return inside and any(ROOT.joinpath(folder).glob(f"**/{path}"))


@pytest.mark.parametrize("found", PAGES)
def test_every_file_that_is_named_is_there(found: Page) -> None:
    assert missing(found) == []


def test_a_missing_file_is_noticed() -> None:
    text = "See `src/nothing.py` and `services/nothing.py`, but not `scripts/demo`."
    expected = ["src/nothing.py", "src/dist_actions/services/nothing.py"]
    assert missing(Page("x.md", text)) == expected
    assert missing(Page("examples/README.md", text)) == expected
