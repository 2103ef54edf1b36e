"""Calls of reusable workflows: what GitHub refuses, how deep they go, where they come from."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from dist_sandbox.rehearse.actions.called_workflows import WorkflowFinder, read_from
from dist_sandbox.rehearse.actions.library import ActionLibrary
from dist_sandbox.rehearse.actions.repositories import ActionRepositories
from dist_sandbox.rehearse.errors import WorkflowFileError
from dist_sandbox.rehearse.workflows.calls import inline_calls
from dist_sandbox.rehearse.workflows.files import Workflow
from dist_sandbox.rehearse.workflows.matrices import list_cells
from support.act.action_mirror import ActionMirror
from support.act.builders import SHA, make_workflow

JOB = "{runs-on: x, steps: [{run: 'true'}]}"
CALLED = f"""
on:
  workflow_call:
    inputs: {{flag: {{type: boolean, required: true}}, text: {{type: string}}}}
    secrets: {{token: {{required: true}}}}
jobs: {{a: {JOB}}}
"""


def calling(call: str, permissions: str = "{contents: read}") -> Workflow:
    return make_workflow(f"on: push\npermissions: {permissions}\njobs:\n  c: {{{call}}}\n")


def inline(
    workflow: Workflow, files: Mapping[str, str], library: ActionLibrary | None = None
) -> Workflow:
    """Inline the calls of a workflow in a project with these files."""
    read = read_from({f"./.github/workflows/{name}": text for name, text in files.items()})
    brought = library or ActionLibrary(Path("nowhere"), Path("nowhere"))
    finder = WorkflowFinder(brought, read, "org/repo", "refs/heads/main", SHA, lambda _: None)
    return inline_calls(workflow, finder.find)


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        ("uses: ./.github/workflows/none.yml", "workflow was not found"),
        ("uses: ./tools/called.yml", "workflow was not found"),
        ("uses: other/repo/called.yml@v1", "is no workflow"),
        ("uses: ./.github/workflows/plain.yml", "workflow_call key is not defined"),
        ("uses: ./.github/workflows/called.yml", "Input flag is required, but not provided"),
        (
            "uses: ./.github/workflows/called.yml, with: {flag: true, more: 1}",
            "Invalid input, more is not defined",
        ),
        ("uses: ./.github/workflows/called.yml, with: {flag: 3}", "Unexpected value '3'"),
        (
            "uses: ./.github/workflows/called.yml, with: {flag: true}",
            "Secret token is required, but not provided",
        ),
        (
            "uses: ./.github/workflows/called.yml, with: {flag: true}, secrets: {token: x, y: z}",
            "Invalid secret, y is not defined",
        ),
        (
            "uses: ./.github/workflows/greedy.yml",
            "The nested job 'a' is requesting 'contents: write', but is only allowed "
            "'contents: read'",
        ),
        ("uses: ./.github/workflows/itself.yml", "more than 10 levels deep"),
        (
            "uses: ./.github/workflows/plain.yml, strategy: {matrix: '${{ fromJSON(needs.x) }}'}",
            "a matrix that is only known while the workflow runs",
        ),
    ],
)
def test_a_call_that_is_refused(call: str, problem: str) -> None:
    files = {
        "called.yml": CALLED,
        "plain.yml": f"on: push\njobs: {{a: {JOB}}}",
        "greedy.yml": "on: workflow_call\njobs:\n  a: {permissions: {contents: write}, "
        "runs-on: x, steps: [{run: x}]}",
        "itself.yml": "on: workflow_call\njobs: {c: {uses: ./.github/workflows/itself.yml}}",
    }
    with pytest.raises(WorkflowFileError) as caught:
        inline(calling(call), files)
    assert problem in caught.value.what


def test_permissions_are_the_callers_or_less() -> None:
    called = f"on: workflow_call\njobs: {{a: {JOB}, b: {{permissions: {{}}, **}}}}"
    called = called.replace("**", "runs-on: x, steps: [{run: x}]")
    call = calling("uses: ./.github/workflows/called.yml", "{contents: write, id-token: write}")
    jobs = inline(call, {"called.yml": called}).jobs
    assert jobs["c__a"]["permissions"] == {"contents": "write", "id-token": "write"}
    assert jobs["c__b"]["permissions"] == {}


def test_a_workflow_of_another_repository_and_the_one_that_it_calls(tmp_path: Path) -> None:
    mirror = ActionMirror(tmp_path / "mirror")
    outer = "on: workflow_call\njobs: {b: {uses: ./.github/workflows/inner.yml, secrets: inherit}}"
    inner = "on: workflow_call\njobs:\n  a: {runs-on: x, env: {A: '${{ secrets.A }}'}, steps: [**]}"
    inner = inner.replace("**", "{run: x}")
    files = {".github/workflows/outer.yml": outer, ".github/workflows/inner.yml": inner}
    commit = mirror.publish("other/shared", files)
    call = calling("uses: other/shared/.github/workflows/outer.yml@v1, secrets: inherit")
    with pytest.raises(WorkflowFileError, match="--fetch-actions"):
        inline(call, {})
    fetched = ActionRepositories(tmp_path / "kept", mirror.environ)
    library = ActionLibrary(Path("nowhere"), tmp_path / "trees", fetched=fetched)
    inlined = inline(call, {}, library)
    assert list(inlined.jobs) == ["c__b__a", "c__b", "c"]
    assert inlined.jobs["c__b__a"]["env"] == {"A": "${{ secrets.A }}"}
    called = inlined.called_jobs["c__b__a"]
    assert called.name == "c / b / a"
    assert called.workflow_ref == "other/shared/.github/workflows/inner.yml@refs/tags/v1"
    assert called.workflow_sha == commit


@pytest.mark.parametrize(
    ("matrix", "cells"),
    [
        (None, [{}]),
        ({"a": [1, 2], "b": ["x"]}, [{"a": 1, "b": "x"}, {"a": 2, "b": "x"}]),
        ({"a": [1, 2], "exclude": [{"a": 1}]}, [{"a": 2}]),
        ({"a": [1], "include": [{"b": 2}, {"a": 3}]}, [{"a": 1, "b": 2}, {"a": 3}]),
        ({"include": [{"a": {"n": 1}}, {"a": {"n": 2}}]}, [{"a": {"n": 1}}, {"a": {"n": 2}}]),
        ("${{ fromJSON(needs.a.outputs.m) }}", None),
        ({"a": "${{ fromJSON(needs.a.outputs.m) }}"}, None),
    ],
)
def test_the_cells_of_a_matrix(matrix: object, cells: object) -> None:
    assert list_cells(matrix) == cells


def test_a_call_without_inputs_waits_for_what_it_needs() -> None:
    called = f"on: {{workflow_call: {{}}}}\njobs: {{a: {JOB}}}"
    call = "uses: ./.github/workflows/called.yml, secrets: inherit, needs: b}\n  b: {runs-on: x"
    jobs = inline(calling(call), {"called.yml": called}).jobs
    assert jobs["c__call"]["outputs"] == {"inputs": "${{ '{}' }}"}
    assert jobs["c__a"]["needs"] == ["c__call"]
