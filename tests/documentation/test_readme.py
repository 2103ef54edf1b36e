"""README and the actions' pages say what the actions and the examples say."""

import re

import pytest

from dist_actions.commands.init.starters import BASE
from dist_sandbox.google.identity.attributes import recommended_condition
from dist_sandbox.organisation import Organisation, default_environments
from support.automation import files as automation
from support.documentation import synced_parts
from support.documentation.pages import page, slug
from support.paths import ROOT

EXAMPLES = sorted(path.name for path in (ROOT / "examples").glob("*.yml"))
README = page("README.md")


ACTION_PAGES = {
    "docs/actions/publish.md": "action.yml",
    "docs/actions/auto-tag.md": "auto-tag/action.yml",
    "docs/actions/release.md": "release/action.yml",
    "docs/actions/promote.md": "promote/action.yml",
    "docs/actions/login.md": "login/action.yml",
    "docs/actions/doctor.md": "doctor/action.yml",
}


@pytest.mark.parametrize("path", ["README.md", *ACTION_PAGES])
def test_tables_and_workflows_are_up_to_date(path: str) -> None:
    """After a change of an action or an example, run scripts/sync-docs."""
    assert synced_parts.synchronised(page(path).text) == page(path).text


@pytest.mark.parametrize(("path", "action"), ACTION_PAGES.items())
def test_every_action_has_a_page_with_its_tables(path: str, action: str) -> None:
    assert synced_parts.parts(page(path).text) == {("inputs", action), ("outputs", action)}
    assert path in README.links()


def test_no_action_is_without_a_page() -> None:
    assert {source.name for source in automation.actions()} == set(ACTION_PAGES.values())


@pytest.mark.parametrize("name", [name for name in BASE if name in EXAMPLES])
def test_every_starter_workflow_can_be_reached(name: str) -> None:
    assert f"examples/{name}" in README.links()


def test_the_first_workflow_is_shown_whole() -> None:
    assert ("workflow", "examples/auto-tag.yml") in synced_parts.parts(README.text)


def test_the_readme_is_read_in_minutes() -> None:
    assert len(README.text.encode()) <= 15_000


def test_a_whole_workflow_is_never_written_by_hand() -> None:
    examples = {(ROOT / "examples" / name).read_text(encoding="utf-8") for name in EXAMPLES}
    whole = [block.text for block in README.blocks("yaml") if "\njobs:" in block.text]
    assert whole
    assert set(whole) <= examples


def test_a_changed_description_is_noticed() -> None:
    cell = "Client ID of the GitHub App that creates tags"
    auto_tag = page("docs/actions/auto-tag.md").text
    assert cell in auto_tag
    assert synced_parts.synchronised(auto_tag.replace(cell, "Another text")) == auto_tag


def test_the_condition_shown_is_the_one_that_the_sandbox_enforces() -> None:
    (shown,) = [block.text for block in README.blocks("text") if "assertion." in block.text]
    dev = next(found for found in default_environments() if found.name == "dev")
    assert " ".join(shown.split()) == recommended_condition(Organisation(), dev)


@pytest.mark.parametrize("use", ["auto-tag", "release", "promote"])
def test_the_form_pinned_to_a_commit_is_shown(use: str) -> None:
    pinned = rf"uses: eigenoid/dist-actions/{use}@[0-9a-f]{{40}} # v\d"
    assert re.search(pinned, README.text)


def test_a_newcomer_finds_the_parts_in_this_order() -> None:
    wanted = [
        "try-it",
        "use-it",
        "permissions",
        "inputs-and-outputs",
        "set-up",
        "troubleshooting",
        "limits",
    ]
    slugs = [slug(heading) for heading in README.headings(2)]
    assert [found for found in slugs if found in wanted] == wanted
