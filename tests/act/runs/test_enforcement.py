"""What act ignores, a rehearsal enforces: permissions, identity, scopes, tokens of each job."""

from collections.abc import Callable

import pytest
import requests

from dist_sandbox.rehearse.errors import WorkflowFileError
from dist_sandbox.rehearse.runs.result import JobRun
from dist_sandbox.rehearse.runs.workflow_run import FinishedRun
from dist_sandbox.rehearse.workflows.scopes import ScopedValues
from support.act.fixtures import ActSandbox

Run = Callable[..., FinishedRun]


def _job(steps: str, **keys: str) -> str:
    """A workflow with one job `a`."""
    lines = ["on: push", "jobs:", "  a:", "    runs-on: ubuntu-latest"]
    lines += [f"    {name.replace('_', '-')}: {value}" for name, value in keys.items()]
    lines += ["    steps:", *(f"      {line}" for line in steps.strip().splitlines())]
    return "\n".join(lines) + "\n"


def _log(job: JobRun) -> list[str]:
    return [line for step in job.steps for line in step.log]


CHECKOUT = "- uses: actions/checkout@v4"
SHOW_IDENTITY = '- run: echo "[${ACTIONS_ID_TOKEN_REQUEST_URL:+there}]"'


def test_checkout_reads_with_the_restricted_default(run_workflow: Run) -> None:
    finished = run_workflow(_job(CHECKOUT + "\n- run: git log --format=%an"))
    assert finished.result.status == "success"
    assert _log(finished.result.job("a")) == ["Dev Eloper"]


def test_checkout_without_contents_read_finds_no_repository(run_workflow: Run) -> None:
    finished = run_workflow(_job(CHECKOUT, permissions="{}"))
    assert finished.result.status == "failure"
    assert finished.result.first_failure is not None
    message = finished.result.first_failure[1]
    assert "not found" in message
    assert "contents: read" in message


TWO_TOKENS = """
on: push
permissions: {}
jobs:
  none:
    runs-on: x
    steps: &steps
      - id: ask
        env: {TOKEN: "${{ github.token }}"}
        run: |
          url="$GITHUB_API_URL/repos/$GITHUB_REPOSITORY/commits/$GITHUB_SHA"
          echo "status=$(python3 -c '
          import os, sys, urllib.request, urllib.error
          request = urllib.request.Request(sys.argv[1])
          request.add_header("Authorization", "Bearer " + os.environ["TOKEN"])
          try: print(urllib.request.urlopen(request).status)
          except urllib.error.HTTPError as error: print(error.code)
          ' "$url")" >> "$GITHUB_OUTPUT"
  read:
    runs-on: x
    permissions: {contents: read}
    steps: *steps
"""


def test_each_job_has_a_token_with_its_own_permissions(run_workflow: Run) -> None:
    result = run_workflow(TWO_TOKENS).result
    assert result.job("read").step("ask").outputs["status"] == "200"
    assert result.job("none").step("ask").outputs["status"] in ("403", "404")


@pytest.mark.parametrize(
    ("permissions", "shown"),
    [
        ("{id-token: write}", "[there]"),
        ("write-all", "[there]"),
        ("{contents: write}", "[]"),
        ("read-all", "[]"),
    ],
)
def test_an_identity_needs_its_permission(run_workflow: Run, permissions: str, shown: str) -> None:
    finished = run_workflow(_job(SHOW_IDENTITY, permissions=permissions))
    assert _log(finished.result.job("a")) == [shown]


IDENTITY = """
on: push
jobs:
  plan:
    runs-on: x
    outputs: {name: "${{ steps.name.outputs.name }}"}
    steps: [{id: name, run: 'echo name=qa >> "$GITHUB_OUTPUT"'}]
  a:
    needs: plan
    runs-on: x
    permissions: {id-token: write}
    environment: {name: "${{ needs.plan.outputs.name }}"}
    steps: &steps
      - id: ask
        run: |
          python3 - >> "$GITHUB_OUTPUT" <<'END'
          import base64, json, os, urllib.request
          url = os.environ["ACTIONS_ID_TOKEN_REQUEST_URL"] + "&audience=test"
          request = urllib.request.Request(url)
          bearer = os.environ["ACTIONS_ID_TOKEN_REQUEST_TOKEN"]
          request.add_header("Authorization", "Bearer " + bearer)
          token = json.load(urllib.request.urlopen(request))["value"]
          part = token.split(".")[1]
          claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
          print("sub=" + claims["sub"])
          END
  without:
    needs: plan
    runs-on: x
    permissions: {id-token: write}
    steps: *steps
"""


def test_the_identity_names_the_environment_of_the_job(run_workflow: Run) -> None:
    result = run_workflow(IDENTITY).result
    assert result.job("a").step("ask").outputs["sub"].endswith(":environment:qa")
    assert result.job("without").step("ask").outputs["sub"].endswith(":ref:refs/heads/dev")


SCOPES = """
on: push
env: {TOP: "${{ vars.GCP_PROJECT_ID }}"}
jobs:
  plan:
    runs-on: x
    outputs: {name: "${{ steps.name.outputs.name }}"}
    steps:
      - id: name
        run: |
          echo name=qa >> "$GITHUB_OUTPUT"
          echo "[$TOP] [${{ vars.GCP_PROJECT_ID }}] [${{ secrets.ONLY_QA }}]"
  a:
    needs: plan
    if: vars.GCP_PROJECT_ID == '' && vars.AUTOMATION_BOT_CLIENT_ID != ''
    runs-on: x
    environment: ${{ needs.plan.outputs.name }}
    steps:
      - run: echo "$TOP ${{ vars['AR_LOCATION'] }} ${{ vars.NOPE }}. ${{ 'vars.AR_LOCATION' }}"
      - run: test "${{ secrets.ONLY_QA }}" = only-for-qa && test "$S" = changed-in-qa
        env: {S: "${{ secrets.SHARED }}"}
      - run: test -z "${{ secrets.NOPE }}" && test -n "$KEY"
        env: {KEY: "${{ secrets.AUTOMATION_BOT_PRIVATE_KEY }}"}
"""


def test_variables_and_secrets_belong_to_the_environment_of_the_job(run_workflow: Run) -> None:
    secrets = ScopedValues(
        {"SHARED": "for-everybody"}, {"qa": {"ONLY_QA": "only-for-qa", "SHARED": "changed-in-qa"}}
    )
    result = run_workflow(SCOPES, secrets=secrets).result
    assert result.status == "success"
    assert _log(result.job("plan")) == ["[] [] []"]
    assert _log(result.job("a"))[0] == "eigenoid-qa us-central1 . vars.AR_LOCATION"


def test_credentials_end_with_the_job(act_sandbox: ActSandbox) -> None:
    steps = (
        '- run: echo "reversed=$(echo \'${{ github.token }}\' | rev)" >> "$GITHUB_OUTPUT"\n  id: t'
    )
    finished = act_sandbox.run(_job(steps))
    token = finished.result.job("a").step("t").outputs["reversed"][::-1]
    assert token.startswith("ghs_")
    answer = requests.get(
        f"{act_sandbox.sandbox.api_url}/repos/{act_sandbox.sandbox.github_repository}",
        headers={"Authorization": f"Bearer {token}"},
        timeout=10,
    )
    assert answer.status_code == 401


def test_a_secret_of_several_lines_is_hidden_line_by_line(run_workflow: Run) -> None:
    secrets = ScopedValues({"KEY": "line-one-1\nline-two-2\n"})
    finished = run_workflow(_job('- run: echo "${{ secrets.KEY }}"'), secrets=secrets)
    assert _log(finished.result.job("a")) == ["***", "***", ""]


def test_what_a_step_masks_is_hidden(run_workflow: Run) -> None:
    steps = "- run: |\n    echo '::add-mask::minted-here'\n    echo 'x minted-here y'"
    assert _log(run_workflow(_job(steps)).result.job("a")) == ["x *** y"]


def test_a_missing_or_unknown_input_is_only_noted(run_workflow: Run) -> None:
    steps = "- uses: eigenoid/dist-actions/auto-tag@v1\n  with: {packge-path: x}"
    finished = run_workflow(_job(CHECKOUT + "\n" + steps))
    assert [note for note in finished.warnings if "packge-path" in note]


@pytest.mark.parametrize(
    ("workflow", "problem"),
    [
        (_job("- run: x", permissions="{content: read}"), "content"),
        (_job("- run: x", timeout="3"), "timeout"),
        (_job("- run: echo ${{ variables.X }}"), "variables"),
        (_job("- uses: actions/checkout"), "Expected format"),
        (_job("- uses: eigenoid/dist-actions/nope@v1"), "Can't find 'action.yml'"),
        (_job("- run: x\n  if: secrets.A != ''"), "secrets"),
        ("on: push\njobs: {a: {runs-on: x}}", "steps"),
        ("on: push\njobs: {a: {uses: ./.github/workflows/b.yml}}", "workflow was not found"),
        ("on: push\njobs: {a: {runs-on: x, needs: b, steps: [{run: x}]}}", "unknown job 'b'"),
    ],
)
def test_a_file_that_github_refuses(run_workflow: Run, workflow: str, problem: str) -> None:
    with pytest.raises(WorkflowFileError, match="Invalid workflow file") as caught:
        run_workflow(workflow)
    assert problem in caught.value.what


@pytest.mark.parametrize(
    ("workflow", "problem"),
    [
        (_job("- uses: somebody/something@v1"), "--action somebody/something@v1=FOLDER"),
        (_job("- uses: docker://alpine"), "--docker"),
        (_job("- run: x", container="alpine"), "--docker"),
    ],
)
def test_what_a_rehearsal_cannot_play_is_said(
    run_workflow: Run, workflow: str, problem: str
) -> None:
    with pytest.raises(WorkflowFileError) as caught:
        run_workflow(workflow)
    assert problem in str(caught.value)
