"""The workflows that an event starts are those that GitHub would start."""

import pytest

from dist_sandbox.rehearse.errors import WorkflowFileError
from dist_sandbox.rehearse.workflows.triggers import (
    TriggerEvent,
    dispatch_inputs,
    select_workflows,
    starts,
)
from support.act.builders import make_event, make_push, make_workflow, with_trigger

BRANCH, TAG = make_push("refs/heads/dev"), make_push("refs/tags/v1.0.0-dev")


@pytest.mark.parametrize(
    ("trigger", "event", "expected"),
    [
        ("push", BRANCH, True),
        ("push", TAG, True),
        ("[push, release]", BRANCH, True),
        ("{push: null}", TAG, True),
        ("release", BRANCH, False),
        ("{push: {branches: [dev]}}", BRANCH, True),
        ("{push: {branches: dev}}", BRANCH, True),
        ("{push: {branches: [main]}}", BRANCH, False),
        ("{push: {branches: [dev]}}", TAG, False),
        ("{push: {tags: ['v*']}}", TAG, True),
        ("{push: {tags: ['v*']}}", BRANCH, False),
        ("{push: {tags: ['v*', '!v*-dev']}}", TAG, False),
        ("{push: {branches: [main], tags: ['v*']}}", TAG, True),
        ("{push: {branches-ignore: [dev]}}", BRANCH, False),
        ("{push: {branches-ignore: [main]}}", BRANCH, True),
        ("{push: {branches-ignore: [main]}}", TAG, False),
        ("{push: {tags-ignore: ['*-dev']}}", TAG, False),
        ("{push: {tags-ignore: ['*-dev']}}", BRANCH, False),
        ("{push: {branches: ['d?v+']}}", make_push("refs/heads/dv"), True),
    ],
)
def test_push(trigger: str, event: TriggerEvent, expected: bool) -> None:
    assert starts(with_trigger(trigger), event) is expected


@pytest.mark.parametrize(
    ("trigger", "paths", "expected"),
    [
        ("{push: {paths: ['src/**']}}", ("src/a.py", "b"), True),
        ("{push: {paths: ['src/**']}}", ("b",), False),
        ("{push: {paths: ['**', '!docs/**']}}", ("docs/a",), False),
        ("{push: {paths-ignore: ['docs/**']}}", ("docs/a",), False),
        ("{push: {paths-ignore: ['docs/**']}}", ("docs/a", "b"), True),
        ("{push: {paths: ['src/**']}}", None, True),
    ],
    ids=["one fits", "none fits", "taken out", "all ignored", "one not ignored", "unknown"],
)
def test_paths(trigger: str, paths: tuple[str, ...] | None, expected: bool) -> None:
    assert starts(with_trigger(trigger), make_push(changed_paths=paths)) is expected


def test_paths_do_not_filter_tags() -> None:
    event = make_push("refs/tags/v1", changed_paths=("b",))
    assert starts(with_trigger("{push: {tags: ['v*'], paths: ['src/**']}}"), event)


@pytest.mark.parametrize(
    ("trigger", "event", "expected"),
    [
        ("release", make_event("release", action="published"), True),
        ("{release: {types: [published]}}", make_event("release", action="published"), True),
        ("{release: {types: published}}", make_event("release", action="created"), False),
        ("pull_request", make_event("pull_request", action="opened"), True),
        ("pull_request", make_event("pull_request", action="closed"), False),
        ("{pull_request: {types: [closed]}}", make_event("pull_request", action="closed"), True),
        (
            "{pull_request: {branches: [qa]}}",
            make_event("pull_request", action="opened", pull_request={"base": {"ref": "qa"}}),
            True,
        ),
        (
            "{pull_request: {branches: [qa]}}",
            make_event("pull_request", action="opened", pull_request={"base": {"ref": "dev"}}),
            False,
        ),
        (
            "{workflow_run: {workflows: [release], types: [completed]}}",
            make_event("workflow_run", action="completed", workflow_run={"name": "release"}),
            True,
        ),
        (
            "{workflow_run: {workflows: [release], types: [completed]}}",
            make_event("workflow_run", action="completed", workflow_run={"name": "other"}),
            False,
        ),
        (
            "{workflow_run: {workflows: [release], branches: [main]}}",
            make_event(
                "workflow_run",
                action="completed",
                workflow_run={"name": "release", "head_branch": "dev"},
            ),
            False,
        ),
        ("workflow_dispatch", make_event("workflow_dispatch"), True),
    ],
)
def test_other_events(trigger: str, event: TriggerEvent, expected: bool) -> None:
    assert starts(with_trigger(trigger), event) is expected


@pytest.mark.parametrize("marker", ["[skip ci]", "[ci skip]", "[no ci]", "[skip actions]"])
def test_a_commit_message_can_skip_workflows(marker: str) -> None:
    assert not starts(with_trigger("push"), make_push(message=f"docs: typo {marker}"))


def test_a_deleted_branch_starts_nothing() -> None:
    assert not starts(with_trigger("push"), make_push(payload={"deleted": True}))


def test_the_word_on_is_a_key_and_no_boolean() -> None:
    workflow = make_workflow("on:\n  push:\njobs: {a: {runs-on: x, steps: [{run: x}]}}")
    assert set(workflow.document) == {"on", "jobs"}


def test_workflows_keep_the_order_of_their_paths() -> None:
    text = "on: push\njobs: {a: {runs-on: x}}"
    flows = [make_workflow(text, f".github/workflows/{name}.yml") for name in "ab"]
    assert [flow.stem for flow in select_workflows(flows, BRANCH)] == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("jobs: {a: {}}", "required property is missing: on"),
        ("on: push", "required property is missing: jobs"),
        ("on: push\non: release\njobs: {}", "Line: 2"),
        ("- push", "it is not a mapping"),
        ("on: [push\njobs", "Line: 2"),
        ("on: push\nenv: &e {A: b}\njobs: {a: {env: {<<: *e}}}", "no merge keys (Line: 3"),
    ],
)
def test_a_file_that_github_cannot_read(text: str, problem: str) -> None:
    with pytest.raises(WorkflowFileError, match=r"Invalid workflow file \.github/") as caught:
        make_workflow(text)
    assert problem in caught.value.what


def test_contradicting_filters_are_refused() -> None:
    workflow = with_trigger("{push: {branches: [a], branches-ignore: [b]}}")
    with pytest.raises(WorkflowFileError, match="only define one of"):
        starts(workflow, BRANCH)


DISPATCH = """
on:
  workflow_dispatch:
    inputs:
      tag: {required: true}
      dry-run: {type: boolean, default: true}
      note: {default: hello}
jobs: {a: {runs-on: x}}
"""


def test_dispatch_fills_in_defaults() -> None:
    values = dispatch_inputs(make_workflow(DISPATCH), {"tag": "v1"})
    assert values == {"tag": "v1", "dry-run": True, "note": "hello"}


@pytest.mark.parametrize(
    ("given", "problem"),
    [({}, "Required input 'tag' not provided"), ({"tag": "v1", "x": "1"}, "Unexpected inputs")],
)
def test_dispatch_refuses_wrong_inputs(given: dict[str, str], problem: str) -> None:
    with pytest.raises(WorkflowFileError, match=problem):
        dispatch_inputs(make_workflow(DISPATCH), given)
