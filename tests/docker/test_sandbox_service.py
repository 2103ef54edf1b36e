"""The sandbox as a service in a container, used from the host as any client would."""

import base64
import json
import os
import subprocess
import urllib.request
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.docker


def test_the_service_answers_on_the_address_of_its_ready_file(
    sandbox_service: dict[str, Any],
) -> None:
    requests_url = f"{sandbox_service['github_server_url']}/_sandbox/requests"
    request = urllib.request.Request(requests_url)
    request.add_header("Authorization", f"Bearer {sandbox_service['control_token']}")
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200
        json.load(answer)


def test_paths_in_the_ready_file_hold_on_the_host(sandbox_service: dict[str, Any]) -> None:
    for app in sandbox_service["apps"]:
        assert "PRIVATE KEY" in Path(app["private_key_file"]).read_text()


def test_git_reads_from_the_service(sandbox_service: dict[str, Any], tmp_path: Path) -> None:
    login = base64.b64encode(f"x-access-token:{sandbox_service['job_token']}".encode()).decode()
    done = subprocess.run(
        ["git", "ls-remote", "--symref", sandbox_service["git_url"], "HEAD"],
        cwd=tmp_path,
        env={
            **os.environ,
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "http.extraHeader",
            "GIT_CONFIG_VALUE_0": f"Authorization: Basic {login}",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
