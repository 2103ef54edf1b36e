"""A job token gets what the job says, else the workflow, else the restricted default."""

import pytest

from dist_sandbox.rehearse.errors import WorkflowFileError
from dist_sandbox.rehearse.workflows.permissions import SCOPES, job_permissions, let_write
from support.act.builders import make_workflow


def _granted(workflow: str = "", job: str = "") -> dict[str, str]:
    text = f"on: push\n{workflow}\njobs: {{a: {{runs-on: x, {job}}}}}"
    return dict(job_permissions(make_workflow(text), "a"))


def test_nothing_written_is_the_restricted_default() -> None:
    assert _granted() == {"contents": "read", "packages": "read"}


def test_the_job_replaces_the_workflow() -> None:
    assert _granted("permissions: write-all", "permissions: {issues: write}") == {"issues": "write"}


def test_the_workflow_counts_where_the_job_says_nothing() -> None:
    assert _granted("permissions: {contents: read}") == {"contents": "read"}


def test_what_is_not_listed_is_not_granted() -> None:
    assert _granted("permissions: {}") == {}
    assert _granted("permissions: {contents: none, actions: read}") == {"actions": "read"}


def test_read_all_gives_no_identity() -> None:
    granted = _granted("permissions: read-all")
    assert "id-token" not in granted
    assert set(granted.values()) == {"read"}


def test_write_all_gives_everything() -> None:
    granted = _granted("permissions: write-all")
    assert set(granted) == set(SCOPES)
    assert granted["id-token"] == "write"
    assert granted["models"] == "read"


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("{contentss: read}", "contentss"),
        ("{contents: reed}", "reed"),
        ("{id-token: read}", "id-token"),
        ("all", "all"),
    ],
)
def test_what_github_does_not_know_is_refused(written: str, problem: str) -> None:
    with pytest.raises(WorkflowFileError, match=problem):
        _granted(f"permissions: {written}")


def test_the_other_default_writes_everything_but_identities() -> None:
    silent = "on: push\njobs: {a: {runs-on: x, steps: [{run: x}]}}"
    granted = job_permissions(let_write(make_workflow(silent)), "a")
    assert granted["contents"] == granted["pull-requests"] == "write"
    assert "id-token" not in granted
    named = let_write(make_workflow("permissions: {contents: read}\n" + silent))
    assert job_permissions(named, "a") == {"contents": "read"}
