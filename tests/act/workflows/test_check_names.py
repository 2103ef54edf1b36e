"""The names under which GitHub shows the jobs of a run as checks."""

from dist_sandbox.rehearse.runs.workflow_run import check_name, check_names
from dist_sandbox.rehearse.workflows.files import read_workflows

_TEXT = """
on: push
jobs:
  lint: {runs-on: x, steps: [{run: a}]}
  named: {name: Build it, runs-on: x, steps: [{run: a}]}
  computed: {name: "On ${{ github.ref }}", runs-on: x, steps: [{run: a}]}
  test: {name: Tests, runs-on: x, strategy: {matrix: {python: ["3.12"]}}, steps: [{run: a}]}
"""


def test_a_job_is_shown_by_its_name_and_each_cell_of_a_matrix_by_itself() -> None:
    (workflow,) = read_workflows([(".github/workflows/ci.yml", _TEXT)])
    assert check_names(workflow) == ["lint", "Build it", "computed"]
    assert check_name(workflow, "test", "test (3.12)") == "Tests (3.12)"
    assert check_name(workflow, "lint", "lint") == "lint"
    assert check_name(workflow, "computed", "computed") == "computed"
