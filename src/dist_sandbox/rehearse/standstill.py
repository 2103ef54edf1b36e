"""Explain why nothing happens any more though an environment is not released. It is pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dist_actions.pipeline.environments import Environment
from dist_sandbox.rehearse.errors import RehearsalError, split_message
from dist_sandbox.rehearse.results.report import Note
from dist_sandbox.rehearse.stages import makes_tags, promotes, releases
from dist_sandbox.rehearse.workflows.files import Workflow
from dist_sandbox.rehearse.workflows.triggers import TriggerEvent, read_triggers, starts

_SETTINGS = "[tool.dist-actions.environments]"


def explain_standstill(
    subject: str,
    event: TriggerEvent,
    environment: Environment | None,
    workflows: Sequence[Workflow],
    notes: Sequence[Note],
) -> RehearsalError:
    """Make the error of a rehearsal that ends too early.

    Args:
        subject: What is not released.
        event: The push that should have led to it, of a branch or a tag.
        environment: The environment of that branch or tag.
        workflows: The workflow files of that commit.
        notes: What the workflows noted that ran for this environment.
    """
    is_tag = event.ref.startswith("refs/tags/")
    concerned = list(filter(releases if is_tag else makes_tags, workflows))
    name = event.ref.split("/", 2)[2]
    what = f"{subject} was not released: {'the tag' if is_tag else 'a push to'} {name}"
    if not any(starts(workflow, event) for workflow in workflows):
        lists = [_describe_push(workflow, is_tag=is_tag) for workflow in concerned or workflows]
        return RehearsalError(
            f"{what} starts no workflow.",
            why=f"{'; '.join(lists) or 'there is no workflow'}.",
            fix=_fix_push(name, environment, concerned, is_tag=is_tag),
        )
    if not concerned:
        role = "releases tags" if is_tag else "makes tags"
        return RehearsalError(
            f"{what} starts workflows, and none of them {role}.",
            why=f"none uses eigenoid/dist-actions/{'release' if is_tag else 'auto-tag'}.",
            fix="copy the starter workflows: --init gives them to a copy without workflows.",
        )
    last = next((note.text for note in reversed(notes) if note.level != "notice"), "")
    last = last or next((note.text for note in reversed(notes)), "")
    return RehearsalError(
        f"{what} led to no {'release' if is_tag else 'tag'}.",
        why=f"the last run said: {last}" if last else "its jobs were skipped, or did nothing.",
        fix="read its log and job summary. What GITHUB_TOKEN does starts no workflow; what a "
        "GitHub App does, starts one.",
    )


def explain_closed_gate(subject: str, source: Environment, reason: str) -> RehearsalError:
    """Make the error of a rehearsal in which a gate stopped a promotion to the end.

    Args:
        subject: The environment that is not released.
        source: The environment that was to be promoted.
        reason: What the promotion said, in one part or in three.
    """
    what, why, fix = split_message(reason)
    return RehearsalError(
        f"{subject} was not released: a gate stopped its promotion from {source.name}: "
        f"{what.removesuffix('.')}.",
        why=why or "the gate was closed to the end of the rehearsal.",
        fix=fix or f"open the gate, or rehearse with --until {source.name}.",
    )


def explain_missing_promotion(
    subject: str, source: Environment, workflows: Iterable[Workflow], notes: Sequence[Note]
) -> RehearsalError:
    """Make the error of a rehearsal in which no promotion to the next environment was opened."""
    promoting = list(filter(promotes, workflows))
    what = f"{subject} was not released: nothing promoted {source.name} to it"
    if not promoting:
        return RehearsalError(
            f"{what}.",
            why="no workflow uses eigenoid/dist-actions/promote.",
            fix=f"add the starter promote.yml, or rehearse with --until {source.name}.",
        )
    triggers = "; ".join(
        f"{workflow.file_name} starts on {', '.join(read_triggers(workflow))}"
        for workflow in promoting
    )
    last = next((note.text for note in reversed(notes)), "")
    return RehearsalError(
        f"{what}.",
        why=f"{triggers}. The last run said: {last}" if last else f"{triggers}.",
        fix="let it start when a release is published. A release that GITHUB_TOKEN publishes "
        "starts no workflow; publish it as a GitHub App.",
    )


def _describe_push(workflow: Workflow, *, is_tag: bool) -> str:
    """Say which pushes start a workflow."""
    triggers = read_triggers(workflow)
    if "push" not in triggers:
        return f"{workflow.file_name} starts on {', '.join(triggers)}"
    filters = triggers["push"]
    lists = [
        f"{verb} the {kind} {', '.join(_texts(filters, key))}"
        for kind in ("branches", "tags", "paths")
        for key, verb in ((kind, "lists"), (f"{kind}-ignore", "leaves out"))
        if key in filters
    ]
    default = f"lists no {'tags' if is_tag else 'branches'}"
    return f"{workflow.file_name} {' and '.join(lists) or default}"


def _texts(filters: Mapping[str, Any], key: str) -> list[str]:
    value = filters[key]
    return [str(text) for text in value] if isinstance(value, list) else [str(value)]


def _fix_push(
    name: str, environment: Environment | None, concerned: Sequence[Workflow], *, is_tag: bool
) -> str:
    file = concerned[0].file_name if concerned else "a workflow"
    if is_tag:
        return f"let {file} start on the tag {name}: `on: push: tags:`."
    add = f"add {name} to the branches of {file}"
    if environment is None:
        return f"{add}."
    return (
        f"{add}; or, where your branch has another name, say so in pyproject.toml: "
        f'{_SETTINGS}, {environment.name} = {{branch = "…"}}, beside the other environments.'
    )
