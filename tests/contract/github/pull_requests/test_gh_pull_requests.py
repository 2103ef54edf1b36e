"""`gh pr`, which speaks GraphQL over https: the commands that a rehearsal shows, and more."""

import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dist_sandbox.server.running import create_application, serving
from support.sandbox.branch_protection import open_pull, protect, push_promotion, requires, reviewed
from support.sandbox.fixtures import Sandbox
from support.sandbox.loopback_tls import make_trust

Gh = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def gh_pr(sandbox: Sandbox, tmp_path: Path) -> Iterator[Gh]:
    """Runs `gh pr …` as the developer."""
    found = shutil.which("gh")
    if found is None:
        pytest.skip("gh, GitHub's command line client, is not installed")
    trust = make_trust(tmp_path / "tls")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        host = f"127.0.0.1:{listener.getsockname()[1]}"
        environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "GH_HOST": host,
            "GH_REPO": f"{host}/{sandbox.repository.full_name}",
            "GH_ENTERPRISE_TOKEN": sandbox.user_token,
            "GH_NO_UPDATE_NOTIFIER": "1",
            "SSL_CERT_FILE": str(trust.authority),
            "NO_PROXY": "*",
        }

        def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
            return subprocess.run(
                [found, "pr", *arguments],
                capture_output=True,
                text=True,
                check=False,
                env=environ,
                cwd=tmp_path,
                timeout=60,
            )

        application = create_application(sandbox.world)
        with serving(application, "127.0.0.1", listener, tls=trust.server):
            yield run


def test_reviewed_and_merged(sandbox: Sandbox, checkout: Path, gh_pr: Gh) -> None:
    push_promotion(sandbox, checkout)
    open_pull(sandbox, sandbox.installation_token())
    protect(sandbox, reviewed(1))
    # At the first look GitHub does not know yet, so gh asks for the merge; at the second it does.
    for reason in ("At least 1 approving review is required", "base branch policy prohibits"):
        early = gh_pr("merge", "1", "--squash")
        assert early.returncode == 1
        assert reason in early.stderr
    done = gh_pr("review", "1", "--approve")
    assert done.returncode == 0, done.stderr
    merged = gh_pr("merge", "1", "--squash")
    assert merged.returncode == 0, merged.stderr
    shown = sandbox.request("GET", "pulls/1", token=sandbox.user_token).json()
    assert (shown["merged"], shown["merged_by"]["login"]) == (True, "developer")


def test_armed_and_queued(sandbox: Sandbox, checkout: Path, gh_pr: Gh) -> None:
    sha = push_promotion(sandbox, checkout)
    open_pull(sandbox, sandbox.installation_token())
    off = gh_pr("merge", "1", "--auto", "--squash")
    assert "Auto merge is not allowed for this repository" in off.stderr
    sandbox.control("POST", "repository", {"merging": {"auto_merge": True}})
    protect(sandbox, requires("test"))
    armed = gh_pr("merge", "1", "--auto", "--squash")
    assert armed.returncode == 0, armed.stderr
    assert gh_pr("merge", "1", "--disable-auto").returncode == 0
    protect(sandbox, {"type": "merge_queue"})
    sandbox.control("PUT", f"checks/{sha}/test", {"conclusion": "success"})
    queued = gh_pr("merge", "1")
    assert queued.returncode == 0, queued.stderr
    (entry,) = sandbox.repository.queue
    sandbox.control("PUT", f"checks/{entry.group_sha}/test", {"conclusion": "success"})
    assert sandbox.request("GET", "pulls/1", token=sandbox.user_token).json()["merged"]
