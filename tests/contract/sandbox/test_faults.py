"""Faults happen to the requests that they were asked for, and to no others."""

import time

import pytest
import requests

from support.sandbox.fixtures import Sandbox


def test_a_fault_replaces_an_answer_and_leaves_the_others(sandbox: Sandbox) -> None:
    body = {"path": "/git/matching-refs/", "skip": 1, "times": 2, "status": 502, "body": "<html>"}
    sandbox.control("POST", "faults", body)

    statuses = [_read(sandbox).status_code for _ in range(5)]

    assert statuses == [200, 502, 502, 200, 200]
    assert sandbox.control("GET", "faults") == []


def test_headers_are_those_asked_for(sandbox: Sandbox) -> None:
    sandbox.control("POST", "faults", {"status": 429, "headers": {"retry-after": "3"}})

    assert _read(sandbox).headers["Retry-After"] == "3"


@pytest.mark.parametrize("applied", [False, True])
def test_a_dropped_request_is_served_only_where_asked(sandbox: Sandbox, applied: bool) -> None:
    sandbox.control("POST", "faults", {"connection": "reset", "applied": applied})

    with pytest.raises(requests.ConnectionError):
        _make_ref(sandbox)

    assert (sandbox.repository.git.tag("v1") is not None) is applied
    logged = sandbox.control("GET", "requests")[-1]
    assert (logged["status"], logged["changed"]) == (0, applied)


def test_an_answer_is_cut_in_the_middle(sandbox: Sandbox) -> None:
    sandbox.control("POST", "faults", {"connection": "cut"})

    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        _read(sandbox)

    assert _read(sandbox).status_code == 200


def test_a_delayed_request_is_served(sandbox: Sandbox) -> None:
    sandbox.control("POST", "faults", {"delay_seconds": 0.2})
    started = time.monotonic()

    assert _read(sandbox).status_code == 200
    assert time.monotonic() - started >= 0.2


def test_cleared_faults_do_not_happen(sandbox: Sandbox) -> None:
    sandbox.control("POST", "faults", {"status": 500, "times": 9})
    sandbox.control("DELETE", "faults")

    assert _read(sandbox).status_code == 200


@pytest.mark.parametrize(
    "body",
    [[], {"colour": 1}, {"status": "502"}, {"connection": "slow"}, {"path": "("}],
    ids=["no object", "unknown name", "wrong type", "unknown value", "no expression"],
)
def test_an_unusable_fault_is_refused(sandbox: Sandbox, body: object) -> None:
    assert sandbox.ask_control("POST", "faults", body).status_code == 422


def _read(sandbox: Sandbox) -> requests.Response:
    return sandbox.request("GET", "git/matching-refs/heads/", token=sandbox.user_token)


def _make_ref(sandbox: Sandbox) -> requests.Response:
    body = {"ref": "refs/tags/v1", "sha": sandbox.branch_sha("dev")}
    return sandbox.request("POST", "git/refs", token=sandbox.user_token, json=body)
