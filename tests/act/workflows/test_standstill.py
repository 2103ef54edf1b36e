"""A rehearsal that ends too early says which event starts nothing, and what the workflows list."""

import pytest

from dist_actions.pipeline.environments import DEFAULT_ENVIRONMENTS
from dist_sandbox.rehearse.results.report import Note
from dist_sandbox.rehearse.standstill import (
    explain_closed_gate,
    explain_missing_promotion,
    explain_standstill,
)
from dist_sandbox.rehearse.workflows.files import Workflow
from support.act.builders import make_push, make_workflow

DEV, _, PRODUCTION = DEFAULT_ENVIRONMENTS.stages


def _workflow(action: str, on: str) -> Workflow:
    step = f"{{uses: eigenoid/dist-actions/{action}@v1}}"
    text = f"on: {on}\njobs: {{a: {{runs-on: x, steps: [{step}]}}}}"
    return make_workflow(text, f".github/workflows/{action}.yml")


@pytest.mark.parametrize(
    ("action", "on", "ref", "why"),
    [
        (
            "auto-tag", "{push: {branches: [dev, qa, master]}}", "refs/heads/main",
            "auto-tag.yml lists the branches dev, qa, master.",
        ),
        (
            "auto-tag", "{push: {branches-ignore: main}}", "refs/heads/main",
            "auto-tag.yml leaves out the branches main.",
        ),
        ("auto-tag", "workflow_call", "refs/heads/main", "auto-tag.yml starts on workflow_call."),
        ("auto-tag", "{push: {tags: v*}}", "refs/heads/main", "auto-tag.yml lists the tags v*."),
        (
            "release", "{push: {tags: ['release-*']}}", "refs/tags/v1.0",
            "release.yml lists the tags release-*.",
        ),
        (
            "release", "{push: {branches: [main]}}", "refs/tags/v1.0",
            "release.yml lists the branches main.",
        ),
    ],
)  # fmt: skip
def test_a_push_that_starts_nothing_is_told_with_what_the_workflow_lists(
    action: str, on: str, ref: str, why: str
) -> None:
    error = explain_standstill("prd", make_push(ref), PRODUCTION, [_workflow(action, on)], [])
    assert error.what.endswith("starts no workflow.")
    assert error.why == why
    name = ref.split("/")[2]
    assert name in error.fix
    assert ("tool.dist-actions.environments" in error.fix) is (action == "auto-tag")


def test_what_the_last_run_warned_of_is_the_reason_where_a_workflow_started() -> None:
    notes = [Note("warning", "a", "nothing is tagged"), Note("notice", "a", "done")]
    error = explain_standstill("dev", make_push(), DEV, [_workflow("auto-tag", "push")], notes)
    assert error.why == "the last run said: nothing is tagged"


def test_a_workflow_that_makes_no_tags_is_told_as_that() -> None:
    error = explain_standstill("dev", make_push(), DEV, [_workflow("promote", "push")], [])
    assert "none of them makes tags" in error.what


def test_a_promotion_that_nothing_starts_is_told_with_its_triggers() -> None:
    flow = _workflow("promote", "{release: {types: [published]}}")
    error = explain_missing_promotion("qa", DEV, [flow], [])
    assert error.why == "promote.yml starts on release."
    error = explain_missing_promotion("qa", DEV, [_workflow("release", "push")], [])
    assert "--until dev" in error.fix


def test_a_gate_that_stays_closed_is_told_with_what_opens_it() -> None:
    """A reason in three parts keeps them; one of a single part gets the others."""
    error = explain_closed_gate("web: qa", DEV, "web needs core. Why: qa has none. Fix: go first.")
    assert error.what.startswith("web: qa was not released: a gate stopped its promotion from dev:")
    assert (error.why, error.fix) == ("qa has none.", "go first.")
    error = explain_closed_gate("qa", DEV, "frozen until Monday")
    assert error.what.endswith("from dev: frozen until Monday.")
    assert "--until dev" in error.fix
