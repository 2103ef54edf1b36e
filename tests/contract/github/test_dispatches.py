"""Workflows are started by API: what a job token asks for starts, too."""

from pathlib import Path
from typing import Any

import pytest

from dist_sandbox.rehearse.workflows.triggers import complete_dispatch, starts
from support.act.builders import make_event, make_workflow
from support.sandbox.fixtures import Sandbox, commit_file, git

WORKFLOW = """
name: "Deploy it"
on: {workflow_dispatch: {inputs: {target: {default: dev}}}, repository_dispatch: {types: [deploy]}}
jobs: {a: {runs-on: x, steps: [{run: 'true'}]}}
"""
PATH = ".github/workflows/deploy.yml"


@pytest.fixture
def token(sandbox: Sandbox, checkout: Path) -> str:
    """The token of a job that may start workflows, in a repository that has some."""
    commit_file(checkout, PATH, WORKFLOW)
    commit_file(checkout, ".github/workflows/push.yml", "on: push")
    git("push", "-q", "origin", "HEAD:main", cwd=checkout)
    job = sandbox.control(
        "POST",
        "jobs",
        {
            "workflow": PATH, "name": "a", "event_name": "push", "ref": "refs/heads/main",
            "sha": "1" * 40, "actor": "developer", "run_id": 5,
            "permissions": {"contents": "write", "actions": "write"},
        },
    )  # fmt: skip
    return str(job["token"])


def last_event(sandbox: Sandbox) -> Any:
    return sandbox.control("GET", "events?after=0")[-1]


@pytest.mark.parametrize("by_number", [False, True])
def test_a_workflow_is_dispatched(sandbox: Sandbox, token: str, by_number: bool) -> None:
    found = sandbox.request("GET", "actions/workflows/deploy.yml", token=token).json()
    assert (found["name"], found["path"]) == ("Deploy it", PATH)
    name = found["id"] if by_number else "deploy.yml"
    asked = {"ref": "main", "inputs": {"target": "qa"}}
    path = f"actions/workflows/{name}/dispatches"
    assert sandbox.request("POST", path, token=token, json=asked).status_code == 204
    event = last_event(sandbox)
    assert event["name"] == "workflow_dispatch"
    assert event["ref"] == "refs/heads/main"
    assert event["starts_workflows"]
    assert event["payload"]["inputs"] == {"target": "qa"}


@pytest.mark.parametrize(
    ("workflow", "ref", "status"),
    [("none.yml", "main", 404), ("push.yml", "main", 422), ("deploy.yml", "nothing", 422)],
)
def test_what_cannot_be_dispatched(
    sandbox: Sandbox, token: str, workflow: str, ref: str, status: int
) -> None:
    path = f"actions/workflows/{workflow}/dispatches"
    assert sandbox.request("POST", path, token=token, json={"ref": ref}).status_code == status


def test_an_event_of_ones_own(sandbox: Sandbox, token: str) -> None:
    body = {"event_type": "deploy", "client_payload": {"version": "1.0"}}
    assert sandbox.request("POST", "dispatches", token=token, json=body).status_code == 204
    event = last_event(sandbox)
    assert (event["name"], event["starts_workflows"]) == ("repository_dispatch", True)
    assert event["payload"]["client_payload"] == {"version": "1.0"}
    workflow = make_workflow(WORKFLOW, PATH)
    assert starts(workflow, make_event("repository_dispatch", **event["payload"]))
    assert not starts(workflow, make_event("repository_dispatch", action="other"))


def test_a_dispatch_starts_that_workflow_with_its_defaults() -> None:
    workflow = make_workflow(WORKFLOW, PATH)
    event = make_event("workflow_dispatch", inputs={}, workflow=PATH)
    assert starts(workflow, event)
    assert not starts(make_workflow(WORKFLOW, ".github/workflows/other.yml"), event)
    assert complete_dispatch(workflow, event).payload["inputs"] == {"target": "dev"}
