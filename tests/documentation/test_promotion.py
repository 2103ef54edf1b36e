"""docs/promotion.md says what the code decides: stops, results, gates, trailers, arguments."""

import argparse
import ast
import re
from collections.abc import Iterator

from dist_actions.commands.queries import add_query_commands
from dist_actions.promote.gates.conditions import GATES
from dist_actions.promote.promotion import Strategy
from dist_actions.services.github.facts import MERGE_METHODS
from dist_actions.trailers import commit_messages
from support.automation import files as automation
from support.documentation.pages import page
from support.paths import ROOT

PROMOTION = page("docs/promotion.md")
#: Buttons as GitHub writes them.
BUTTONS = {
    "merge": "Create a merge commit",
    "squash": "Squash and merge",
    "rebase": "Rebase and merge",
}


def rows(heading: str) -> list[list[str]]:
    """The rows of a section's last table, without its heading."""
    lines = [line for line in PROMOTION.section(heading).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def stops() -> Iterator[str]:
    """The anchors of all errors by which promotion stops."""
    modules = [*(ROOT / "src/dist_actions/promote").rglob("*.py")]
    modules.append(ROOT / "src/dist_actions/services/github/pulls.py")
    for module in modules:
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            named = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            if named and node.func.id.startswith("Promotion") and node.func.id.endswith("Error"):
                yield from (
                    str(ast.literal_eval(word.value))
                    for word in node.keywords
                    if word.arg == "anchor"
                )


def test_every_stop_has_a_row() -> None:
    linked = set(re.findall(r"troubleshooting\.md#([\w-]+)", PROMOTION.text))
    # A branch or a package's folder that is missing is a matter of the settings.
    assert set(stops()) - linked == {"environments", "packages"}


def test_every_strategy_and_button_is_explained() -> None:
    plans = [cells[0].strip("`") for cells in rows("The stitch")]
    assert plans == list(Strategy.__args__)
    assert [cells[0] for cells in rows("Which button")] == [BUTTONS[one] for one in MERGE_METHODS]


def test_every_gate_is_explained() -> None:
    explained = [cells[0].strip("`") for cells in rows("What must hold first")]
    assert explained == [*(f"require: {gate}" for gate in GATES), "min-age", "freeze"]


def test_every_trailer_is_explained() -> None:
    explained = [cells[0].strip("`") for cells in rows("The trailers")]
    trailers = (
        commit_messages.FROM,
        commit_messages.TREE,
        commit_messages.TO,
        commit_messages.VERSION,
        commit_messages.BACK_MERGED_FROM,
    )
    assert explained == list(trailers)
    assert f"`{commit_messages.PACKAGE}`" in PROMOTION.section("The trailers")


def test_every_result_is_named() -> None:
    (action,) = [one for one in automation.actions() if one.name == "promote/action.yml"]
    described = re.search(r"  result:\n    description: (.*)\n", action.text)[1]
    results = set(re.findall(r"[a-z]+", described)) - {"or", "and"}
    named = set(re.findall(r"`([a-z]+)`", PROMOTION.text))
    assert results - named - {"created", "updated", "conflict"} == set()


def test_what_status_takes_is_shown() -> None:
    parser = argparse.ArgumentParser()
    add_query_commands(parser.add_subparsers())
    for option in ("--json", "--markdown"):
        parser.parse_args(["status", option])
        assert f"`{option}`" in PROMOTION.text
