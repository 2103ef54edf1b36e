"""Points 39 to 44: from the job's ID token to an access token of Google."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from support.faults.flows import Flow
from support.faults.invariants import broken_in_run
from support.faults.meanwhile import run_while
from support.faults.modes import EVER
from support.faults.points import play, play_refusal
from support.faults.trial import observe, try_anything
from support.sandbox.private_index import served

ID_TOKEN, EXCHANGE, IMPERSONATION = "^/oidc/token$", "^/sts/", "^/iam-credentials/"
SERVER_ERRORS = (500, 502, 503, 504)
IMPERSONATORS = "google/service-accounts/dev/impersonators"
NOT_BOUND = json.dumps(
    {
        "error": {
            "code": 403,
            "message": "Permission 'iam.serviceAccounts.getAccessToken' denied on resource "
            "(or it may not exist).",
            "status": "PERMISSION_DENIED",
        }
    }
)


@pytest.mark.parametrize("status", SERVER_ERRORS)
def test_point_39_oidc_5xx(publish_flow: Flow, status: int) -> None:
    fault = {"path": ID_TOKEN, "status": status}
    assert play(publish_flow, [fault]) == []


def test_point_39_oidc_stays_away(publish_flow: Flow) -> None:
    fault = {"path": ID_TOKEN, "status": 503, "times": EVER}
    says = ("HTTP 503", "a rerun is safe")
    assert play(publish_flow, [fault], exit_status=3, says=says) == []


@pytest.mark.parametrize("connection", ["silent", "drip"])
def test_point_39_oidc_timeout(publish_flow: Flow, connection: str) -> None:
    assert play(publish_flow, [{"path": ID_TOKEN, "connection": connection}]) == []


def test_point_39_no_permission(publish_flow: Flow) -> None:
    says = ("This job cannot ask for an ID token", "`id-token: write`")
    no_permission = {"contents": "read"}
    assert play_refusal(publish_flow, lambda: None, says=says, permissions=no_permission) == []
    assert play(publish_flow, exit_status=1, permissions=no_permission) == []


@pytest.mark.parametrize("path", [EXCHANGE, "/mint-token$"], ids=["Google", "PyPI"])
def test_point_40_jwt_expired_before_the_exchange(publish_flow: Flow, path: str) -> None:
    """It lasts five minutes, and the request was held up for six."""
    clock = publish_flow.sandbox.world.clock

    def expired() -> Iterator[str]:
        run = observe(publish_flow, lambda: run_while(publish_flow, path, lambda: clock.skip(360)))
        yield from broken_in_run(run, publish_flow.goal)
        message = run.result.annotations[-1].message
        if run.result.exit_status != 1 or "Fix: run the job again" not in message:
            yield f"exit {run.result.exit_status}: {message}"
        if "expired" not in message:
            yield f"it does not say that the token expired: {message}"

    assert try_anything(publish_flow, expired) == []


def test_point_41_sts_resets_five_times_in_30_seconds(publish_flow: Flow) -> None:
    fault = {"path": EXCHANGE, "connection": "reset", "times": 5}
    assert play(publish_flow, [fault], told_seconds=30) == []


CONDITION = {"attribute_condition": "assertion.repository_id == '1'"}


def test_point_42_sts_refuses(publish_flow: Flow) -> None:
    """Before anything is uploaded anywhere; a correction is all that a rerun needs."""

    def refuse() -> None:
        publish_flow.sandbox.control("PATCH", "google/providers/dev", CONDITION)

    says = ("Google refused the ID token: unauthorized_client", "attribute condition is not true")
    assert play_refusal(publish_flow, refuse, says=says) == []
    correct = publish_flow.sandbox.world.google.set_up
    assert play(publish_flow, before=refuse, after=correct, exit_status=1, says=says) == []


def bind(flow: Flow, **described: Any) -> None:
    """Bind the job to the service account anew."""
    environment = flow.sandbox.world.environments[0]
    account = flow.sandbox.world.google.accounts[environment.service_account]
    flow.sandbox.control("PUT", IMPERSONATORS, {"members": []})
    body = {"members": sorted(account.impersonators), **described}
    flow.sandbox.control("PUT", IMPERSONATORS, body)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"<title>gest\xf6rt</title>", "Google refused the ID token: unknown"),
        (b"[" * 100_000, "Google refused the ID token: unknown"),
        (
            b'{"error": {"code": 403, "message": "It is off.", "status": "PERMISSION_DENIED"}}',
            "Google refused the ID token: PERMISSION_DENIED: It is off.",
        ),
    ],
    ids=["a page that is no UTF-8", "depth", "the error of another service"],
)
def test_point_42_sts_refuses_in_another_form(publish_flow: Flow, body: bytes, says: str) -> None:
    def application(_: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("403 Forbidden", [("Content-Type", "text/html")])
        return [body]

    with served(application) as url:
        environ = {"DIST_ACTIONS_STS_URL": url}
        assert play(publish_flow, exit_status=1, says=[says], environ=environ) == []


def test_point_43_403_for_90_seconds_while_bindings_propagate(publish_flow: Flow) -> None:
    says = ("A new binding takes a while; next try in 5 s",)
    before = lambda: bind(publish_flow, effective_after_seconds=90)  # noqa: E731
    assert play(publish_flow, before=before, says=says, told_seconds=90) == []


def test_point_43_no_binding_comes(publish_flow: Flow) -> None:
    """It is told in less than two minutes."""

    def unbind() -> None:
        publish_flow.sandbox.control("PUT", IMPERSONATORS, {"members": []})

    says = ("gcloud iam service-accounts add-iam-policy-binding",)
    correct = publish_flow.sandbox.world.google.set_up
    assert play(publish_flow, before=unbind, after=correct, exit_status=1, says=says) == []
    unbind()
    assert observe(publish_flow, publish_flow.run).waited_seconds <= 120


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 403, "body": NOT_BOUND},
        {"status": 429, "headers": {"retry-after": "20"}},
        {"status": 503},
    ],
    ids=["403", "429", "503"],
)
def test_point_44_impersonation(publish_flow: Flow, fault: dict[str, Any]) -> None:
    told_seconds = 20 if fault["status"] == 429 else 0
    assert play(publish_flow, [{"path": IMPERSONATION, **fault}], told_seconds=told_seconds) == []


@pytest.mark.parametrize(
    ("fault", "exit_status"),
    [
        ({"status": 403, "body": NOT_BOUND}, 1),
        ({"status": 429, "headers": {"retry-after": "3600"}}, 3),
        ({"status": 503}, 3),
    ],
    ids=["403", "429", "503"],
)
def test_point_44_impersonation_for_ever(
    publish_flow: Flow, fault: dict[str, Any], exit_status: int
) -> None:
    lasting = {"path": IMPERSONATION, "times": EVER, **fault}
    assert play(publish_flow, [lasting], exit_status=exit_status) == []
