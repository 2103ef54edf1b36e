"""Actions of others run as their authors wrote them, with the stand-ins and the job's token."""

from dataclasses import replace
from pathlib import Path

import pytest

from dist_sandbox.rehearse.actions.repositories import ActionRepositories
from dist_sandbox.rehearse.errors import NotHereError, WorkflowFileError
from dist_sandbox.rehearse.runs.failures import Surroundings, explain_failure
from dist_sandbox.rehearse.workflows.files import read_workflow
from dist_sandbox.rehearse.workflows.triggers import TriggerEvent
from support.act.action_mirror import ActionMirror
from support.act.fixtures import ActSandbox

COMPOSITE = """
name: outer
inputs: {greeting: {default: hello}}
outputs: {said: {value: "${{ steps.inner.outputs.said }}"}}
runs:
  using: composite
  steps:
    - uses: actions/checkout@v4
    - uses: other/inner@v1
      id: inner
      with: {greeting: "${{ inputs.greeting }}"}
    - run: python3 "$GITHUB_ACTION_PATH/show.py"
      shell: bash
      env: {TOKEN: "${{ github.token }}"}
"""
SHOW = """
import os, urllib.request
url = f"{os.environ['GITHUB_API_URL']}/repos/{os.environ['GITHUB_REPOSITORY']}"
bearer = {"Authorization": "Bearer " + os.environ["TOKEN"]}
print("composite", urllib.request.urlopen(urllib.request.Request(url, headers=bearer)).status)
"""
JAVASCRIPT = """
name: inner
inputs: {greeting: {required: true}, token: {default: "${{ github.token }}"}}
runs: {using: node20, main: main.js, post: post.js}
"""
MAIN = """
const fs = require("fs");
const url = `${process.env.GITHUB_API_URL}/repos/${process.env.GITHUB_REPOSITORY}`;
const said = process.env.INPUT_GREETING + " from node";
fs.appendFileSync(process.env.GITHUB_OUTPUT, `said=${said}\\n`);
fetch(url, {headers: {Authorization: `Bearer ${process.env.INPUT_TOKEN}`}})
  .then(answer => console.log("node", answer.status, fs.existsSync(".git")));
"""
WORKFLOW = """
on: push
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - {uses: other/outer@v1, id: outer, with: {greeting: good day}}
      - run: echo "[${{ steps.outer.outputs.said }}]"
"""


@pytest.fixture
def mirror(tmp_path: Path) -> ActionMirror:
    published = ActionMirror(tmp_path / "mirror")
    published.publish("other/outer", {"action.yml": COMPOSITE, "show.py": SHOW})
    post = "console.log('after all')"
    files = {"action.yaml": JAVASCRIPT, "main.js": MAIN, "post.js": post}
    published.publish("other/inner", files)
    return published


def fetching(opened: ActSandbox, mirror: ActionMirror, folder: Path) -> ActSandbox:
    """Let the rehearsal fetch actions from the mirror."""
    fetched = ActionRepositories(folder / "kept", mirror.environ)
    actions = replace(opened.runner.actions, fetched=fetched)
    return replace(opened, runner=replace(opened.runner, actions=actions))


def test_a_composite_action_and_what_it_uses(
    act_sandbox: ActSandbox, mirror: ActionMirror, tmp_path: Path
) -> None:
    result = fetching(act_sandbox, mirror, tmp_path).run(WORKFLOW).result
    outer, said = result.job("a").steps
    assert result.status == "success", outer.log
    assert "node 200 true" in outer.log
    assert "composite 200" in outer.log
    assert said.log == ["[good day from node]"]


def test_all_missing_actions_are_named_with_both_ways(
    act_sandbox: ActSandbox, tmp_path: Path
) -> None:
    own = tmp_path / "outer"
    own.mkdir()
    (own / "action.yml").write_text(COMPOSITE, encoding="utf-8")
    actions = replace(act_sandbox.runner.actions, given={"other/outer": own})
    opened = replace(act_sandbox, runner=replace(act_sandbox.runner, actions=actions))
    with pytest.raises(WorkflowFileError) as caught:
        opened.run(WORKFLOW + "      - uses: third/party/folder@v2\n")
    message = str(caught.value)
    assert "other/inner@v1 (other/outer@v1, .github/workflows/w.yml line 7)" in message
    assert "third/party/folder@v2 (.github/workflows/w.yml line 9)" in message
    assert "--fetch-actions" in message
    assert "--action third/party/folder@v2=FOLDER" in message


OWN = """
inputs: {word: {default: hi}}
outputs: {length: {value: "${{ steps.own.outputs.length }}"}}
runs:
  using: composite
  steps:
    - uses: actions/setup-python@v5
      with: {python-version: 3.x}
    - id: own
      run: echo "length=${#TOKEN}" >> "$GITHUB_OUTPUT"; test -n "$pythonLocation"
      shell: bash
      env: {TOKEN: "${{ github.token }}"}
"""


def test_an_action_of_the_project_uses_stand_ins_and_the_token(act_sandbox: ActSandbox) -> None:
    act_sandbox.push({"tools/own/action.yml": OWN})
    workflow = WORKFLOW.replace("other/outer@v1", "./tools/own").replace(
        "steps:\n", "steps:\n      - uses: actions/checkout@v4\n"
    )
    result = act_sandbox.run(workflow.replace("outputs.said", "outputs.length")).result
    assert result.status == "success", [step.log for step in result.job("a").steps]
    assert result.job("a").steps[-1].log == ["[40]"]


WRITTEN = """
on: push
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: |
          mkdir -p made/here
          echo "$ACTION" > made/here/action.yml
        env:
          ACTION: |
            inputs: {word: {default: hi}}
            runs:
              using: composite
              steps: [{run: "echo written $INPUT_WORD", shell: bash, env: {INPUT_WORD: bye}}]
      - uses: ./made/here
      - uses: ./made/elsewhere
  missing:
    runs-on: ubuntu-latest
    steps: [{uses: third/party@v2}]
  after:
    needs: missing
    runs-on: ubuntu-latest
    steps: [{run: "true"}]
  database:
    runs-on: ubuntu-latest
    services: {postgres: {image: postgres}}
    steps: [{run: "true"}]
"""


def without_publication(opened: ActSandbox, *jobs: str) -> ActSandbox:
    dispensable = frozenset((".github/workflows/w.yml", job) for job in jobs)
    return replace(opened, runner=replace(opened.runner, dispensable=dispensable))


def test_what_no_publication_waits_for_is_left_out(act_sandbox: ActSandbox) -> None:
    opened = without_publication(act_sandbox, "missing", "after", "database")
    finished = opened.run(WRITTEN)
    statuses = {job.id: job.status for job in finished.result.jobs}
    assert statuses.pop("a") == "failure"
    assert set(statuses.values()) == {"skipped"}
    warnings = "\n".join(finished.warnings)
    assert "job missing is left out, and with it what needs it. The rehearsal does not" in warnings
    assert "`services` of job database" in warnings
    # An action that a step writes is what GitHub's runner finds there, too.
    assert "./made/here is not in the repository" in warnings
    steps = finished.result.job("a").steps
    assert steps[2].log == ["written bye"]
    explained = explain_failure(finished.workflow, finished.result, Surroundings(finished.values))
    assert explained is not None
    assert (
        "Can't find 'action.yml', 'action.yaml' or 'Dockerfile' under './made/e" in explained.what
    )
    assert "no step before has written it" in explained.why


def test_what_a_publication_waits_for_is_told_before_all_at_once(act_sandbox: ActSandbox) -> None:
    workflow = read_workflow(".github/workflows/w.yml", WRITTEN)
    other = replace(workflow, path=".github/workflows/other.yml")
    event = TriggerEvent("push", "refs/heads/dev", "0" * 40, "developer")
    runner = without_publication(act_sandbox, "after").runner
    with pytest.raises(NotHereError) as caught:
        runner.require_ready([workflow, other], event, {})
    assert "w.yml line 21), third/party@v2 (.github/workflows/other" in caught.value.what
    assert "`services` of job database" in caught.value.what
    assert caught.value.fix.count("--docker") == 1
    assert caught.value.exit_status == 2
    without_publication(act_sandbox, *workflow.jobs).runner.require_ready([workflow], event, {})
