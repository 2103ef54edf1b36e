"""The stand-ins of checkout, setup-python and the artifact actions behave like the real ones."""

import sys
from collections.abc import Callable

import pytest

from dist_sandbox.rehearse.runs.workflow_run import FinishedRun
from support.act.fixtures import ActSandbox

Run = Callable[..., FinishedRun]
VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"


def _job(steps: str) -> str:
    body = "".join(f"      {line}\n" for line in steps.strip("\n").splitlines())
    return f"on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n{body}"


def _log(finished: FinishedRun) -> list[str]:
    return [line for job in finished.result.jobs for step in job.steps for line in step.log]


def test_checkout_gives_the_commit_of_the_event(act_sandbox: ActSandbox) -> None:
    act_sandbox.push({"a.txt": "one\n"})
    commit = act_sandbox.push({"a.txt": "two\n"})
    act_sandbox.clone.run("push", "--quiet", "origin", f"{commit}:refs/tags/v1")
    steps = """
- uses: actions/checkout@v4
  id: it
- run: cat a.txt; git rev-list --count HEAD; git symbolic-ref --short HEAD; git tag; git status -s
"""
    finished = act_sandbox.run(_job(steps))
    assert _log(finished) == ["two", "1", "dev"]
    outputs = finished.result.job("a").step("it").outputs
    assert outputs == {"ref": "refs/heads/dev", "commit": commit}


def test_checkout_can_have_the_whole_history(act_sandbox: ActSandbox) -> None:
    act_sandbox.push({"a.txt": "one\n"})
    act_sandbox.clone.run("tag", "v1")
    act_sandbox.clone.run("push", "--quiet", "origin", "v1")
    act_sandbox.push({"a.txt": "two\n"})
    steps = """
- uses: actions/checkout@v4
  with: {fetch-depth: 0, ref: v1, path: below}
- run: cat a.txt; git rev-list --count origin/dev; git tag
  working-directory: below
"""
    assert _log(act_sandbox.run(_job(steps))) == ["one", "3", "v1"]


@pytest.mark.parametrize(("persist", "expected"), [("true", "0"), ("false", "128")])
def test_checkout_leaves_the_token_only_where_it_is_wanted(
    run_workflow: Run, persist: str, expected: str
) -> None:
    steps = f"""
- uses: actions/checkout@v4
  with: {{persist-credentials: {persist}}}
- run: GIT_TERMINAL_PROMPT=0 git fetch -q origin main 2>/dev/null || status=$?; echo ${{status:-0}}
- run: grep -c AUTHORIZATION .git/config || true
"""
    assert _log(run_workflow(_job(steps))) == [expected, "0"]


def test_checkout_of_an_unknown_ref_fails(run_workflow: Run) -> None:
    finished = run_workflow(_job("- uses: actions/checkout@v4\n  with: {ref: nope}"))
    assert "'nope' could not be found" in _log(finished)[0]


#: A step that makes the smallest wheel.
MAKE_WHEEL = """
- run: |
    python3 - <<'END'
    import zipfile
    with zipfile.ZipFile("tool-1-py3-none-any.whl", "w") as wheel:
        wheel.writestr("tool.py", "")
        wheel.writestr("tool-1.dist-info/WHEEL", "Wheel-Version: 1.0")
        wheel.writestr("tool-1.dist-info/METADATA", "Name: tool\\nVersion: 1")
        wheel.writestr("tool-1.dist-info/RECORD", "")
    END
"""


def test_setup_python_gives_the_version_and_pip(run_workflow: Run) -> None:
    steps = f"""
- uses: actions/setup-python@v5
  id: it
  with: {{python-version: "{VERSION}"}}
- run: python -c 'import sys; print(sys.version_info[:2], sys.prefix != sys.base_prefix)'
- run: python -m pip install --user --quiet --no-index ./tool-1-py3-none-any.whl
- run: python -c 'import tool; print(tool.__file__.startswith(__import__("os").environ["HOME"]))'
"""
    finished = run_workflow(_job(MAKE_WHEEL + steps))
    assert finished.result.status == "success"
    assert _log(finished) == [f"({VERSION.replace('.', ', ')}) True", "True"]
    assert finished.result.job("a").step("it").outputs["python-version"].startswith(VERSION)


def test_setup_python_says_when_another_version_stands_in(run_workflow: Run) -> None:
    steps = '- uses: actions/setup-python@v5\n  with: {python-version: "3.99"}'
    finished = run_workflow(_job(steps))
    assert finished.result.status == "success"
    (annotation,) = finished.result.annotations
    assert annotation.level == "notice"
    assert "Python 3.99 is not on this machine" in annotation.message


ARTIFACTS = """
on: push
jobs:
  make:
    runs-on: x
    steps:
      - run: mkdir -p dist/below; echo 1 > dist/a.whl; echo 2 > dist/below/b; echo 3 > dist/.h
      - uses: actions/upload-artifact@v4
        id: up
        with: {name: dist, path: dist/}
      - uses: actions/upload-artifact@v4
        with: {name: one, path: "dist/*.whl"}
  use:
    needs: make
    runs-on: x
    steps:
      - uses: actions/download-artifact@v4
        with: {name: dist, path: got}
      - run: find got -type f | sort
      - uses: actions/download-artifact@v4
      - run: find one dist -type f | sort
      - uses: actions/download-artifact@v8
        with: {pattern: "on*", path: single}
      - run: find single -type f
"""


def test_artifacts_travel_between_jobs(run_workflow: Run) -> None:
    finished = run_workflow(ARTIFACTS)
    assert finished.result.status == "success"
    files = [line for line in _log(finished) if "/" in line]
    each = ["got/a.whl", "got/below/b", "dist/a.whl", "dist/below/b", "one/a.whl"]
    # The only artifact that a pattern matches gets no folder of its own.
    assert files == [*each, "single/a.whl"]
    assert len(finished.result.job("make").step("up").outputs["artifact-digest"]) == 64


def test_artifacts_belong_to_one_run(run_workflow: Run) -> None:
    run_workflow(ARTIFACTS)
    finished = run_workflow(_job("- uses: actions/download-artifact@v4\n  with: {name: dist}"))
    assert "Artifact not found for name: dist" in _log(finished)[0]


@pytest.mark.parametrize(
    ("behaviour", "status", "level"),
    [("error", "failure", ["error"]), ("warn", "success", ["warning"]), ("ignore", "success", [])],
)
def test_no_files_are_what_the_input_makes_of_them(
    run_workflow: Run, behaviour: str, status: str, level: list[str]
) -> None:
    steps = f"""
- uses: actions/upload-artifact@v4
  with: {{path: nothing/, if-no-files-found: {behaviour}}}
"""
    finished = run_workflow(_job(steps))
    assert finished.result.status == status
    assert [annotation.level for annotation in finished.result.annotations] == level


def test_an_artifact_is_never_replaced_by_accident(run_workflow: Run) -> None:
    step = "- uses: actions/upload-artifact@v4\n  with: {path: a}\n"
    finished = run_workflow(_job("- run: echo 1 > a\n" + step + step))
    assert finished.result.status == "failure"
    assert "already exists" in finished.result.annotations[0].message


RUNNERS = """
on: push
jobs:
  a:
    strategy: {matrix: {os: [ubuntu-latest, macos-latest, ubuntu-24.04-arm]}}
    runs-on: ${{ matrix.os }}
    steps:
      - run: echo "on ${{ matrix.os }}"
"""


def test_jobs_of_other_runners_say_that_this_machine_plays_them(run_workflow: Run) -> None:
    finished = run_workflow(RUNNERS)
    assert finished.result.status == "success"
    assert sorted(note.message for note in finished.result.annotations) == [
        f"Stand-in: on GitHub this job runs on {label}; here it runs on this machine."
        for label in ("macos-latest", "ubuntu-24.04-arm")
    ]
