"""What auto-tag does when GitHub or the network fails, and when the runner ends the job."""

import json
import signal
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from support.projects.checkouts import ProjectCheckout
from support.sandbox.fixtures import Sandbox
from support.stages.running import RunningStage, StageResult, StageRunner, app_inputs

#: The six requests of a creation, by what they do.
REQUESTS = ("read", "installation", "mint", "tag object", "ref", "revoke")
RATE_LIMIT = json.dumps({"message": "API rate limit exceeded for installation ID 1."})
SECONDARY = json.dumps({"message": "You have exceeded a secondary rate limit. Please wait."})


@pytest.mark.parametrize("number", range(5), ids=REQUESTS[:5])
def test_a_service_that_stays_away(
    package: ProjectCheckout, sandbox: Sandbox, run_stage: StageRunner, number: int
) -> None:
    """Exit 3, when to rerun, and the request's ID; the rerun makes the tag."""
    headers = {"x-github-request-id": "ABCD:1234"}
    sandbox.control("POST", "faults", {"skip": number, "status": 502, "headers": headers})
    inputs = app_inputs(sandbox, **{"max-wait": "0s"})

    result = run_stage("auto-tag", inputs, workspace=package.folder)

    assert result.exit_status == 3
    assert "HTTP 502 (request ABCD:1234)" in result.annotation.message
    assert " UTC; a rerun is safe" in result.annotation.message
    rerun = run_stage("auto-tag", inputs, workspace=package.folder)
    assert (rerun.exit_status, rerun.outputs["created"]) == (0, "true")


def test_a_limit_ends_by_the_clock_of_the_server(
    package: ProjectCheckout, sandbox: Sandbox, run_stage: StageRunner
) -> None:
    """This machine's is ten minutes slow, which is more than is waited for."""
    clock = sandbox.world.clock
    clock.offset = timedelta(minutes=10)
    reset = str(int(clock.now().timestamp()) + 3)
    headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": reset}
    fault = {"path": "/matching-refs", "status": 403, "body": RATE_LIMIT, "headers": headers}
    sandbox.control("POST", "faults", fault)

    result = run_stage("auto-tag", app_inputs(sandbox), workspace=package.folder)

    assert (result.exit_status, result.outputs["reason"]) == (0, "created")
    assert "HTTP 403, a rate limit; next try in " in result.log


@pytest.mark.parametrize(
    ("status", "cause"), [(401, "the job token is not valid"), (404, "the job token cannot see")]
)
@pytest.mark.parametrize("times", [1, 2])
def test_a_refusal_of_the_job_token_counts_once_it_came_twice(
    package: ProjectCheckout,
    sandbox: Sandbox,
    run_stage: StageRunner,
    status: int,
    cause: str,
    times: int,
) -> None:
    fault = {"path": "/matching-refs", "status": status, "body": "{}", "times": times}
    sandbox.control("POST", "faults", fault)

    result = run_stage("auto-tag", app_inputs(sandbox), workspace=package.folder)

    assert result.exit_status == (0 if times == 1 else 1)
    assert (cause in result.log) == (times == 2)


@pytest.mark.parametrize(
    ("status", "body", "headers"),
    [
        (429, SECONDARY, {"retry-after": "3600"}),
        (403, SECONDARY, {}),
        (403, RATE_LIMIT, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "4000000000"}),
    ],
    ids=["retry-after", "no header means a minute", "primary limit"],
)
def test_limit_beyond_max_wait(
    package: ProjectCheckout,
    sandbox: Sandbox,
    run_stage: StageRunner,
    status: int,
    body: str,
    headers: dict[str, str],
) -> None:
    fault = {"path": "/matching-refs", "status": status, "body": body, "headers": headers}
    sandbox.control("POST", "faults", fault)

    result = run_stage(
        "auto-tag", app_inputs(sandbox, **{"max-wait": "59s"}), workspace=package.folder
    )

    assert result.exit_status == 3
    assert "run it again after" in result.annotation.message
    assert len(result.calls) == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "evil.invalid"])
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirections_are_not_followed(
    package: ProjectCheckout, sandbox: Sandbox, run_stage: StageRunner, status: int, host: str
) -> None:
    """A single one, as of a proxy, is passed."""
    headers = {"location": f"http://{host}:9/api/v3/elsewhere"}
    fault = {"path": "/git/refs$", "status": status, "headers": headers, "body": "{}"}
    sandbox.control("POST", "faults", {**fault, "times": 2})

    result = run_stage("auto-tag", app_inputs(sandbox), workspace=package.folder)

    assert result.exit_status == 1
    assert "renamed or transferred" in result.annotation.message
    sandbox.control("POST", "faults", fault)
    assert run_stage("auto-tag", app_inputs(sandbox), workspace=package.folder).exit_status == 0


@pytest.mark.parametrize("status", [401, 404])
@pytest.mark.parametrize("point", ["installation", "mint"])
def test_a_refusal_of_the_apps_key_counts_once_it_came_twice(
    package: ProjectCheckout, sandbox: Sandbox, run_stage: StageRunner, point: str, status: int
) -> None:
    refusal = {"skip": REQUESTS.index(point), "status": status, "body": '{"message": "No"}'}
    sandbox.control("POST", "faults", refusal)

    result = run_stage("auto-tag", app_inputs(sandbox), workspace=package.folder)

    assert (result.exit_status, result.outputs["reason"]) == (0, "created"), result.log


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (429, {"retry-after": "9" * 400}),
        (429, {"retry-after": "Fri, 31 Dec 9999 23:59:59 GMT"}),
        (403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "9" * 400}),
    ],
    ids=["seconds", "date", "reset"],
)
def test_a_wait_that_no_calendar_holds_is_a_long_one(
    package: ProjectCheckout,
    sandbox: Sandbox,
    run_stage: StageRunner,
    status: int,
    headers: dict[str, str],
) -> None:
    sandbox.control("POST", "faults", {"status": status, "headers": headers, "body": RATE_LIMIT})

    result = run_stage("auto-tag", app_inputs(sandbox), workspace=package.folder)

    assert result.exit_status == 3, result.log
    assert f"HTTP {status}, a rate limit" in result.annotation.message


@pytest.mark.parametrize(
    "link",
    ["https://elsewhere.example/api/v3/repos", "http://github.com.evil.invalid/", "no: address"],
)
def test_the_next_page_of_another_host_is_not_read(
    package: ProjectCheckout, sandbox: Sandbox, run_stage: StageRunner, link: str
) -> None:
    headers = {"link": f'<{link}>; rel="next"'}
    fault = {"path": "/matching-refs", "status": 200, "headers": headers, "body": "[]"}
    sandbox.control("POST", "faults", fault)

    result = run_stage(
        "auto-tag", app_inputs(sandbox, **{"max-wait": "0s"}), workspace=package.folder
    )

    assert result.exit_status == 3
    assert "the answer has another form than its own" in result.annotation.message


@pytest.mark.parametrize("point", ["ref", "revoke"])
def test_sigterm_tells_what_was_done(
    package: ProjectCheckout, sandbox: Sandbox, run_stage: StageRunner, point: str
) -> None:
    """A rerun finishes what was begun; tests/faults cancels runs at every request."""
    number = REQUESTS.index(point)
    sandbox.control("POST", "faults", {"skip": number, "delay_seconds": 1.0})
    running = run_stage.start("auto-tag", app_inputs(sandbox), workspace=package.folder)

    result = _end_at_request(running, number + 1, sandbox.world.requests.last_number)

    assert result.exit_status == 143
    message = result.annotations[-1].message
    done = "done: create the tag v1.0.0-dev" if point == "revoke" else "nothing changed"
    assert message.startswith(f"auto-tag was cancelled. Until then it had {done}.")
    assert "\nFix: run the job again" in message
    rerun = run_stage("auto-tag", app_inputs(sandbox), workspace=package.folder)
    assert rerun.exit_status == 0
    assert sandbox.repository.git.tag("v1.0.0-dev") is not None


@pytest.mark.parametrize("point", ["mint", "revoke"])
def test_cancelled_while_github_hangs_it_ends_within_seconds(
    package: ProjectCheckout, sandbox: Sandbox, run_stage: StageRunner, point: str
) -> None:
    """The runner ends a process by force ten seconds after its first signal."""
    number = REQUESTS.index(point)
    sandbox.control("POST", "faults", {"skip": number, "connection": "drip"})
    running = run_stage.start("auto-tag", app_inputs(sandbox), workspace=package.folder)

    began = time.monotonic()
    result = _end_at_request(running, number + 1, sandbox.world.requests.last_number)

    assert result.exit_status == 143
    assert time.monotonic() - began < 20
    assert "could not be revoked" not in result.log


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 200, "body": "{}"},
        {"connection": "reset", "applied": True},
        {"status": 502, "applied": True},
        {"status": 503},
    ],
    ids=["200 in place of 204", "answer lost", "502 after it", "503"],
)
def test_a_revocation_is_settled_by_asking_once_more(
    package: ProjectCheckout, sandbox: Sandbox, run_stage: StageRunner, fault: dict[str, Any]
) -> None:
    sandbox.control("POST", "faults", {"method": "DELETE", **fault})

    result = run_stage("auto-tag", app_inputs(sandbox), workspace=package.folder)

    assert (result.exit_status, result.outputs["reason"]) == (0, "created")
    assert "could not be revoked" not in result.log
    assert result.calls.count("DELETE installation/token") == 2


def _end_at_request(
    running: RunningStage, number: int, last_number: Callable[[], int]
) -> StageResult:
    deadline = time.monotonic() + 30
    while last_number() < running.first_request + number and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.1)
    running.process.send_signal(signal.SIGTERM)
    return running.finish()
