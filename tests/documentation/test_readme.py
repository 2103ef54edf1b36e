"""The README says what the actions and the examples say."""

import re

import pytest

from dist_sandbox.google.identity.attributes import recommended_condition
from dist_sandbox.organisation import Organisation, default_environments
from dist_sandbox.rehearse.project.copy import STARTERS
from documentation import readme
from documentation.pages import ROOT, page, slug
from static import automation

ACTIONS = ("action.yml", "auto-tag/action.yml", "release/action.yml", "promote/action.yml")
EXAMPLES = sorted(path.name for path in (ROOT / "examples").glob("*.yml"))
README = page("README.md")


def test_tables_and_workflows_are_up_to_date() -> None:
    """After a change of an action or an example, run scripts/sync-readme."""
    assert readme.synchronised(README.text) == README.text


def test_every_action_has_its_tables() -> None:
    wanted = {(kind, action) for kind in ("inputs", "outputs") for action in ACTIONS}
    assert wanted <= readme.parts(README.text)
    assert {source.name for source in automation.actions()} == set(ACTIONS)


@pytest.mark.parametrize("name", STARTERS)
def test_every_starter_workflow_is_shown_whole(name: str) -> None:
    assert ("workflow", f"examples/{name}") in readme.parts(README.text)


def test_the_script_for_google_cloud_is_shown() -> None:
    assert ("script", "docs/setup.md") in readme.parts(README.text)
    assert "gcloud iam workload-identity-pools providers create-oidc" in README.text


def test_a_whole_workflow_is_never_written_by_hand() -> None:
    examples = {(ROOT / "examples" / name).read_text(encoding="utf-8") for name in EXAMPLES}
    whole = [block.text for block in README.blocks("yaml") if "\njobs:" in block.text]
    assert whole
    assert set(whole) <= examples


def test_a_changed_description_is_noticed() -> None:
    cell = "Client ID of the GitHub App that creates tags"
    assert cell in README.text
    altered = README.text.replace(cell, "Another text")
    assert readme.synchronised(altered) == README.text


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
