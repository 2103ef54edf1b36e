"""The command `dist-actions doctor` as a person runs it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.doctor.project import ExaminedProject
from support.paths import SOURCE
from support.terminal import run_in_terminal

COMMAND = [sys.executable, "-W", "error", "-m", "dist_actions.cli", "doctor"]


def environ_of(project: ExaminedProject, **changes: str) -> dict[str, str]:
    addresses = project.sandbox.world.addresses
    environ = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(SOURCE),
        "NO_PROXY": "127.0.0.1",
        "LANG": "C.UTF-8",
        "GH_TOKEN": project.sandbox.user_token,
        "GITHUB_API_URL": addresses.github_api,
        "GITHUB_SERVER_URL": addresses.github_server,
        **addresses.service_variables,
        **changes,
    }
    return {name: value for name, value in environ.items() if value}


def run(
    project: ExaminedProject, *arguments: str, cwd: Path | None = None, **changes: str
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=cwd or project.folder,
        env=environ_of(project, **changes),
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_sound_project_is_all_ticks_but_for_what_only_a_job_can_try(
    examined: ExaminedProject,
) -> None:
    done = run(examined, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    report = json.loads(done.stdout)
    assert report["repository"] == examined.sandbox.repository.full_name
    skipped = {f["check"] for f in report["findings"] if f["outcome"] == "not-checked"}
    assert skipped == {
        "apps",
        "id-token",
        "claims",
        "exchange",
        "index-readable",
        "index-writable",
        "same-bytes",
    }
    assert report["counts"] == {
        "ok": len(report["findings"]) - len(skipped),
        "warning": 0,
        "error": 0,
        "not-checked": len(skipped),
    }


def test_a_token_that_github_does_not_know_is_tried_twice_in_all(
    examined: ExaminedProject,
) -> None:
    requests = examined.sandbox.world.requests
    before = requests.last_number()
    done = run(examined, "--json", GH_TOKEN="ghp_" + "x" * 36)
    assert done.returncode == 1
    assert done.stderr.count("HTTP 401; next try") == 1
    asked = [row for row in requests.since(before) if row.service == "github"]
    assert [row.status for row in asked] == [401, 401]
    findings = json.loads(done.stdout)["findings"]
    (error,) = [finding for finding in findings if finding["outcome"] == "error"]
    assert error["check"] == "github-readable"


def test_an_error_and_its_mend_fit_into_a_narrow_terminal(examined: ExaminedProject) -> None:
    examined.set_variable("qa", "AR_LOCATION", None)
    text = in_terminal(examined, columns=50)
    assert "\x1b[31m✘\x1b[0m The variable AR_LOCATION is not set in the" in text
    command = 'gh variable set AR_LOCATION --env qa --repo eigenoid/eigenoid-sample --body "VALUE"'
    assert f"  Fix:\n    {command}\n" in text
    whole = ("https://", command)
    long = [line for line in text.splitlines() if len(line) > 60 and not _has(line, whole)]
    assert long == []
    assert "\x1b" not in in_terminal(examined, columns=50, NO_COLOR="1")


def test_a_warning_alone_is_no_failure(examined: ExaminedProject) -> None:
    examined.workflow("auto-tag", "    timeout-minutes: 20\n", "")
    done = run(examined)
    assert done.returncode == 0
    assert "▲ The job auto-tag in .github/workflows/auto-tag.yml has no `timeout-minutes`." in (
        done.stdout
    )
    assert "At:  .github/workflows/auto-tag.yml:15\n" in done.stdout
    assert "0 errors, 1 warning" in done.stdout


def test_without_a_token_files_are_checked_all_the_same(examined: ExaminedProject) -> None:
    examined.workflow("auto-tag", "[dev, qa, main]", "[dev, main]")
    done = run(examined, GH_TOKEN="")
    assert done.returncode == 1
    assert "A push to qa starts no workflow that makes tags." in done.stdout
    (line,) = [line for line in done.stdout.splitlines() if "There is no token for GitHub" in line]
    assert line.startswith("· 17 checks: ")
    assert "Only the bot makes tags" not in done.stdout


@pytest.mark.parametrize("changes", [{"GH_TOKEN": "ghp_wrong"}, {"GH_TOKEN": "gh p"}])
def test_who_could_not_look_says_so_and_fails(
    examined: ExaminedProject, changes: dict[str, str]
) -> None:
    done = run(examined, "--json", **changes)
    assert done.returncode == 1
    errors = [f for f in json.loads(done.stdout)["findings"] if f["outcome"] == "error"]
    assert [f["check"] for f in errors] == ["github-readable"]
    assert all(f["fix"] for f in errors)


def test_what_the_token_may_not_read_is_never_a_tick(examined: ExaminedProject) -> None:
    token = examined.sandbox.job({"contents": "read", "metadata": "read"})["token"]
    done = run(examined, "--json", GH_TOKEN=str(token))
    outcomes = {f["check"]: f["outcome"] for f in json.loads(done.stdout)["findings"]}
    for check in ("variables-set", "secrets-set", "environments-exist", "bot-may-tag"):
        assert outcomes[check] == "not-checked", check


def test_a_folder_that_is_none_is_bad_input(examined: ExaminedProject) -> None:
    done = run(examined, "nowhere")
    assert (done.returncode, done.stdout) == (2, "")
    assert "There is no folder" in done.stderr


def in_terminal(project: ExaminedProject, columns: int, **changes: str) -> str:
    """Run the command in a terminal of this width, and return what it shows."""
    environ = environ_of(project, **changes)
    status, shown = run_in_terminal(COMMAND, project.folder, environ, columns)
    assert status == 1
    return shown


def _has(line: str, texts: tuple[str, ...]) -> bool:
    return any(text in line for text in texts)
