"""Explain what the exit status of a step's command means, and what to do next; pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_EXIT_STATUS = re.compile(r"exit(?: status|code) '?(\d+)")
#: The last line of pytest: `==== 1 failed, 2 passed in 0.12s ====`, `no tests ran in 0.01s`.
_PYTEST_SUMMARY = re.compile(r"\b(passed|failed|errors?|no tests ran|deselected)\b.* in [0-9.]+s\b")
#: What pytest says of each test, and of each module, that failed.
_PYTEST_FAILURE = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)
#: How pip begins the line that says why it installed nothing.
_PIP_ERROR = re.compile(r"^ERROR: (?!usage:)(.+)$", re.MULTILINE)
#: Spec: https://docs.pytest.org/en/stable/reference/exit-codes.html
_PYTEST = {
    1: ("tests failed", "run `pytest {tests}` in your folder, and correct what fails there"),
    2: (
        "the run was interrupted: often a test module cannot be imported",
        "run `pytest {tests}` in your folder, in an environment with what this step installs",
    ),
    3: ("pytest itself had an error", "report its traceback to pytest or the plugin that it names"),
    4: (
        "pytest was started with wrong arguments or settings",
        "run `pytest --collect-only` in your folder, with what this step installs: a plugin that "
        "an argument needs may be missing",
    ),
    5: (
        "no tests were collected",
        "add a test in a file that pytest finds, such as tests/test_NAME.py, or set `testpaths`",
    ),
}
_SHELL = {
    126: ("a program of the step cannot be started", "make it executable: `git add --chmod=+x`"),
    127: ("a program of the step is not installed on this machine", "install it in the step"),
}
#: How much of a command is quoted.
_LONGEST_COMMAND = 60


@dataclass(frozen=True)
class FailedCommand:
    """The command, or the action, of a step that failed.

    Attributes:
        step: The name of the step.
        written: The step as it is written.
        log: Its output.
        place: Its file and line.
    """

    step: str
    written: Mapping[str, Any] = field(repr=False)
    log: str = field(repr=False)
    place: str


def explain_exit_status(failed: FailedCommand) -> tuple[str, str]:
    """Say what the exit status of the step's command means, in why and fix."""
    log, command = failed.log, str(failed.written.get("run") or "")
    status = next((int(number) for number in reversed(_EXIT_STATUS.findall(log))), None)
    pip_errors = _PIP_ERROR.findall(log)
    if re.search(r"\bpip\b", command) and pip_errors and not _PYTEST_SUMMARY.search(log):
        # A step that installs and tests has not come to its tests.
        why = f"pip could not install what the step needs: {pip_errors[-1].rstrip('.')}."
        return why, "correct what requires it, or let an index that the step asks have it."
    if ("pytest" in command or _PYTEST_SUMMARY.search(log)) and status in _PYTEST:
        meaning, advice = _PYTEST[status]
        tests = next(iter(_PYTEST_FAILURE.findall(log)), "")
        advice = advice.format(tests=tests).replace("pytest `", "pytest`")
        return f"pytest ended with exit status {status}: {meaning}.", f"{advice}."
    if status in _SHELL:
        meaning, advice = _SHELL[status]
        return f"{meaning} (exit status {status}).", f"{advice}."
    beginning = f'read its log from "== {failed.step}": the first error there is the cause.'
    if uses := failed.written.get("uses"):
        return f"the action {uses} ended with this error.", f"{beginning} {_describe_action(uses)}"
    ending = "an error" if status is None else f"exit status {status}"
    first = next(iter(command.strip().splitlines()), "")
    quoted = (
        f"`{first[:_LONGEST_COMMAND]}{'…' * (len(first) > _LONGEST_COMMAND)}` in {failed.place}"
    )
    return f"the step's command ended with {ending}.", f"{beginning} The command is {quoted}."


def _describe_action(uses: str) -> str:
    """Say where an action's errors are explained."""
    if uses.startswith(("./", "docker://")):
        return f"What the action does is written in {uses}."
    repository = "/".join(uses.partition("@")[0].split("/")[:2])
    return f"What its inputs mean stands in the README of {repository}."
