"""A failed run is explained by one cause and one fix, by all that the rehearsal knows."""

from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from dist_sandbox.gateway.log import Exchange
from dist_sandbox.github.workflows.runs import REJECTED
from dist_sandbox.rehearse.errors import UsageError
from dist_sandbox.rehearse.project.copy import read_project_version
from dist_sandbox.rehearse.runs.failures import Explanation, Surroundings, explain_failure
from dist_sandbox.rehearse.runs.result import LIMIT_TITLE, Annotation, JobRun, RunResult, Step
from dist_sandbox.rehearse.workflows.input_names import UnknownInputs, nearest_name
from dist_sandbox.rehearse.workflows.scopes import ScopedValues
from support.act.builders import make_workflow

VALUES = {
    "vars": ScopedValues(
        {"ORGANISATION": "1"},
        {name: {"GCP_PROJECT_ID": "1", "AR_LOCATION": "1"} for name in ("dev", "qa")},
    ),
    "secrets": ScopedValues(
        {}, {"dev": {"KEY": "1"}, "qa": {"KEY": "1"}, "bots": {"BOT_KEY": "1"}}
    ),
}
EMPTY = "The input {} is empty. Why: the job has no environment. Fix: add one."


def _explain(
    step: str, message: str = "", *, environment: str = "", log: str = "", **more: Any
) -> Explanation:
    lines = f"    environment: {environment}\n" if environment else ""
    text = f"on: push\njobs:\n  publish:\n    runs-on: x\n{lines}    steps:\n      - {step}\n"
    title = {"title": more.pop("title", "")}
    notes = [Annotation("error", message, title)] if message else []
    ran = Step("0", "it", "failure", annotations=notes, log=log.splitlines())
    job = JobRun("publish", "publish", "failure", [ran])
    explanation = explain_failure(
        make_workflow(text), RunResult("failure", (job,)), Surroundings(VALUES, "dev", **more)
    )
    assert explanation
    return explanation


def _with(name: str, value: str) -> str:
    return f'{{uses: a/b@v1, with: {{{name}: "${{{{ {value} }}}}"}}}}'


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("project-id", "vars.GCP_PROJECT", "vars.GCP_PROJECT_ID"),
        ("location", "vars['AR_LOCATON']", "vars.AR_LOCATION"),
        ("private-key", "secrets.BOTKEY", "secrets.BOT_KEY"),
        ("project-id", "vars.gcp_projectid", "vars.GCP_PROJECT_ID"),
    ],
)
def test_a_name_that_no_environment_has_is_told_with_the_nearest_one(
    name: str, value: str, words: str
) -> None:
    explanation = _explain(_with(name, value), EMPTY.format(name), environment="dev")
    assert "no environment has a" in explanation.why
    assert f"write {words} in w.yml" in explanation.fix
    assert "Why:" not in explanation.what


def test_a_name_that_is_like_no_other_is_to_be_set() -> None:
    explanation = _explain(_with("token", "secrets.ZZZ"), EMPTY.format("token"), environment="dev")
    assert explanation.fix == "set the secret ZZZ, or correct its name in w.yml."


@pytest.mark.parametrize(
    ("environment", "value", "why", "fix"),
    [
        ("development", "secrets.KEY", "runs in development, which does not have it", "here dev"),
        ("", "secrets.KEY", "does not name an environment", "here dev"),
        ("dev", "secrets.BOT_KEY", "is in the GitHub Environment bots", "`environment: bots`"),
    ],
)
def test_the_environment_that_holds_the_setting_is_named(
    environment: str, value: str, why: str, fix: str
) -> None:
    step = _with("private-key", value)
    explanation = _explain(step, EMPTY.format("private-key"), environment=environment)
    assert why in explanation.why
    assert fix in explanation.fix


@pytest.mark.parametrize(
    ("environment", "value"),
    [
        ("dev", "vars.GCP_PROJECT_ID"),
        ("dev", "vars.ORGANISATION"),
        ("${{ inputs.e }}", "vars.AR_LOCATION"),
    ],
)
def test_the_words_of_the_action_stand_where_the_setting_is_there(
    environment: str, value: str
) -> None:
    environment = f"'{environment}'"
    explanation = _explain(_with("index", value), EMPTY.format("index"), environment=environment)
    assert explanation == Explanation(
        "publish / it: The input index is empty.", "the job has no environment.", "add one."
    )


def test_an_input_that_the_message_does_not_name_is_not_the_cause() -> None:
    explanation = _explain(_with("other", "vars.UNKNOWN"), EMPTY.format("index"))
    assert explanation.fix == "add one."


@pytest.mark.parametrize(
    ("name", "meant"),
    [("app-id", "client-id"), ("private_key", "private-key"), ("cleint-id", "client-id")],
)
def test_an_unknown_input_is_told_with_the_one_that_was_meant(name: str, meant: str) -> None:
    declared = ("client-id", "private-key", "installation-id")
    unknown = UnknownInputs("publish", "a/b@v1", (name,), frozenset({name}), declared)
    explanation = _explain(
        f"{{uses: a/b@v1, with: {{{name}: x}}}}", EMPTY.format(meant), unknown_inputs=(unknown,)
    )
    assert explanation.why == f"w.yml gives the input {name}, which a/b@v1 does not have."
    assert explanation.fix == f"write {meant} in place of {name}."
    assert f"Unexpected input(s) {name}; {name}: did you mean {meant}?" in unknown.warning


def test_a_name_like_no_other_has_no_nearest() -> None:
    assert nearest_name("colour", ["index", "dist"]) == ""


@pytest.mark.parametrize(
    ("run", "log", "why"),
    [
        ("pytest", "no tests ran in 0.01s\nerror: exit status 5", "no tests were collected"),
        ("tox", "== 1 failed, 2 passed in 0.2s ==\nerror: exit status 1", "tests failed"),
        ("pip install x; pytest", "ERROR: No matching x\nexit status 1", "pip could not install"),
        ("pip x; pytest", "ERROR: y\n== 1 failed in 0.2s ==\nexit status 1", "tests failed"),
        ("pip install y; pytest", "ERROR: usage: pytest\nexit status 4", "wrong arguments"),
        ("make", "error: exit status 5", "the step's command ended with exit status 5."),
        ("make", "make: not found\nerror: exit status 127", "is not installed on this machine"),
        ("make", "it broke", "the step's command ended with an error."),
    ],
)
def test_an_exit_status_is_told_by_its_meaning(run: str, log: str, why: str) -> None:
    explanation = _explain(f"run: {run}", log=log)
    assert why in explanation.why
    assert log.splitlines()[0] in explanation.what


@pytest.mark.parametrize(
    ("step", "log", "fix"),
    [
        ("{run: make}", "error: exit status 5",
         'read its log from "== it": the first error there is the cause. The command is `make` in '
         "w.yml line 6."),
        ("{run: pytest}", "FAILED tests/a.py::b - c\n1 failed in 1s\nexit status 1",
         "run `pytest tests/a.py::b` in your folder, and correct what fails there."),
        ("{run: pytest}", "1 error in 1s\nexit status 2", "run `pytest` in your folder, in an "
         "environment with what this step installs."),
        ("{uses: a/b/c@v1}", "it broke", 'read its log from "== it": the first error there is the '
         "cause. What its inputs mean stands in the README of a/b."),
        ("{uses: ./a}", "it broke", 'read its log from "== it": the first error there is the '
         "cause. What the action does is written in ./a."),
    ],
)  # fmt: skip
def test_the_fix_names_one_action(step: str, log: str, fix: str) -> None:
    assert _explain(step, log=log).fix == fix


@pytest.mark.parametrize(
    ("needs", "environment", "step", "told"),
    [
        ("[build]", "${{ needs.plan.outputs.e }}", "{uses: a/b@v1}", True),
        ("build", "dev", "{uses: a/b@v1, with: {tag: '${{ needs.plan.outputs.tag }}'}}", True),
        ("[plan, build]", "${{ needs.plan.outputs.e }}", "{uses: a/b@v1}", False),
        ("plan", "dev", "{run: 'echo needs.other.outputs'}", False),
    ],
)
def test_an_output_of_a_job_that_is_not_needed_is_told(
    needs: str, environment: str, step: str, *, told: bool
) -> None:
    other = "{runs-on: x, steps: [{run: x}]}"
    text = (
        f"on: push\njobs:\n  plan: {other}\n  build: {other}\n  publish:\n    runs-on: x\n"
        f"    needs: {needs}\n    environment: {environment}\n    steps: [{step}]\n"
    )
    ran = Step("0", "it", "failure", annotations=[Annotation("error", EMPTY.format("tag"), {})])
    result = RunResult("failure", (JobRun("publish", "publish", "failure", [ran]),))
    explanation = explain_failure(make_workflow(text), result, Surroundings(VALUES, "dev"))
    assert explanation
    assert ("its `needs:` does not list plan" in explanation.why) == told


def test_what_is_unlike_github_is_told_beside_the_cause() -> None:
    differences = {"publish": "job publish runs on windows-latest."}
    explanation = _explain("run: x", log="error: exit status 2", differences=differences)
    assert explanation.why.endswith("unlike GitHub here: job publish runs on windows-latest.")


def test_a_host_that_is_the_cause_is_named_once() -> None:
    refused: dict[str, Any] = {"method": "GET", "status": 403, "outcome": "refused", "job": ""}
    exchanges = [
        Exchange(began_at=datetime.now(timezone.utc), seconds=0.0, url=url, **refused)
        for url in ("https://a.example/x", "https://b.example/y")
    ]
    explanation = _explain("run: x", log="a.example: 403", exchanges=exchanges)
    assert explanation.why.count("a.example") == 1
    assert explanation.why.count("b.example") == 1


def test_a_long_line_before_the_last_ones_is_left_out() -> None:
    step = Step("0", "it", "failure", log=["Installed " + "package " * 200, "no such file", "end"])
    assert step.failure_message == "no such file\nend"


@pytest.mark.parametrize(("empty", "told"), [({"HOOK"}, True), ({"OTHER"}, False)])
def test_an_empty_secret_may_be_the_cause(empty: set[str], *, told: bool) -> None:
    step = "{run: ./notify, env: {A: '${{ secrets.HOOK }}'}}"
    explanation = _explain(step, log="error: exit status 7", empty_secrets=frozenset(empty))
    assert "exit status 7" in explanation.why
    assert ("--secret HOOK=WHAT" in explanation.fix) == told


def test_a_rejection_is_told_with_who_said_no() -> None:
    explanation = _explain("run: x", log=REJECTED, environment="pypi")
    assert "the reviewer of pypi said no" in explanation.why
    assert "--reject" in explanation.fix


def test_a_limit_of_the_rehearsal_is_told_in_its_own_words() -> None:
    message = "No files. Why: the folder is empty. Fix: fill it."
    explanation = _explain(_with("token", "secrets.ZZZ"), message, title=LIMIT_TITLE)
    assert (explanation.why, explanation.fix) == ("the folder is empty.", "fill it.")


def test_a_run_that_did_not_fail_has_nothing_to_explain() -> None:
    workflow = make_workflow("on: push\njobs: {a: {runs-on: x, steps: [{run: x}]}}")
    surroundings = Surroundings(VALUES)
    assert explain_failure(workflow, RunResult("success"), surroundings) is None
    explanation = explain_failure(workflow, RunResult("failure", error="bad"), surroundings)
    assert explanation
    assert explanation.what == "start: bad"


def test_a_version_that_cannot_be_read_has_one_cause_and_one_fix(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refusal:
        read_project_version(tmp_path)
    assert refusal.value.what.endswith(f"There is no Python project in '{tmp_path}'.")
    assert refusal.value.lines.count("Why:") == refusal.value.lines.count("Fix:") == 1
    assert "--run COMMAND" in refusal.value.fix


@pytest.mark.parametrize(
    "log",
    [
        "remote: Permission to a/b.git denied to github-actions[bot].",
        "HTTP 403: Resource not accessible by integration",
        "GitHub Actions is not permitted to create or approve pull requests.",
    ],
)
def test_a_token_that_may_only_read_since_nothing_says_what_it_may(log: str) -> None:
    explanation = _explain("{run: git push}", log=log)
    assert "w.yml has no `permissions:`" in explanation.why
    assert "--workflow-permissions write" in explanation.fix
    granted = _explain("{run: git push}\n    permissions: {contents: read}", log=log)
    assert "--workflow-permissions" not in granted.fix


def test_what_an_action_uses_that_only_a_step_writes_is_a_limit() -> None:
    log = 'error: failed to fetch "https://github.com/actions/setup-python" version "v5": 501'
    explanation = _explain("{uses: ./made/here}", log=log)
    assert "uses actions/setup-python@v5, and a rehearsal brings" in explanation.why
    assert "on GitHub it would be downloaded" in explanation.why
