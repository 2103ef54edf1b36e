"""The control interface, and `dist-sandbox serve` as a process."""

import hashlib
import json
import os
import shlex
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

import dist_sandbox
from support.sandbox.fixtures import Sandbox, git

_KEYS = {
    "github_api_url",
    "github_graphql_url",
    "github_server_url",
    "pypi_url",
    "testpypi_url",
    "runner_url",
    "artifacts_url",
    "repository",
    "repositories",
    "git_url",
    "job_token",
    "apps",
    "oidc_request_url",
    "oidc_request_token",
    "service_variables",
    "sts_url",
    "iam_credentials_url",
    "environments",
    "users",
    "control_url",
    "control_token",
    "gateway_variables",
}


def test_job_has_identity_only_with_the_permission(sandbox: Sandbox) -> None:
    plain, trusted = sandbox.job({}), sandbox.job({"id-token": "write"})
    assert plain["oidc_request_url"] is None
    assert plain["oidc_request_token"] is None
    assert "?" in trusted["oidc_request_url"]
    assert trusted["oidc_request_token"]


@pytest.mark.parametrize(
    "change",
    [{"permissions": None}, {"permissions": {"contents": "all"}}, {"run_id": "x"}, {"ref": 1}],
)
def test_badly_described_job_is_refused(sandbox: Sandbox, change: dict[str, Any]) -> None:
    good = {
        "workflow": "a.yml",
        "name": "a",
        "run_id": 1,
        "event_name": "push",
        "ref": "refs/heads/dev",
        "sha": "0" * 40,
        "actor": "developer",
        "permissions": {},
    }
    assert sandbox.ask_control("POST", "jobs", good).status_code == 201
    assert sandbox.ask_control("POST", "jobs", {**good, **change}).status_code == 422


def test_log_numbers_requests_and_tells_who_changed_what(sandbox: Sandbox) -> None:
    token, job = sandbox.installation_token(), sandbox.job({"contents": "read"})
    sandbox.control("DELETE", "requests")
    body = {"ref": "refs/tags/v1", "sha": sandbox.branch_sha("dev")}
    sandbox.request("GET", "releases?page=1", token=job["token"])
    sandbox.request("POST", "git/refs", token=token, json=body)
    sandbox.request("POST", "git/refs", token=token, json=body)
    sandbox.request("GET", "releases")
    shown = [
        (one["number"], one["method"], one["principal"], one["status"], one["changed"])
        for one in sandbox.control("GET", "requests")
    ]
    assert shown == [
        (1, "GET", "job:release.yml/publish", 200, False),
        (2, "POST", "app:automation-bot", 201, True),
        (3, "POST", "app:automation-bot", 422, False),
        (4, "GET", "", 404, False),
    ]
    first = sandbox.control("GET", "requests")[0]
    assert (first["service"], first["query"]) == ("github", "page=1")
    sandbox.control("DELETE", "requests")
    assert sandbox.control("GET", "requests") == []


def test_latency_is_waited_by_services_only(sandbox: Sandbox) -> None:
    sandbox.control("POST", "latency", {"seconds": 0.3})
    started = time.monotonic()
    sandbox.control("GET", "requests")
    assert time.monotonic() - started < 0.3
    sandbox.request("GET", "", token=sandbox.user_token)
    assert sandbox.control("GET", "requests")[-1]["seconds"] >= 0.3


def test_artifacts_are_kept_once(sandbox: Sandbox) -> None:
    url, content = f"{sandbox.world.addresses.base}/_runner/artifacts/7", b"PK zip"
    digest, token = hashlib.sha256(content).hexdigest(), _begin_run(sandbox)

    def send(method: str, path: str = "", data: bytes | None = None) -> requests.Response:
        headers = {"Content-Type": "application/zip"}
        return sandbox.request(method, f"{url}{path}", token=token, data=data, headers=headers)

    assert send("GET").json() == {"artifacts": []}
    assert send("PUT", "/dist", content).status_code == 201
    assert send("PUT", "/dist", b"other").status_code == 409
    assert send("GET", "/dist").content == content
    assert send("GET", "/gone").status_code == 404
    assert send("PUT", "/..", content).status_code in (401, 404, 405, 422)
    assert send("GET").json()["artifacts"] == [
        {"name": "dist", "sha256": digest, "size": len(content)}
    ]


def test_a_runs_token_opens_that_run_alone_and_ends_with_it(sandbox: Sandbox) -> None:
    base, token = f"{sandbox.world.addresses.base}/_runner", _begin_run(sandbox)
    other = _begin_run(sandbox, 8)
    for wrong in (None, other, sandbox.user_token, sandbox.world.control_token, token + "x"):
        assert sandbox.request("GET", f"{base}/artifacts/7", token=wrong).status_code == 401
    assert sandbox.request("GET", f"{base}/artifacts/7", token=token).status_code == 200
    assert sandbox.request("GET", f"{base}/artifacts/9", token=token).status_code == 401
    control = f"{sandbox.world.addresses.control}/requests"
    assert sandbox.request("GET", control, token=token).status_code == 401
    sandbox.control("PATCH", "runs/7", {"conclusion": "success"})
    assert sandbox.request("GET", f"{base}/artifacts/7", token=token).status_code == 401


def _begin_run(sandbox: Sandbox, number: int = 7) -> str:
    """Begin a workflow run; returns the token of its jobs."""
    run = {"path": "w.yml", "event": "push", "ref": "refs/tags/v1", "sha": "1" * 40}
    begun = sandbox.control("PUT", f"runs/{number}", {**run, "actor": "developer"})
    return str(begun["runtime_token"])


def test_public_description_holds_no_credential(sandbox: Sandbox) -> None:
    shown = json.dumps(sandbox.control("GET", "ready"))
    assert not any(secret in shown for secret in _secrets(sandbox.ready))
    assert "private_key" not in shown


def test_serve_runs_until_it_is_told_to_stop(tmp_path: Path) -> None:
    project = tmp_path / "my-project"
    project.mkdir()
    (project / "pyproject.toml").write_text("[project]\n")
    ready_file = tmp_path / "ready.json"
    options = ["--project", str(project), "--latency", "0.01", "--repository", "web"]
    with _serving(tmp_path, ready_file, options) as process:
        ready = json.loads(ready_file.read_text())
        assert ready.keys() == _KEYS
        assert stat.S_IMODE(ready_file.stat().st_mode) == 0o600
        assert ready["repository"] == "eigenoid/my-project"
        names = [row["repository"] for row in ready["repositories"]]
        assert names == ["eigenoid/my-project", "eigenoid/web"]
        keys = [Path(app["private_key_file"]) for app in ready["apps"]]
        assert [stat.S_IMODE(key.stat().st_mode) for key in keys] == [0o600, 0o600]
        url = ready["git_url"].replace("://", f"://x:{ready['users'][0]['token']}@")
        git("clone", "-q", "-b", "dev", url, "clone", cwd=tmp_path)
        log = git("log", "--format=%an %s", cwd=tmp_path / "clone").stdout.splitlines()
        assert log == ["Dev Eloper Add my-project", "Dev Eloper Initial commit"]
        branches = git("branch", "-r", "--format=%(refname:short)", cwd=tmp_path / "clone").stdout
        assert {"origin/main", "origin/qa", "origin/dev"} <= set(branches.split())
        assert (tmp_path / "clone" / "pyproject.toml").is_file()
        bearer = {"Authorization": f"Bearer {ready['control_token']}"}
        events_url = f"{ready['control_url']}/events"
        events = requests.get(events_url, headers=bearer, timeout=10).json()
        assert events == []
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=10)
    assert process.returncode == 0
    assert not any(secret in output for secret in _secrets(ready))
    assert not ready_file.exists()


def test_serve_keeps_its_state_over_a_restart(tmp_path: Path) -> None:
    ready_file = tmp_path / "ready.json"
    shas = []
    for _ in range(2):
        with _serving(tmp_path, ready_file, []) as process:
            ready = json.loads(ready_file.read_text())
            token = ready["users"][0]["token"]
            url = ready["git_url"].replace("://", f"://x:{token}@")
            shas.append(git("ls-remote", url, "refs/heads/dev", cwd=tmp_path).stdout)
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=10)
    assert shas[0] == shas[1]


def test_serve_with_a_gateway_says_how_clients_use_it(tmp_path: Path) -> None:
    ready_file = tmp_path / "ready.json"
    with _serving(tmp_path, ready_file, ["--gateway"]) as process:
        ready = json.loads(ready_file.read_text())
        process.send_signal(signal.SIGINT)
        output = process.communicate(timeout=10)[0]
    assert ready["github_api_url"] == "https://api.github.com"
    exported = dict(
        shlex.split(line)[1].split("=", 1)
        for line in output.splitlines()
        if line.startswith("export ")
    )
    assert exported == ready["gateway_variables"]
    assert exported["HTTPS_PROXY"].startswith("http://127.0.0.1:")


def test_serve_names_a_project_that_is_missing(tmp_path: Path) -> None:
    done = subprocess.run(
        _command(tmp_path, tmp_path / "ready.json", ["--project", str(tmp_path / "gone")]),
        capture_output=True,
        text=True,
        check=False,
        env=_environ(),
    )
    assert done.returncode == 2
    assert "There is no folder" in done.stderr
    assert "Traceback" not in done.stderr


@contextmanager
def _serving(
    tmp_path: Path, ready_file: Path, options: list[str]
) -> "Iterator[subprocess.Popen[str]]":
    process = subprocess.Popen(
        _command(tmp_path, ready_file, options),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=_environ(),
    )
    try:
        deadline = time.monotonic() + 30
        while not ready_file.exists() and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


def _command(tmp_path: Path, ready_file: Path, options: list[str]) -> list[str]:
    state = str(tmp_path / "state")
    return [
        *(sys.executable, "-m", "dist_sandbox.cli", "serve", "--state", state),
        *("--ready-file", str(ready_file), *options),
    ]


def _environ() -> dict[str, str]:
    source = str(Path(dist_sandbox.__file__).parent.parent)
    return {"PATH": os.environ["PATH"], "PYTHONPATH": source}


def _secrets(ready: dict[str, Any]) -> list[str]:
    own = [ready["control_token"], ready["job_token"], ready["oidc_request_token"]]
    return [*own, ready["users"][0]["token"]]
