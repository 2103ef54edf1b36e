"""What act reports becomes jobs, steps, outputs, annotations and summaries."""

from collections.abc import Callable

import pytest

from dist_sandbox.rehearse.runs.result import Annotation
from dist_sandbox.rehearse.runs.workflow_run import FinishedRun
from support.act.fixtures import ActSandbox

Run = Callable[..., FinishedRun]

WORKFLOW = """
on: push
jobs:
  one:
    runs-on: x
    strategy: {fail-fast: false, matrix: {python: ["3.12", "3.13"]}}
    steps:
      - id: speak
        run: |
          echo "a=1" >> "$GITHUB_OUTPUT"
          echo "# ${{ matrix.python }}" >> "$GITHUB_STEP_SUMMARY"
          echo "::warning file=a.py,line=3,title=Careful::two%0Alines"
          printf '\\033[31mred\\033[0m\\n'
      - name: break
        run: exit ${{ matrix.python == '3.13' && 3 || 0 }}
      - run: sleep ${{ matrix.python == '3.12' && 0.5 || 0 }}  # ends after the other has failed
  two:
    needs: one
    runs-on: x
    steps: [{run: echo never}]
"""


SKIPPED = """
on: push
jobs:
  decide:
    runs-on: x
    outputs: {list: "${{ steps.list.outputs.list }}"}
    steps: [{id: list, run: "echo 'list=[1,{\\"name\\":\\"two\\"}]' >> $GITHUB_OUTPUT"}]
  list:
    if: "false"
    runs-on: x
    outputs: {list: "${{ steps.list.outputs.list }}"}
    steps: [{id: list, run: "echo list=[3] >> $GITHUB_OUTPUT"}]
  skipped:
    needs: list
    runs-on: x
    strategy: {matrix: {number: "${{ fromJSON(needs.list.outputs.list) }}"}}
    steps: [{run: "echo ${{ matrix.number }}"}]
  runs:
    needs: decide
    runs-on: x
    strategy: {matrix: {number: "${{ fromJSON(needs.decide.outputs.list) }}"}}
    steps: [{run: "echo ${{ matrix.number }}"}]
"""


def test_a_matrix_is_skipped_with_the_job_that_lists_it(run_workflow: Run) -> None:
    result = run_workflow(SKIPPED).result

    assert result.status == "success", result.error
    states = {job.name: job.status for job in result.jobs}
    assert (states["list"], states["skipped"]) == ("skipped", "skipped")
    assert (states["runs (1)"], states["runs (two)"]) == ("success", "success")


def test_a_run_in_all_its_parts(run_workflow: Run) -> None:
    result = run_workflow(WORKFLOW).result
    assert result.status == "failure"
    good, bad = result.job("one (3.12)"), result.job("one (3.13)")
    assert (good.status, bad.status, result.job("two").status) == ("success", "failure", "skipped")
    speak = good.step("speak")
    assert speak.outputs == {"a": "1"}
    assert speak.log == ["warning: two\nlines", "red"]
    assert good.summary == "# 3.12\n"
    expected = {"file": "a.py", "line": "3", "title": "Careful"}
    assert speak.annotations == [Annotation("warning", "two\nlines", expected)]
    assert bad.step("break").status == "failure"
    assert result.first_failure == ("one (3.13) / break", "error: exit status 3")


def test_the_run_knows_event_and_repository(run_workflow: Run) -> None:
    finished = run_workflow(
        "on: push\njobs: {a: {runs-on: x, steps: [{run: 'echo ${{ github.ref_name }} "
        "${{ github.event_name }} ${{ github.actor }} ${{ github.repository }} ${{ github.sha }} "
        "$GITHUB_SHA ${{ github.event.ref }}'}]}}"
    )
    sha = finished.event.sha
    expected = f"dev push developer eigenoid/eigenoid-sample {sha} {sha} refs/heads/dev"
    assert finished.result.job("a").steps[0].log == [expected]


@pytest.mark.parametrize(
    ("step", "status"),
    [
        ("{run: exit 3, continue-on-error: true}", "success"),
        ("{run: 'echo ::error::only said'}", "success"),
        ("{run: exit 3}", "failure"),
        ("{run: exit 3, shell: no-such-shell}", "failure"),
        ("{uses: ./broken, continue-on-error: true}", "success"),
        ("{uses: ./broken}", "failure"),
    ],
)
def test_a_cell_of_a_matrix_fails_only_by_its_own_steps(
    shared_act_sandbox: ActSandbox, step: str, status: str
) -> None:
    shared_act_sandbox.push(
        {
            "broken/action.yml": "name: broken\ndescription: fails\nruns:\n  using: composite\n"
            "  steps: [{run: exit 4, shell: bash}]\n"
        }
    )
    result = shared_act_sandbox.run(
        "on: push\njobs: {a: {runs-on: x, strategy: {fail-fast: false, matrix: {n: [1, 2]}}, "
        "steps: [{uses: actions/checkout@v4}, {if: matrix.n == 1, run: sleep 0.5}, "
        "{if: matrix.n == 2, run: exit 1}, "
        f"{step}]}}}}"
    ).result
    assert (result.job("a (1)").status, result.job("a (2)").status) == (status, "failure")
