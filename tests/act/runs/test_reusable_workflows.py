"""Reusable workflows run as on GitHub: their own inputs, secrets, permissions and identity."""

import textwrap

from dist_sandbox.rehearse.workflows.scopes import ScopedValues
from support.act.fixtures import ActSandbox

CALLED = """
on:
  workflow_call:
    inputs:
      greeting: {type: string, required: true}
      loud: {type: boolean, default: false}
      count: {type: number, default: 3}
    secrets: {password: {required: true}}
    outputs:
      said: {value: "${{ jobs.say.outputs.said }}"}
env: {LEVEL: called}
jobs:
  say:
    runs-on: ubuntu-latest
    permissions: {id-token: write}
    outputs: {said: "${{ steps.say.outputs.said }}"}
    steps:
      - id: say
        run: echo "said=$TEXT from $LEVEL, $HOW" >> "$GITHUB_OUTPUT"
        env:
          TEXT: ${{ inputs.greeting }}
          HOW: ${{ inputs.loud && 'loud' || 'soft' }} ${{ inputs.count == 3 && 'three' }}
      - run: test "$PASSWORD" = for-the-call && test -z "${{ secrets.OTHER }}"
        env: {PASSWORD: "${{ secrets.password }}"}
      - run: |
          python3 - <<'END'
          import base64, json, os, urllib.request
          url = os.environ["ACTIONS_ID_TOKEN_REQUEST_URL"] + "&audience=test"
          bearer = "Bearer " + os.environ["ACTIONS_ID_TOKEN_REQUEST_TOKEN"]
          request = urllib.request.Request(url, headers={"Authorization": bearer})
          part = json.load(urllib.request.urlopen(request))["value"].split(".")[1]
          claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
          for name in ("job_workflow_ref", "workflow_ref"):
              print(claims[name].partition("/.github/workflows/")[2])
          END
  after:
    needs: say
    if: inputs.loud
    runs-on: ubuntu-latest
    steps: [{run: 'echo "${{ needs.say.outputs.said }}"'}]
"""
CALLING = """
on: push
permissions: {contents: read, id-token: write}
env: {LEVEL: caller}
jobs:
  prepare:
    runs-on: ubuntu-latest
    outputs: {loud: "${{ steps.loud.outputs.loud }}"}
    steps: [{id: loud, run: 'echo "loud=true" >> "$GITHUB_OUTPUT"'}]
  static:
    uses: ./.github/workflows/called.yml
    with: {greeting: hello}
    secrets: {password: "${{ secrets.PASSWORD }}"}
  dynamic:
    needs: prepare
    strategy: {matrix: {word: [good, bad]}}
    uses: ./.github/workflows/called.yml
    with:
      greeting: "${{ matrix.word }} day"
      loud: ${{ needs.prepare.outputs.loud == 'true' }}
    secrets: {password: "${{ secrets.PASSWORD }}"}
  skipped:
    if: github.ref == 'refs/heads/other'
    uses: ./.github/workflows/called.yml
    with: {greeting: hello}
    secrets: {password: x}
  last:
    needs: [static, dynamic, skipped]
    if: ${{ !cancelled() && !failure() }}
    runs-on: ubuntu-latest
    steps:
      - run: echo "${{ needs.static.outputs.said }}; ${{ needs.dynamic.outputs.said }}"
      - run: echo "${{ needs.static.result }}, ${{ needs.skipped.result }}"
"""
SECRETS = ScopedValues({"PASSWORD": "for-the-call", "OTHER": "not-for-it"})
PATH = ".github/workflows/called.yml"


def test_calls_of_a_workflow_of_the_project(act_sandbox: ActSandbox) -> None:
    act_sandbox.push({PATH: CALLED})
    act_sandbox.secrets = SECRETS
    finished = act_sandbox.run(CALLING)
    result = finished.result
    assert result.status == "success", [(j.name, s.log) for j in result.jobs for s in j.steps]
    assert {job.name: job.status for job in result.jobs} == {
        "prepare": "success",
        "static / say": "success",
        "static / after": "skipped",
        "dynamic (good) / say": "success",
        "dynamic (good) / after": "success",
        "dynamic (bad) / say": "success",
        "dynamic (bad) / after": "success",
        "skipped / say": "skipped",
        "skipped / after": "skipped",
        "last": "success",
    }
    said = result.job("static / say").steps
    assert said[0].outputs["said"] == "hello from called, soft three"
    assert said[2].log == ["called.yml@refs/heads/dev", "w.yml@refs/heads/dev"]
    assert result.job("dynamic (good) / after").steps[0].log == ["good day from called, loud three"]
    first, second = result.job("last").steps
    assert first.log == ["hello from called, soft three; bad day from called, loud three"]
    assert second.log == ["success, skipped"]


def test_a_call_that_fails_fails_whoever_needs_it(act_sandbox: ActSandbox) -> None:
    called = """
    on: workflow_call
    jobs:
      a: {runs-on: x, steps: [{run: exit 3}]}
      b: {needs: a, if: always(), runs-on: x, steps: [{run: echo "cleaned"}]}
    """
    act_sandbox.push({PATH: textwrap.dedent(called)})
    calling = f"""
    on: push
    jobs:
      call: {{uses: ./{PATH}}}
      next: {{needs: call, runs-on: x, steps: [{{run: echo "published"}}]}}
      told:
        needs: call
        if: always()
        runs-on: x
        steps: [{{run: 'echo "${{{{ needs.call.result }}}}"'}}]
    """
    result = act_sandbox.run(textwrap.dedent(calling)).result
    assert {job.name: job.status for job in result.jobs} == {
        "call / a": "failure",
        "call / b": "success",
        "next": "skipped",
        "told": "success",
    }
    assert result.first_failure is not None
    assert result.first_failure[0].startswith("call / a")
    assert result.job("told").steps[0].log == ["failure"]
