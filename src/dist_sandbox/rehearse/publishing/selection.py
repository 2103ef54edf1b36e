"""Choose which workflows take part in a rehearsal: those that publish, and what leads there.

It is pure. Tests, documentation and other chores say nothing about a release; each is set aside by
name and with a reason, unless a person wants it.
"""

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from dist_actions.pipeline.filter_patterns import matches_any
from dist_sandbox.rehearse.errors import UsageError, WorkflowFileError
from dist_sandbox.rehearse.publishing.publications import (
    ProjectSources,
    find_in_job,
    find_publications,
    starts_others,
)
from dist_sandbox.rehearse.publishing.scripts import TextReader
from dist_sandbox.rehearse.workflows.files import Workflow
from dist_sandbox.rehearse.workflows.triggers import read_triggers

#: Why a workflow takes no part that nobody left out by name.
PUBLISHES_NOTHING = "it publishes nothing"
#: What a workflow file says that publishes, also where it cannot be read.
_MAY_PUBLISH = re.compile(r"publish|upload|release|twine|pypi|dist-actions", re.I)


@dataclass(frozen=True)
class WorkflowChoice:
    """Which workflows a person wants: by file name, or all.

    Attributes:
        every: Whether those take part, too, that publish nothing.
        only: The only ones that take part; empty for no such list.
        skipped: Those that do not.
    """

    every: bool = False
    only: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()


def set_aside(sources: ProjectSources, choice: WorkflowChoice) -> Mapping[str, str]:
    """Choose the workflows that do not run, by path, each with the reason.

    Raises:
        UsageError: A name is that of no workflow.
    """
    workflows = sources.workflows
    _require_known(workflows, "--only", choice.only)
    _require_known(workflows, "--skip", choice.skipped)
    chosen = {flow.path: "--skip names it" for flow in workflows if _named(flow, choice.skipped)}
    if choice.only:
        others = [flow for flow in workflows if not _named(flow, choice.only)]
        return chosen | {flow.path: "--only does not name it" for flow in others}
    if choice.every:
        return chosen
    leading = find_leading(sources)
    aside = [flow for flow in workflows if flow.path not in leading]
    return {flow.path: PUBLISHES_NOTHING for flow in aside if not _is_only_called(flow)} | chosen


def set_unreadable_aside(
    errors: Mapping[str, WorkflowFileError], read_text: TextReader, choice: WorkflowChoice
) -> tuple[Mapping[str, str], WorkflowChoice]:
    """Set aside the files that GitHub would not start, by path with the reason.

    Returns:
        Them, and the choice without their names.

    Raises:
        WorkflowFileError: One of them may be the workflow that publishes.
    """
    names = {name for path in errors for name in (path, path.rpartition("/")[2])}
    for path, error in errors.items():
        if path.rpartition("/")[2] in choice.skipped or path in choice.skipped:
            continue
        if _MAY_PUBLISH.search(read_text(path) or "") or names & {*choice.only}:
            raise error
    skipped = tuple(name for name in choice.skipped if name not in names)
    aside = {path: f"GitHub would not start it: {error.what}" for path, error in errors.items()}
    return aside, replace(choice, skipped=skipped)


def _is_only_called(workflow: Workflow) -> bool:
    """Tell whether nothing but another workflow starts this one: it runs where that one does."""
    return set(read_triggers(workflow)) == {"workflow_call"}


def find_leading(sources: ProjectSources) -> frozenset[str]:
    """Find the workflows that publish or after which one starts that does, by path."""
    workflows = sources.workflows
    leading = {
        flow.path
        for flow in workflows
        if find_publications(flow, sources) or starts_others(flow, sources)
    }
    while more := {
        before.path
        for flow in workflows
        if flow.path in leading
        for before in _list_awaited(flow, workflows)
        if before.path not in leading
    }:
        leading |= more
    return frozenset(leading)


def find_dispensable_jobs(
    sources: ProjectSources, leading: Container[str]
) -> frozenset[tuple[str, str]]:
    """Find the jobs that no publication waits for, by the path of their workflow and their ID.

    Where a workflow publishes, those are the jobs that no job that does so needs. Where others
    start after it, all of its jobs may matter to them.
    """
    return frozenset(
        (flow.path, job_id)
        for flow in sources.workflows
        for job_id in flow.jobs.keys() - _find_essential_jobs(flow, sources, leading)
    )


def _find_essential_jobs(
    flow: Workflow, sources: ProjectSources, leading: Container[str]
) -> set[str]:
    if flow.path not in leading:
        return set()
    essential = {job_id for job_id in flow.jobs if find_in_job(flow, job_id, sources)}
    if not essential or starts_others(flow, sources):
        return set(flow.jobs)
    while (
        more := {needed for job_id in essential for needed in _list_needs(flow, job_id)} - essential
    ):
        essential |= more
    return essential


def _list_needs(flow: Workflow, job_id: str) -> set[str]:
    needs = flow.jobs.get(job_id, {}).get("needs") or []
    return {needs} if isinstance(needs, str) else set(map(str, needs))


def _list_awaited(flow: Workflow, workflows: Sequence[Workflow]) -> Iterable[Workflow]:
    """List the workflows that one waits for by `on: workflow_run`."""
    filters = read_triggers(flow).get("workflow_run")
    if filters is None:
        return ()
    names = filters.get("workflows") or ()
    names = [names] if isinstance(names, str) else [str(name) for name in names]
    return (other for other in workflows if other is not flow and matches_any(names, other.name))


def _named(flow: Workflow, names: Iterable[str]) -> bool:
    return any(name in (flow.file_name, flow.stem, flow.name, flow.path) for name in names)


def _require_known(workflows: Sequence[Workflow], option: str, names: Iterable[str]) -> None:
    for name in names:
        if not any(_named(flow, [name]) for flow in workflows):
            files = ", ".join(flow.file_name for flow in workflows) or "none"
            raise UsageError(
                f"{option} names {name!r}, which is no workflow.",
                why=f"the project's workflows are {files}.",
                fix="name one of them, by its file's name.",
            )


def describe_set_aside(aside: Mapping[str, str]) -> str:
    """Say which workflows do not run, and why, in one line; empty where all do."""
    reasons: dict[str, list[str]] = {}
    for path, reason in aside.items():
        reasons.setdefault(reason, []).append(path.rpartition("/")[2])
    texts = [f"{', '.join(names)} ({reason})" for reason, names in reasons.items()]
    how = "" if not texts else " --all-workflows runs all."
    return f"Set aside: {'; '.join(texts)}.{how}" if texts else ""
