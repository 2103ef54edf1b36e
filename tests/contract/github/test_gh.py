"""GitHub's own command line client against the sandbox."""

import json
import os
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from dist_sandbox.rehearse.manual_steps.reviews import review_command
from support.sandbox.fixtures import Sandbox


@pytest.fixture
def gh() -> str:
    """The client, where the machine has it."""
    found = shutil.which("gh")
    if found is None:
        pytest.skip("gh, GitHub's command line client, is not installed")
    return found


def test_gh_api_reads_and_writes(sandbox: Sandbox, gh: str, tmp_path: Path) -> None:
    ref = {"ref": "refs/tags/v1", "sha": sandbox.branch_sha("dev")}
    fields = [f"--field={name}={value}" for name, value in ref.items()]
    made = _run(sandbox, gh, tmp_path, "git/refs", "--method=POST", *fields)
    assert json.loads(made.stdout)["ref"] == "refs/tags/v1"
    read = _run(sandbox, gh, tmp_path, "tags", "--jq=.[].name")
    assert read.stdout == "v1\n"
    for number in range(40):
        sandbox.repository.git.update_ref(f"refs/tags/v2.{number}", ref["sha"])
    pages = _run(sandbox, gh, tmp_path, "tags", "--paginate", "--jq=.[].name")
    assert len(pages.stdout.split()) == 41


def test_gh_api_shows_githubs_refusal(sandbox: Sandbox, gh: str, tmp_path: Path) -> None:
    refused = _run(sandbox, gh, tmp_path, "git/refs", "--method=POST", "--field=ref=refs/tags/v1")
    assert refused.returncode == 1
    assert '"sha" wasn\'t supplied' in refused.stderr


def test_the_command_that_a_rehearsal_shows_approves(
    sandbox: Sandbox, gh: str, tmp_path: Path
) -> None:
    reviewer = sandbox.control("POST", "users", {"login": "reviewer"})
    rules = {"reviewers": [{"type": "User", "id": reviewer["id"]}]}
    token = sandbox.user_token
    made = sandbox.request("PUT", "environments/deploy", token=token, json=rules).json()
    run = {"path": "w.yml", "event": "push", "ref": "refs/tags/v1", "sha": "1" * 40}
    sandbox.control("PUT", "runs/7", {**run, "actor": "developer"})
    job = sandbox.control("POST", "runs/7/jobs", {"job": "a", "environment": "deploy"})
    shown = review_command(sandbox.repository.full_name, 7, made["id"], "approved")
    typed = shlex.split(shown)
    assert typed[:4] == ["gh", "api", "--method", "POST"]
    path = typed[4].partition(f"{sandbox.repository.full_name}/")[2]
    options = ["--method", "POST", *typed[5:]]
    done = _run(sandbox, gh, tmp_path, path, *options, token=reviewer["token"])
    assert done.returncode == 0, done.stderr
    assert sandbox.control("GET", f"runs/7/jobs/{job['number']}")["state"] == "approved"


def _run(
    sandbox: Sandbox, gh: str, home: Path, path: str, *options: str, token: str = ""
) -> "subprocess.CompletedProcess[str]":
    """Run `gh api`, which speaks plain HTTP where it is given the whole address."""
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "GH_HOST": sandbox.world.addresses.base.partition("://")[2],
        "GH_ENTERPRISE_TOKEN": token or sandbox.user_token,
        "GH_NO_UPDATE_NOTIFIER": "1",
        "NO_PROXY": "*",
    }
    return subprocess.run(
        [gh, "api", f"{sandbox.api}/{path}", *options],
        capture_output=True,
        text=True,
        check=False,
        env=environ,
        timeout=60,
    )
