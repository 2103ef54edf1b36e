"""What stands in the way of GitHub is named: a certificate, a proxy, a host."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from dist_sandbox.server.running import serving
from support.projects.checkouts import ProjectCheckout
from support.sandbox.fixtures import Sandbox
from support.sandbox.loopback_tls import make_trust
from support.stages.running import StageRunner, app_inputs

NO_BUNDLE = {"SSL_CERT_FILE": "", "REQUESTS_CA_BUNDLE": "", "CURL_CA_BUNDLE": ""}


@pytest.fixture
def secure_github(sandbox: Sandbox, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The sandbox's GitHub over https, as variables of a job, with the authority's file."""
    trust = make_trust(tmp_path / "tls")
    with socket.create_server(("127.0.0.1", 0), backlog=16) as listener:
        port = listener.getsockname()[1]
        with serving(sandbox.credentials, "127.0.0.1", listener, tls=trust.server):
            yield {
                **NO_BUNDLE,
                "GITHUB_API_URL": f"https://127.0.0.1:{port}/api/v3",
                "SSL_CERT_FILE": str(trust.authority),
            }


def test_an_own_authority_is_trusted(
    package: ProjectCheckout,
    sandbox: Sandbox,
    run_stage: StageRunner,
    secure_github: dict[str, str],
) -> None:
    result = run_stage(
        "auto-tag", app_inputs(sandbox), workspace=package.folder, environ=secure_github
    )
    assert (result.exit_status, result.outputs["reason"]) == (0, "created"), result.log


def test_an_unknown_authority_is_told_at_once(
    package: ProjectCheckout,
    sandbox: Sandbox,
    run_stage: StageRunner,
    secure_github: dict[str, str],
) -> None:
    environ = {**secure_github, "SSL_CERT_FILE": ""}
    result = run_stage("auto-tag", app_inputs(sandbox), workspace=package.folder, environ=environ)
    assert result.exit_status == 1
    assert "The certificate of 127.0.0.1:" in result.annotation.message
    assert "next try" not in result.log


@pytest.mark.parametrize("number", range(5))
def test_a_proxy_that_wants_a_password_is_told(
    package: ProjectCheckout, sandbox: Sandbox, run_stage: StageRunner, number: int
) -> None:
    sandbox.control("POST", "faults", {"status": 407, "skip": number, "times": 1})
    result = run_stage("auto-tag", app_inputs(sandbox), workspace=package.folder)
    assert result.exit_status == 1
    assert "wants a password (HTTP 407)" in result.annotation.message
    assert "next try" not in result.log


def test_a_host_that_is_not_found_is_told_soon(
    package: ProjectCheckout, sandbox: Sandbox, run_stage: StageRunner
) -> None:
    environ = {"GITHUB_API_URL": "https://github.example.invalid/api/v3"}
    result = run_stage("auto-tag", app_inputs(sandbox), workspace=package.folder, environ=environ)
    assert result.exit_status == 3
    assert "the host github.example.invalid is not found" in result.annotation.message
    assert result.log.count("next try") == 1


def test_a_bundle_that_is_not_there_is_a_bad_input(
    package: ProjectCheckout, sandbox: Sandbox, run_stage: StageRunner
) -> None:
    environ = {**NO_BUNDLE, "SSL_CERT_FILE": "/github/workspace/authorities.pem"}
    result = run_stage("auto-tag", app_inputs(sandbox), workspace=package.folder, environ=environ)
    assert (result.exit_status, result.requests) == (2, ())
    assert "which is not there" in result.annotation.message
