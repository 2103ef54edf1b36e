"""Links of the documentation lead somewhere, and what it tells people to use is pinned."""

import re
from pathlib import Path, PurePosixPath

import pytest

from support.documentation.pages import Page, all_pages, page, slug
from support.paths import ROOT

PAGES = [pytest.param(found, id=found.path) for found in all_pages()]
USES = re.compile(r"^\s*(?:- )?uses: *(?P<uses>\S+)", re.MULTILINE)
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}|eigenoid/dist-actions(/[\w./-]+)?@v1")
#: CONTRIBUTING runs a workflow with act by hand, in which nothing is downloaded.
RUN_BY_HAND = {"actions/checkout@v7"}


def broken_links(found: Page) -> list[str]:
    """The links inside the repository that lead nowhere."""
    return [target for target in found.links() if not _leads_somewhere(found, target)]


def _leads_somewhere(found: Page, target: str) -> bool:
    if re.match(r"[a-z]+:", target):
        return True
    path, _, anchor = target.partition("#")
    file = _resolve(found, path) if path else ROOT / found.path
    if not file.exists():
        return False
    if not anchor or file.suffix != ".md":
        return not anchor
    slugs = map(slug, page(str(file.relative_to(ROOT))).headings())
    return anchor in slugs


def _resolve(found: Page, path: str) -> Path:
    return Path(ROOT, PurePosixPath(found.path).parent, path).resolve()


@pytest.mark.parametrize("found", PAGES)
def test_every_link_inside_the_repository_leads_somewhere(found: Page) -> None:
    assert broken_links(found) == []


@pytest.mark.parametrize("found", PAGES)
def test_what_the_documentation_uses_is_pinned(found: Page) -> None:
    used = [match["uses"] for block in found.blocks() for match in USES.finditer(block.text)]
    loose = [uses for uses in used if not PINNED.fullmatch(uses) and uses not in RUN_BY_HAND]
    assert loose == []


@pytest.mark.parametrize("found", PAGES)
def test_a_page_has_one_title_and_no_two_equal_anchors(found: Page) -> None:
    slugs = [slug(heading) for heading in found.headings()]
    assert len(found.headings(1)) == 1
    # A changelog has the same kinds of change below each version.
    assert len(slugs) == len(set(slugs)) or found.path.endswith("CHANGELOG.md")


@pytest.mark.parametrize(
    "target", ["nowhere.md", "LICENSE#part", "README.md#no-such-heading", "#no-such-heading"]
)
def test_a_broken_link_is_noticed(target: str) -> None:
    assert broken_links(Page("README.md", f"See [this]({target}).")) == [target]


def test_every_page_of_docs_can_be_reached_from_the_readme() -> None:
    reached, waiting = set(), ["README.md"]
    while waiting:
        path = waiting.pop()
        if path in reached or not path.endswith(".md"):
            continue
        reached.add(path)
        found = page(path)
        for target in found.links():
            if not re.match(r"[a-z]+:|#", target):
                file = _resolve(found, target.partition("#")[0])
                if file.is_file():
                    waiting.append(str(file.relative_to(ROOT)))
    pages = {found.path for found in all_pages() if found.path.startswith("docs/")}
    assert pages - reached == set()
