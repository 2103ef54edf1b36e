"""Explain why nothing was published though no workflow is left to start. It is pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dist_sandbox.rehearse.errors import RehearsalError, UsageError
from dist_sandbox.rehearse.publishing.publications import Publication
from dist_sandbox.rehearse.runs.result import JobRun, RunResult
from dist_sandbox.rehearse.workflows.files import Workflow
from dist_sandbox.rehearse.workflows.triggers import TriggerEvent, read_triggers


@dataclass(frozen=True)
class Run:
    """A run of a workflow that has ended."""

    workflow: Workflow
    event: TriggerEvent
    result: RunResult


def explain_nothing_published(
    publications: Sequence[Publication],
    runs: Sequence[Run],
    workflows: Sequence[Workflow],
) -> RehearsalError:
    """Make the error of a rehearsal at whose end nothing is published.

    Args:
        publications: What the workflows publish that take part.
        runs: What ran, in order.
        workflows: All workflows of the project.
    """
    what = "Nothing was published, and no workflow is left to start"
    if not publications:
        return RehearsalError(
            f"{what}.",
            why=_describe_no_publication(workflows),
            fix="if a step does publish, call its tool in a `run:` or in a script of the project; "
            "or rehearse the starter workflows with --init.",
        )
    files = tuple(dict.fromkeys(row.workflow for row in publications))
    own = [run for run in runs if run.workflow.file_name in files]
    if not own:
        flows = [flow for flow in workflows if flow.file_name in files]
        return RehearsalError(
            f"{what}: {' and '.join(files)} did not start.",
            why=f"{'; '.join(map(_describe_triggers, flows))}.",
            fix="say what a person does to start it, with --dispatch or --run.",
        )
    reasons = list(dict.fromkeys(_reasons(publications, own)))
    if reasons:
        return RehearsalError(
            f"{what}.",
            why=f"{'; '.join(reasons)}.",
            fix="if another event starts it, say so with --dispatch or --run; if the condition "
            "asks for the name of a repository, give it with --repository; or correct it.",
        )
    tools = " and ".join(dict.fromkeys(f"{row.tool} in {row.workflow}" for row in publications))
    return RehearsalError(
        f"{what}.",
        why=f"{tools} ended well, and no index or release of the sandbox has got a file.",
        fix="read the logs of its steps: a script may have decided that nothing is to be done.",
    )


def refuse_no_publication(
    workflows: Sequence[Workflow], set_aside: Mapping[str, str]
) -> UsageError:
    """Make the error of a project whose workflows, as far as they take part, publish nothing.

    Args:
        set_aside: Those that would publish and take no part, by path, each with the reason.
    """
    if set_aside:
        texts = [f"{path.rpartition('/')[2]} does, and {why}" for path, why in set_aside.items()]
        return UsageError(
            "No workflow that takes part publishes anything.",
            why=f"{'; '.join(texts)}.",
            fix="name it with --only FILE, or leave out the --skip or --only that excludes it.",
        )
    return UsageError(
        "No workflow of the project publishes anything.",
        why=_describe_no_publication(workflows),
        fix="if one does, name it with --only FILE; or rehearse the starter workflows with --init.",
    )


def _describe_no_publication(workflows: Sequence[Workflow]) -> str:
    files = ", ".join(flow.file_name for flow in workflows) or "none"
    return f"in {files} no step uploads to an index or makes a release, as far as their text tells."


def _reasons(publications: Sequence[Publication], runs: Sequence[Run]) -> Iterator[str]:
    """Say of each job that publishes, and did not, what kept it from it."""
    for row in publications:
        for run in runs:
            if run.workflow.file_name != row.workflow:
                continue
            for job in run.result.jobs:
                if job.id == row.job and (reason := _reason(row, job, run.workflow)):
                    yield f"for {run.event.name} of {run.event.ref}, {reason}"


def _reason(row: Publication, job: JobRun, workflow: Workflow) -> str:
    written: Mapping[str, Any] = workflow.jobs.get(row.job) or {}
    if job.status == "skipped":
        condition = str(written.get("if") or "").strip()
        if condition:
            return f"{row.workflow} skipped the job {row.job}: its `if:` was false ({condition})"
        return f"{row.workflow} skipped the job {row.job}: a job that it needs did not run"
    if row.condition and any(step.status == "skipped" for step in job.steps):
        return f"the job {row.job} of {row.workflow} skipped its step: {row.condition}"
    return ""


def _describe_triggers(workflow: Workflow) -> str:
    """Say which events start a workflow, with their filters."""
    parts = [
        f"{event} ({', '.join(f'{key}: {value}' for key, value in filters.items())})"
        if filters and event != "workflow_dispatch"
        else event
        for event, filters in read_triggers(workflow).items()
    ]
    return f"{workflow.file_name} starts on {', '.join(parts)}"
