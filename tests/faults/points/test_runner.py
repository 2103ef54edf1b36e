"""Points 66 to 71: a run's machine, clock and network, and who ends or repeats it."""

import itertools
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from support.closed_port import CLOSED_PORT
from support.faults.flows import Flow
from support.faults.kills import try_termination
from support.faults.modes import EVER
from support.faults.points import play
from support.faults.trial import observe
from support.faults.turns import try_interleaving
from support.faults.worlds import FLOWS

Shared = Callable[[str], Flow]

#: One flow of each stage, and of these one with each client: GitHub's, and that of other services.
STAGES = ("auto-tag", "release", "pypi", "promote direct")
CLIENTS = ("auto-tag", "pypi")
#: In one round, one of so many requests of a flow is the one at which a run is cancelled.
CANCELLED = 3
CLOSED = f"http://{CLOSED_PORT}"
#: Requests of the run itself, without those of git.
OURS = r"^/(?!oidc/\.well-known|.*\.git/)"
NO_HOST = "https://nobody.example.invalid"


@pytest.mark.parametrize(
    ("file", "says"),
    [
        ("/dev/full", "No space left on device"),
        ("/nonexistent/folder/file", "No such file or directory"),
        ("/", "Is a directory"),
    ],
    ids=["disk full", "missing", "a folder"],
)
@pytest.mark.parametrize("name", STAGES)
def test_point_66_output_file_not_writable_or_disk_full(
    shared_flow: Shared, name: str, file: str, says: str
) -> None:
    """What was done stays done, and the failure is told once."""
    output, summary = "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"
    alone = [(output,), (summary,)] if file == "/dev/full" else []
    for variables in (*alone, (output, summary)):
        environ = dict.fromkeys(variables, file)
        broken = play(shared_flow(name), exit_status=1, says=[says], environ=environ)
        assert broken == [], variables


@pytest.mark.parametrize("name", FLOWS)
def test_point_67_sigterm_at_each_request(
    shared_flow: Shared, name: str, rounds: int, note: Callable[..., None]
) -> None:
    """It comes while a request is under way, served or not, that is never answered."""
    flow = shared_flow(name)
    broken = []
    step = CANCELLED if rounds == 1 else 1
    for number, request in itertools.islice(enumerate(flow.requests), 0, None, step):
        case = f"cancelled at {number}, {request.method} {request.path}"
        problems = try_termination(flow, number, after=number % 2 == 1)
        broken += [f"{case}: {text}" for text in problems]
        note(kind="cancellation", flow=name, request=number, broken=bool(problems))
    assert not broken, "\n\n".join(broken)


@pytest.mark.parametrize("attempt", ["1", "2"], ids=["a new run", "re-run jobs"])
@pytest.mark.parametrize("name", STAGES)
def test_point_68_kinds_of_rerun(shared_flow: Shared, name: str, attempt: str) -> None:
    flow = shared_flow(name)
    flow.before.restore()
    assert observe(flow, flow.run).standing == flow.goal
    again = observe(flow, lambda: flow.run({"GITHUB_RUN_ATTEMPT": attempt}))
    assert (again.result.exit_status, again.result.changes) == (0, ()), again.result.log
    assert again.standing == flow.goal


def test_point_68_rerun_of_all_jobs_that_builds_other_bytes(shared_flow: Shared) -> None:
    """`Re-run all jobs` builds anew; `Re-run failed jobs` keeps the files, and finishes."""
    flow = shared_flow("release")
    flow.before.restore()
    assert flow.run().exit_status == 0
    flow.project.build("the same commit, built to other bytes")
    again = observe(flow, flow.run)
    flow.project.build()
    assert (again.result.exit_status, again.result.changes) == (1, ()), again.result.log
    assert "`Re-run failed jobs`" in again.result.annotations[-1].message
    assert again.standing == flow.goal
    assert flow.run().changes == ()


@pytest.mark.parametrize("name", STAGES)
def test_point_68_two_at_once(shared_flow: Shared, name: str) -> None:
    flow = shared_flow(name)
    for seed in (11, 12):
        assert try_interleaving(flow, 2, seed) == [], seed


HOSTS = {
    "auto-tag": ("GITHUB_API_URL",),
    "release": ("GITHUB_API_URL", "ACTIONS_ID_TOKEN_REQUEST_URL"),
    "pypi": (
        "ACTIONS_ID_TOKEN_REQUEST_URL",
        "DIST_ACTIONS_STS_URL",
        "DIST_ACTIONS_IAM_CREDENTIALS_URL",
        "DIST_ACTIONS_ARTIFACT_REGISTRY_URL",
        "DIST_ACTIONS_ARTIFACT_REGISTRY_API_URL",
        "DIST_ACTIONS_PYPI_URL",
    ),
    "promote direct": ("GITHUB_API_URL", "GITHUB_SERVER_URL"),
}


@pytest.mark.parametrize("address", [CLOSED, NO_HOST], ids=["refused", "not resolved"])
@pytest.mark.parametrize(
    ("name", "variable"), [(name, variable) for name in HOSTS for variable in HOSTS[name]]
)
def test_point_69_no_network_to_one_host(
    shared_flow: Shared, name: str, variable: str, address: str
) -> None:
    """The host is named; nothing is made on those that answer."""
    flow, host = shared_flow(name), address.split("/")[2]
    says = [host]
    assert play(flow, exit_status=3, says=says, environ={variable: address}) == []


SECONDARY = json.dumps({"message": "You have exceeded a secondary rate limit. Please wait."})
SILLY: dict[str, Mapping[str, str]] = {
    "negative": {"retry-after": "-5"},
    "words": {"retry-after": "soon"},
    "exponent": {"retry-after": "1e9"},
    "empty": {"retry-after": ""},
    "past": {"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"},
    "no zone": {"retry-after": "Wed, 21 Oct 2099 07:28:00"},
    "reset in words": {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "later"},
    "reset in the past": {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1"},
    "no length": {"content-length": "0"},
}


@pytest.mark.parametrize("headers", list(SILLY.values()), ids=list(SILLY))
@pytest.mark.parametrize("name", CLIENTS)
def test_point_70_silly_headers(shared_flow: Shared, name: str, headers: Mapping[str, str]) -> None:
    """They count as if they were not there; those of limits are GitHub's alone."""
    status = 403 if "x-ratelimit-reset" in headers and name == "auto-tag" else 429
    fault = {"status": status, "body": SECONDARY, "headers": dict(headers)}
    assert play(shared_flow(name), [{"path": OURS, **fault}]) == []


@pytest.mark.parametrize(
    "seconds", ["301", "86400", "999999999999", "Wed, 21 Oct 2099 07:28:00 GMT"]
)
@pytest.mark.parametrize("name", CLIENTS)
def test_point_70_a_wait_that_is_too_long_is_not_begun(
    shared_flow: Shared, name: str, seconds: str
) -> None:
    flow = shared_flow(name)
    fault = {"status": 429, "headers": {"retry-after": seconds}, "body": SECONDARY}
    lasting = {"path": OURS, "times": EVER, **fault}
    assert play(flow, [lasting], exit_status=3, says=["a rerun is safe"]) == []


@pytest.mark.parametrize("skew_seconds", [-600.0, 600.0], ids=["slow", "fast"])
@pytest.mark.parametrize("name", STAGES)
def test_point_70_silly_clocks(shared_flow: Shared, name: str, skew_seconds: float) -> None:
    """Ten minutes off: the stages work all the same."""
    assert play(shared_flow(name), skew_seconds=skew_seconds) == []


PAGE = "<!doctype html><title>Sign in</title><form action=/login><input name=user></form>"
HTML: dict[str, Any] = {
    "status": 200,
    "headers": {"content-type": "text/html; charset=utf-8"},
    "body": PAGE,
}


@pytest.mark.parametrize("name", STAGES)
def test_point_71_proxy_html(shared_flow: Shared, name: str) -> None:
    """A single page is passed; where a proxy answers for ever, that is what is told."""
    flow = shared_flow(name)
    assert play(flow, [{"path": OURS, **HTML}]) == []
    for service in sorted({request.path.split("/")[1] for request in flow.requests}):
        flow.before.restore()
        fault = {"path": f"^/{service}/(?!.well-known)", "times": EVER, **HTML}
        flow.sandbox.control("POST", "faults", fault)
        run = observe(flow, flow.run)
        assert run.result.exit_status in {1, 3}, (service, run.result.log)
        message = run.result.annotations[-1].message
        assert re.search("prox(y|ies)|not the service", message), (service, message)
        flow.sandbox.control("DELETE", "faults")
        assert flow.run().exit_status == 0
