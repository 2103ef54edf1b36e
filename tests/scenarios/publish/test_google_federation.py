"""How a job becomes known to Google Cloud: which hosts and which requests, and no others."""

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from dist_actions.errors import IdentityError
from dist_actions.identity.google import Federation
from dist_actions.identity.secret import Secret
from dist_actions.job.endpoints import GoogleEndpoints
from dist_actions.services.clock import SystemClock
from dist_actions.services.google.tokens import mint_access_token
from dist_actions.services.http import HttpClient
from dist_actions.services.retries import Retries
from dist_actions.services.runner import Runner
from support.projects.releases import PUBLISHING
from support.sandbox.fixtures import Sandbox

_listening: list[list[str]] = []


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    """Hooks stay for the process's whole life, so there is one, which is silent by itself."""
    if _listening and event in {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname"}:
        address = arguments[1] if event == "socket.connect" else arguments
        _listening[-1].append(str(address[0]) if isinstance(address, tuple) else str(address))


@contextmanager
def hosts_that_are_contacted() -> Iterator[list[str]]:
    if not getattr(sys, "_dist_actions_audited", False):
        sys.addaudithook(_audit)
        sys._dist_actions_audited = True  # type: ignore[attr-defined]
    _listening.append([])
    try:
        yield _listening[-1]
    finally:
        _listening.pop()


def mint(sandbox: Sandbox, *, service_account: bool = True, environment: str = "dev") -> Secret:
    dev, addresses = sandbox.world.environments[0], sandbox.world.addresses
    job = sandbox.job(PUBLISHING, ref="refs/tags/v0.1.0-dev")
    environ = {
        "ACTIONS_ID_TOKEN_REQUEST_URL": f"{job['oidc_request_url']}&environment={environment}",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": job["oidc_request_token"],
    }
    account = dev.service_account if service_account else ""
    return mint_access_token(
        Federation(dev.workload_identity_provider, account),
        GoogleEndpoints(addresses.sts, addresses.iam_credentials, addresses.artifact_registry),
        environ,
        HttpClient(Retries(SystemClock(), print)),
        Runner(io.StringIO()),
    ).secret


@pytest.mark.parametrize("service_account", [True, False])
def test_only_the_given_addresses_are_contacted(sandbox: Sandbox, service_account: bool) -> None:
    with hosts_that_are_contacted() as hosts:
        token = mint(sandbox, service_account=service_account)
    assert token
    assert set(hosts) == {"127.0.0.1"}
    asked = [
        request.path.split("/")[1]
        for request in sandbox.world.requests.since()
        if "well-known" not in request.path
    ]
    assert asked == ["oidc", "sts", *(["iam-credentials"] if service_account else [])]


def test_a_machines_proxy_for_credentials_does_not_change_them(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    """Neither a credentials file nor a .netrc of the runner gets into the exchange."""
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login x password y\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "missing.json"))
    assert mint(sandbox)


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        pytest.param({"enabled": False}, "it or its pool is disabled", id="disabled"),
        pytest.param(
            {"issuer_uri": "https://token.example.com"}, "--issuer-uri=", id="another issuer"
        ),
        pytest.param(
            {"allowed_audiences": ["https://other.example.com"]},
            "--allowed-audiences",
            id="another audience",
        ),
        pytest.param(
            {
                "attribute_mapping": {
                    "google.subject": "assertion.sub + assertion.sub + assertion.sub"
                }
            },
            "shorten the tag",
            id="a long subject",
        ),
    ],
)
def test_a_provider_that_does_not_fit_is_told(
    sandbox: Sandbox, setting: dict[str, Any], said: str
) -> None:
    sandbox.control("PATCH", "google/providers/dev", setting)
    with pytest.raises(IdentityError) as raised:
        mint(sandbox)
    assert said in str(raised.value)


def test_another_environment_is_refused_with_its_claims(sandbox: Sandbox) -> None:
    with pytest.raises(IdentityError) as raised:
        mint(sandbox, environment="qa")
    assert "environment=qa" in str(raised.value)
    assert "ey" + "J" not in str(raised.value), "no token is shown"
