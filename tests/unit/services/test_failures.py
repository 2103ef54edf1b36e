"""What stands in the way of a service, behind the errors of libraries that speak HTTP alone."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import urllib3

from dist_actions.errors import NetworkError
from dist_actions.services.failures import UnreachableError, explain_certificate, find_obstacle
from support.closed_port import CLOSED_PORT
from support.sandbox.loopback_tls import make_trust
from support.sandbox.private_index import served


def silent(_: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    start_response("200 OK", [])
    return [b""]


def failure_at(url: str) -> Exception:
    """What a library makes of a request that fails, wrapped as others wrap it."""
    with urllib3.PoolManager(retries=False) as pools:
        try:
            pools.request("GET", url, retries=urllib3.Retry(0))
        except urllib3.exceptions.MaxRetryError as error:
            wrapped = RuntimeError("cannot refresh")
            wrapped.__cause__ = error
            return wrapped
    raise AssertionError("there is an answer")


def test_an_unknown_authority_is_found_behind_a_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    with served(silent, make_trust(tmp_path / "tls").server) as url:
        obstacle = find_obstacle(failure_at(url))
    assert isinstance(obstacle, NetworkError)
    assert obstacle.what.startswith("The certificate of 127.0.0.1 is not accepted")


def test_a_host_that_is_not_found_is_found_behind_a_library() -> None:
    obstacle = find_obstacle(failure_at("https://trust.example.invalid/"))
    assert isinstance(obstacle, UnreachableError)
    assert obstacle.transient.reason == "the host trust.example.invalid is not found"


def test_another_failure_is_no_obstacle() -> None:
    assert find_obstacle(failure_at(f"http://{CLOSED_PORT}/")) is None
    assert find_obstacle(ValueError("no request")) is None


@pytest.mark.parametrize(
    ("reason", "code", "fix"),
    [
        ("certificate has expired", 0, "ask whoever runs the server to renew it"),
        ("certificate is not yet valid", 9, "ask whoever runs the server to renew it"),
        ("certificate subject name does not match", 0, "correct the address"),
        ("self-signed certificate in certificate chain", 19, "set SSL_CERT_FILE"),
        ("server certificate verification failed", 0, "set SSL_CERT_FILE"),
    ],
)
def test_what_is_wrong_with_a_certificate_is_told_apart(reason: str, code: int, fix: str) -> None:
    error = explain_certificate("index.example.com", reason, code)
    assert error.what == f"The certificate of index.example.com is not accepted: {reason}."
    assert error.fix.startswith(fix)
