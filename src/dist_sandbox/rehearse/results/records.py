"""What happened in a rehearsal, with its times, as the page shows it. It is pure.

Times are in seconds since the epoch, by this machine's clock.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from dist_sandbox.gateway.log import Exchange, Outcome
from dist_sandbox.gateway.names import real_url
from dist_sandbox.rehearse.runs.result import JobRun, RunResult, Status
from dist_sandbox.rehearse.runs.workflow_run import FinishedRun
from dist_sandbox.rehearse.workflows.files import Workflow
from dist_sandbox.rehearse.workflows.triggers import TriggerEvent


@dataclass(frozen=True)
class Request:
    """One request of a run and its answer; it holds no header and no body.

    Attributes:
        began: When it arrived.
        seconds: How long the answer took.
        method: HTTP method.
        host: The real host.
        path: Path of the address.
        status: HTTP status of the answer.
        outcome: Who answered.
        reason: Why nobody did; empty otherwise.
        job: Name of the job that asked; empty where nobody knows.
        changed: Whether it changed what the service holds.
        files: Name and sha256 of each file that the service keeps of it.
    """

    began: float
    seconds: float
    method: str
    host: str
    path: str
    status: int
    outcome: Outcome = "sandbox"
    reason: str = ""
    job: str = ""
    changed: bool = False
    files: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class RunRecord:
    """One workflow run.

    Attributes:
        workflow: Path of the workflow file.
        event: GitHub's name of the event that started it.
        cause: That event with who caused it, in a few words.
        status: How it ended.
        jobs: Its jobs, those that were skipped included.
        requests: What they asked, in order.
        differences: What is unlike GitHub, by job ID.
        error: Why no job could start; empty where one did.
        logs: The folder of its logs, as the page links to it.
        commits: The commit of each repository of actions that was fetched, by `owner/name@ref`.
    """

    workflow: str
    event: str
    cause: str
    status: Status
    jobs: tuple[JobRun, ...] = ()
    requests: tuple[Request, ...] = ()
    differences: Mapping[str, str] = field(default_factory=dict)
    error: str = ""
    logs: str = ""
    commits: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Failure:
    """Why a rehearsal ended early; the parts are those of an error message."""

    what: str
    why: str = ""
    fix: str = ""


def read_request(row: Mapping[str, Any]) -> Request:
    """Read a row of the sandbox's request log."""
    principal, url = str(row["principal"]), urlsplit(real_url(str(row["path"])))
    return Request(
        began=float(row["began"]),
        seconds=float(row["seconds"]),
        method=str(row["method"]),
        host=url.netloc,
        path=url.path,
        status=int(row["status"]),
        job=principal.rsplit("/", 1)[-1] if principal.startswith("job:") else "",
        changed=bool(row["changed"]),
        files=tuple((str(name), str(sha256)) for name, sha256 in row["files"]),
    )


def read_exchanges(
    exchanges: Iterable[Exchange], run_id: int, began: float, seconds: float
) -> tuple[Request, ...]:
    """Read what the gateway did not lead to the sandbox during a run.

    Clients name their run and perhaps its job to the gateway, as `RUN` or `RUN/JOB`; where they do
    not, their time tells the run.
    """
    rows = []
    for exchange in exchanges:
        run, _, job = exchange.job.partition("/")
        moment = exchange.began_at.timestamp()
        is_of_run = run == str(run_id) if run else began <= moment <= began + seconds
        if exchange.outcome == "sandbox" or not is_of_run:
            continue
        url = urlsplit(exchange.url)
        rows.append(
            Request(
                began=moment,
                seconds=exchange.seconds,
                method=exchange.method,
                host=url.netloc or exchange.url,
                path=url.path,
                status=exchange.status,
                outcome=exchange.outcome,
                reason=exchange.reason,
                job=job,
            )
        )
    return tuple(rows)


def describe_cause(event: TriggerEvent) -> str:
    """Describe the event of a run with who caused it, in a few words."""
    name, by = event.ref.split("/", 2)[-1], f" by {event.actor}"
    payload = event.payload
    if event.name == "push":
        kind = "tag" if event.ref.startswith("refs/tags/") else "push to"
        return f"{kind} {name}{by}"
    if event.name in ("pull_request", "pull_request_target"):
        number = payload.get("number") or (payload.get("pull_request") or {}).get("number", "")
        return f"pull request #{number} {event.action}{by}"
    if event.name == "release":
        tag = (payload.get("release") or {}).get("tag_name", name)
        return f"release {tag} {event.action}{by}"
    if event.name == "workflow_run":
        finished = payload.get("workflow_run") or {}
        return f"{finished.get('name', 'another workflow')} completed"
    if event.name == "workflow_dispatch":
        return f"started by hand{by}"
    return " ".join(filter(None, [event.name.replace("_", " "), event.action])) + by


def record_run(
    finished: FinishedRun,
    rows: Iterable[Mapping[str, Any]],
    exchanges: Iterable[Exchange],
    logs: str,
) -> RunRecord:
    """Record a run with the rows of the sandbox's log that are its own.

    The exchanges are all of the gateway.
    """
    result = finished.result
    requests = [*map(read_request, rows)]
    requests += read_exchanges(exchanges, finished.run_id, result.began, result.seconds)
    return RunRecord(
        workflow=finished.workflow.path,
        event=finished.event.name,
        cause=describe_cause(finished.event),
        status=result.status,
        jobs=result.jobs,
        requests=tuple(sorted(requests, key=lambda request: request.began)),
        differences=finished.compiled.differences,
        error=result.error,
        commits=finished.actions,
        logs=logs,
    )


def record_interrupted(workflow: Workflow, event: TriggerEvent, result: RunResult) -> RunRecord:
    """Record a run that has no end."""
    cause = describe_cause(event)
    return RunRecord(workflow.path, event.name, cause, "cancelled", result.jobs)
