"""`dist-sandbox serve` refuses what the system refuses, and options without effect."""

import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from dist_sandbox.server.running import SandboxSettings, running


def serve(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "dist_sandbox.cli", "serve"]
    files = ["--state", str(folder / "state"), "--ready-file", str(folder / "ready.json")]
    return subprocess.run(
        [*command, *files, *arguments], capture_output=True, text=True, check=False
    )


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        refused = serve(tmp_path, "--port", str(listener.getsockname()[1]))
    assert refused.returncode == 1
    assert refused.stderr.startswith("dist-sandbox: The sandbox cannot start: ")
    assert "--port" in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["--port", "99999"], 2, "'99999' is no port"),
        (["--port", "x"], 2, "'x' is no port"),
        (["--latency", "-1"], 2, "'-1' is no number of seconds"),
        (["--latency", "nan"], 2, "'nan' is no number of seconds"),
        (["--allow-host", "a.example"], 2, "--allow-host has no effect without --gateway."),
        (["--gateway", "--allow-host", "https://a.example"], 2, "is not the name of a host."),
        (["--repository", "a/b"], 2, "--repository 'a/b' cannot be used."),
        (["--repository", "B", "--repository", "b"], 2, "one of this name already"),
        (["--public-url", "sandbox"], 2, "it is scheme, host and port alone."),
        (["--host", "999.1.1.1"], 1, "The sandbox cannot start"),
        (["--state", "/dev/null/state"], 1, "The sandbox cannot start"),
    ],
)
def test_what_cannot_be_served_is_refused(
    tmp_path: Path, arguments: Sequence[str], status: int, words: str
) -> None:
    refused = serve(tmp_path, *arguments)
    assert (refused.returncode, words in refused.stderr) == (status, True), refused.stderr
    assert "Traceback" not in refused.stderr


def test_two_sandboxes_do_not_share_a_state(tmp_path: Path) -> None:
    with running(SandboxSettings(state=tmp_path / "state")):
        refused = serve(tmp_path)
    assert refused.returncode == 2
    assert refused.stderr.startswith(f"dist-sandbox: A sandbox runs in {tmp_path / 'state'} alr")
    assert "\nWhy: " in refused.stderr
    assert "\nFix: stop that one" in refused.stderr
