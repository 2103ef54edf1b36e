"""How doctor reads workflow files, also those that GitHub would not take."""

import pytest

from dist_actions.doctor.checks.triggers import read_patterns
from dist_actions.doctor.findings import Problem
from dist_actions.doctor.workflows import Workflow, parse_workflow
from dist_actions.pipeline.filter_patterns import matches

PATH = ".github/workflows/w.yml"
JOBS = "jobs: {a: {runs-on: x, steps: [{run: y}]}}"


def read(text: str) -> Workflow:
    workflow = parse_workflow(PATH, text)
    assert isinstance(workflow, Workflow)
    return workflow


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 0),
        ("on: push", 0),
        ("jobs: {}", 0),
        ("- on\n- jobs", 0),
        ("on: push\njobs: [a]", 0),
        ("on: push\njobs: {a: b}", 0),
        ("on: push\njobs: {a: {steps: [null]}}", 0),
        ("on: push\njobs: {a: {steps: [text]}}", 0),
        ("on: push\njobs:\n  a: b: c", 3),
        ("on: push\non: push\njobs: {a: {}}", 2),
        ("on: push\njobs: \x00", 0),
        ("on: 1.5\njobs: {a: {}}", 0),
    ],
)
def test_what_is_no_workflow_is_a_problem(text: str, line: int) -> None:
    problem = parse_workflow(PATH, text)
    assert isinstance(problem, Problem)
    assert problem.location is not None
    assert (problem.location.file, problem.location.line) == (PATH, line)


@pytest.mark.parametrize(
    ("text", "events"),
    [
        ("on: push", ["push"]),
        ("on: [push, release]", ["push", "release"]),
        ("on: {push: , release: {types: [published]}}", ["push", "release"]),
        ("'on': push", ["push"]),
    ],
)
def test_events_are_read_in_every_form(text: str, events: list[str]) -> None:
    assert list(read(f"{text}\n{JOBS}").triggers) == events


@pytest.mark.parametrize(
    ("permissions", "name", "access", "allowed"),
    [
        ("permissions: write-all", "contents", "write", True),
        ("permissions: read-all", "contents", "write", False),
        ("permissions: read-all", "contents", "read", True),
        ("permissions: {contents: write}", "contents", "read", True),
        ("permissions: {contents: read}", "id-token", "write", False),
        ("permissions: {}", "contents", "read", False),
        ("permissions:", "contents", "read", False),
    ],
)
def test_permissions(permissions: str, name: str, access: str, allowed: bool) -> None:
    (job,) = read(f"on: push\n{permissions}\n{JOBS}").jobs
    assert job.permissions.allow(name, access) is allowed


@pytest.mark.parametrize(
    ("value", "patterns"),
    [({"tags": "v*"}, ["v*"]), ({"tags": ["v*", 1]}, ["v*", "1"]), ({"tags": 1.5}, ["1.5"])],
)
def test_filters_in_every_form(value: dict[str, object], patterns: list[str]) -> None:
    assert read_patterns(value, "tags") == patterns


def test_a_pattern_that_github_refuses_matches_nothing() -> None:
    assert not matches("+v", "v")
