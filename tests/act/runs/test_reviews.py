"""A job whose environment has reviewers waits in act too, and gets nothing before the approval."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dist_sandbox.rehearse.errors import WorkflowFileError
from dist_sandbox.rehearse.manual_steps.reviews import REVIEWER, ReviewDecision, Reviewer
from dist_sandbox.rehearse.runs.workflow_run import FinishedRun
from dist_sandbox.rehearse.sandbox_client import Sandbox
from dist_sandbox.rehearse.workflows.files import read_workflow
from dist_sandbox.rehearse.workflows.gate_steps import HOLDER, add_gate, is_gated
from dist_sandbox.rehearse.workflows.scopes import ScopedValues
from dist_sandbox.rehearse.workflows.triggers import TriggerEvent
from support.act.fixtures import ActSandbox, open_act_sandbox

SECRET = "a-token-that-only-deploy-holds"
Run = Callable[..., FinishedRun]


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory, kept_keys: Path) -> Iterator[ActSandbox]:
    """A sandbox whose environment `deploy` asks for the reviewer's approval."""
    with open_act_sandbox(tmp_path_factory.mktemp("act"), kept_keys) as opened:
        person = opened.sandbox.control("POST", "users", {"login": REVIEWER, "name": "Rev Iewer"})
        reviewers = [{"type": "User", "id": person["id"]}]
        opened.sandbox.write("PUT", "environments/deploy", {"reviewers": reviewers})
        sandbox = Sandbox(opened.sandbox.ready, person["token"])
        secrets = ScopedValues({}, {"deploy": {"TOKEN": SECRET, "SHORT": "abc"}})
        runner = replace(opened.runner, reviewer=Reviewer(sandbox))
        yield replace(opened, runner=runner, secrets=secrets)
        sandbox.close()


@pytest.fixture
def run_guarded(guarded: ActSandbox) -> Run:
    """Run a workflow against it; `rejects` are the environments that get no approval."""

    def run(text: str, rejects: frozenset[str] = frozenset()) -> FinishedRun:
        reviewer = guarded.runner.reviewer
        assert reviewer is not None
        runner = replace(guarded.runner, reviewer=replace(reviewer, rejects=rejects))
        return replace(guarded, runner=runner).run(text)

    return run


PUBLISH = """
on: push
env: {GENERAL: "yes"}
jobs:
  build:
    runs-on: x
    outputs: {where: "${{ steps.where.outputs.where }}"}
    steps:
      - id: where
        run: echo where=deploy >> "$GITHUB_OUTPUT"
  publish:
    needs: build
    runs-on: x
    environment: ${{ needs.build.outputs.where }}
    permissions: {id-token: write, contents: read}
    env:
      FROM_JOB: ${{ secrets.TOKEN }}
    steps:
      - name: compare
        env: {FROM_STEP: "${{ secrets.TOKEN }}", JOB_TOKEN: "${{ github.token }}"}
        run: |
          test "$FROM_STEP" = "$FROM_JOB" && test ${#FROM_STEP} = 30
          test -n "$JOB_TOKEN" && test -n "$ACTIONS_ID_TOKEN_REQUEST_TOKEN"
          test "$GENERAL" = yes
          test "${{ secrets.SHORT }}" = abc
          test -z "${{ secrets.NEVER }}"
      - if: ${{ always() }}
        run: echo cleaned up
"""


def test_an_approved_job_gets_its_credentials(run_guarded: Run) -> None:
    finished = run_guarded(PUBLISH)
    assert finished.result.status == "success", finished.result.first_failure
    (review,) = finished.reviews
    assert (review.environment, review.decision, review.reviewer) == (
        "deploy",
        "approved",
        REVIEWER,
    )
    assert review.command.startswith("gh api --method POST repos/eigenoid/")
    assert "'environment_ids[]=" in review.command
    publish = finished.result.job("publish")
    assert [step.status for step in publish.steps] == ["success"] * 4
    assert publish.steps[0].outputs == {}


def test_a_rejected_job_runs_no_step(run_guarded: Run) -> None:
    finished = run_guarded(PUBLISH, rejects=frozenset({"deploy"}))
    assert finished.result.status == "failure"
    publish = finished.result.job("publish")
    assert "cleaned up" not in repr(publish)
    assert finished.result.first_failure is not None
    assert "The deployment was rejected" in finished.result.first_failure[1]
    assert [review.decision for review in finished.reviews] == ["rejected"]


LOOK = """
on: push
jobs:
  publish:
    runs-on: x
    environment: deploy
    steps: [{run: "echo ${#TOKEN}", env: {TOKEN: "${{ secrets.TOKEN }}"}}]
"""


def test_nothing_is_in_reach_before_the_approval(guarded: ActSandbox) -> None:
    """What act was given is searched at the moment of the decision."""
    seen = []
    reviewer = guarded.runner.reviewer
    assert reviewer is not None
    folder = guarded.runner.folder

    class Searching(Reviewer):
        def review(self, run_id, pending):  # type: ignore[no-untyped-def]
            texts = [path.read_bytes() for path in _files(folder)]
            seen.append((len(texts), any(SECRET.encode() in text for text in texts)))
            seen.append(len(guarded.world.jobs._running()))
            return super().review(run_id, pending)

    before = len(guarded.world.jobs._running())
    searching = Searching(reviewer.sandbox)
    finished = replace(guarded, runner=replace(guarded.runner, reviewer=searching)).run(LOOK)
    assert finished.result.status == "success"
    assert "30" in repr(finished.result.job("publish").steps[-1].log)
    (count, found), jobs = seen
    assert count > 0
    assert not found
    assert jobs == before


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]


MATRIX = """
on: push
jobs:
  publish:
    runs-on: x
    strategy: {matrix: {to: [deploy, dev]}}
    environment: ${{ matrix.to }}
    steps: [{run: 'test "${{ matrix.to == ''deploy'' }}" = "${{ secrets.TOKEN != '''' }}"'}]
  plain:
    runs-on: x
    steps: [{run: 'test -z "${{ secrets.TOKEN }}"'}]
"""


def test_only_the_protected_cell_of_a_matrix_waits(run_guarded: Run) -> None:
    finished = run_guarded(MATRIX)
    assert finished.result.status == "success", finished.result.first_failure
    assert [review.environment for review in finished.reviews] == ["deploy"]


def test_each_decision_is_told(guarded: ActSandbox) -> None:
    told: list[ReviewDecision] = []
    sha = guarded.clone.run("rev-parse", "HEAD").strip()
    finished = guarded.runner.run(
        read_workflow(".github/workflows/w.yml", LOOK),
        TriggerEvent("push", "refs/heads/dev", sha, "developer", {"ref": "refs/heads/dev"}),
        action_files={},
        on_review=told.append,
    )
    assert tuple(told) == finished.reviews
    assert len(told) == 1


def test_a_secret_that_is_needed_before_the_first_step_is_refused() -> None:
    job = {"container": {"credentials": {"password": f"${{{{ {HOLDER}['A'] }}}}"}}, "steps": []}
    with pytest.raises(WorkflowFileError, match="`container` with a secret in job publish"):
        add_gate(job, path="w.yml", job_id="publish", environment="'deploy'", uses="x")


@pytest.mark.parametrize(
    ("environment", "gated"),
    [
        ("deploy", True),
        ({"name": "Deploy", "url": "u"}, True),
        ("${{ matrix.to }}", True),
        ("dev", False),
        (None, False),
    ],
)
def test_which_jobs_may_wait(environment: object, *, gated: bool) -> None:
    assert is_gated({"environment": environment}, frozenset({"deploy"})) is gated
    assert not is_gated({"environment": environment}, frozenset())
