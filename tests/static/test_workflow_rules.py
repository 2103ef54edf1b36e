"""The project's own rules hold in every workflow, action and documented block, and they bite."""

import pytest

from support.automation import files as automation
from support.automation import workflow_rules

BAD_STEPS = {
    "expression_in_run": 'run: echo "${{ github.head_ref }}"',
    "eval_in_run": 'run: cd src && eval "$COMMAND"',
    "runner_file_in_run": 'run: echo "version=$VERSION" >> $GITHUB_OUTPUT',
    "unhashed_pip_install": "run: python -m pip install dist/*.whl pytest",
    "work_beside_id_token": "run: make",
    "unpinned_uses": "uses: actions/checkout@v7",
}
PUBLISHING = "permissions: {contents: read, id-token: write}"
READING = "permissions: {contents: read}"
MORE_BAD_STEPS = [
    ("expression_in_run", "run: |\n          true\n          echo ${{inputs.x}}"),
    ("runner_file_in_run", 'run: echo x | tee -a "${GITHUB_ENV}"'),
    ("runner_file_in_run", "run: printf x >>$GITHUB_PATH"),
    ("unhashed_pip_install", "run: pip install 'build>=1' && python -m build"),
    ("unhashed_pip_install", "run: pip install --upgrade pip"),
    ("unpinned_uses", f"uses: actions/checkout@{'a' * 40}"),
    ("unpinned_uses", f"uses: actions/checkout@{'a' * 39} # v7"),
    ("unpinned_uses", "uses: eigenoid/other@v1"),
]
GOOD_STEPS = [
    "run: pip install --no-deps dist/*.whl",
    "run: pip install --require-hashes -r requirements/dev.txt",
    "run: echo evaluation; scripts/lint",
    f"uses: actions/checkout@{'a' * 40} # v7.0.1",
    "uses: eigenoid/dist-actions/auto-tag@v1",
    "uses: eigenoid/dist-actions@v1",
]


def workflow_with(step: str, permissions: str = "permissions: {contents: write}") -> str:
    return f"on: push\njobs:\n  build:\n    {permissions}\n    steps:\n      - {step}\n"


LOGIN = "uses: eigenoid/dist-actions/login@v1"
TESTS = "run: pip install pytest && pytest"


@pytest.mark.parametrize(
    ("permissions", "steps", "caught"),
    [
        (PUBLISHING, (LOGIN, TESTS), False),
        (PUBLISHING, (TESTS,), True),
        (f"{PUBLISHING}\n    environment: dev", (LOGIN, TESTS), True),
        ("permissions: {contents: write, id-token: write}", (LOGIN, TESTS), True),
        (PUBLISHING, (LOGIN, f"{TESTS} ${{{{ secrets.PYPI_API_TOKEN }}}}"), True),
    ],
)
def test_a_job_that_logs_in_to_read_runs_the_projects_code(
    permissions: str, steps: tuple[str, ...], caught: bool
) -> None:
    text = workflow_with("\n      - ".join(steps), permissions)
    assert ("work_beside_id_token" in findings(text)) is caught
    assert ("unhashed_pip_install" in findings(text)) is caught


def findings(text: str) -> list[str]:
    return [rule.__name__ for rule in workflow_rules.RULES for _ in rule(text)]


@pytest.mark.parametrize("source", automation.everything(), ids=lambda source: source.name)
def test_every_source_keeps_the_rules(source: automation.Source) -> None:
    assert [what for rule in workflow_rules.RULES for what in rule(source.text)] == []


def test_there_is_something_to_check() -> None:
    assert automation.actions()
    assert automation.workflows()


@pytest.mark.parametrize(("rule", "step"), [*BAD_STEPS.items(), *MORE_BAD_STEPS])
def test_a_rule_catches_its_bad_sample(rule: str, step: str) -> None:
    permissions = PUBLISHING if rule == "work_beside_id_token" else "permissions: write-all"
    assert findings(workflow_with(step, permissions)) == [rule]


def test_the_job_that_may_publish_checks_nothing_out() -> None:
    step = f"uses: actions/checkout@{'a' * 40} # v7"
    assert findings(workflow_with(step, PUBLISHING)) == ["work_beside_id_token"]
    assert findings(workflow_with(step, READING)) == []


def test_a_job_without_credentials_may_install_by_name() -> None:
    step = BAD_STEPS["unhashed_pip_install"]
    assert findings(workflow_with(step, READING)) == []
    with_secret = step + "\n        env: {TOKEN: '${{ secrets.TOKEN }}'}"
    assert findings(workflow_with(with_secret, READING)) == ["unhashed_pip_install"]


@pytest.mark.parametrize("step", GOOD_STEPS)
def test_a_good_step_passes(step: str) -> None:
    assert findings(workflow_with(step)) == []


@pytest.mark.parametrize("minutes", ["360", "0", "${{ inputs.minutes }}", ""])
def test_a_job_that_may_hang_for_hours_is_caught(minutes: str) -> None:
    job = f"on: push\njobs:\n  build:\n    runs-on: x\n    {READING}\n    steps: [run: make]\n"
    limit = "    timeout-minutes:"
    assert findings(job) == ["job_without_timeout"]
    assert findings(f"{job}{limit} {minutes}\n") == ["job_without_timeout"]
    assert findings(f"{job}{limit} 10\n") == []


def test_every_rule_has_a_bad_sample() -> None:
    assert {*BAD_STEPS, "job_without_timeout"} == {rule.__name__ for rule in workflow_rules.RULES}


def test_composite_actions_call_no_other_action() -> None:
    """Nothing to pin, nothing to be hijacked through."""
    for action in automation.actions():
        assert not workflow_rules.USES.search(action.text), action.name
