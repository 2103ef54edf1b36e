"""The steps that a person does on GitHub, each with its command. It is pure.

The command does the same as the step, so that the report shows what to type in a real repository.
"""

import shlex
from argparse import ArgumentParser
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, NoReturn

from dist_actions.pipeline.environments import Environment
from dist_sandbox.rehearse.errors import UsageError
from dist_sandbox.rehearse.publishing.selection import PUBLISHES_NOTHING
from dist_sandbox.rehearse.workflows.files import Workflow
from dist_sandbox.rehearse.workflows.triggers import (
    TriggerEvent,
    declared_inputs,
    dispatch_inputs,
    read_triggers,
    required_inputs,
)

#: Login of whoever acts.
DEVELOPER = "developer"


@dataclass(frozen=True)
class ManualStep:
    """One thing that a person does.

    Attributes:
        name: What it is called in tables.
        command: What that person could type for it.
        perform: Does it; GitHub's events tell of the rest.
        starts: The workflow that it starts at once, and for which event.
        note: What the rehearsal chose in that person's place; empty for nothing.
    """

    name: str
    command: str
    perform: Callable[[], object]
    starts: tuple[Workflow, TriggerEvent] | None = None
    note: str = ""


@dataclass(frozen=True)
class Dispatch:
    """A workflow that a person starts, in the terms of `gh workflow run`.

    Attributes:
        workflow: Its file's name, with or without ending, or its name.
        ref: Branch or tag, short or in full; empty for the default branch.
        inputs: What is filled into its form.
        repository: Whose workflow it is, as `OWNER/NAME` or `NAME`; empty where there is only one.
    """

    workflow: str
    ref: str = ""
    inputs: Mapping[str, str] = field(default_factory=dict)
    repository: str = ""

    @classmethod
    def parse(cls, text: str) -> "Dispatch":
        """Read what follows `gh workflow run`: `release.yml --ref v1.0.0 -f name=value`.

        Raises:
            UsageError: It is not written like that.
        Spec: https://cli.github.com/manual/gh_workflow_run
        """
        parser = _Parser(text)
        parser.add_argument("workflow")
        parser.add_argument("-r", "--ref", default="")
        parser.add_argument("-R", "--repo", default="")
        parser.add_argument("-f", "--raw-field", "-F", "--field", action="append", default=[])
        try:
            arguments = parser.parse_args(shlex.split(text))
        except ValueError as error:  # a quotation mark that is not closed
            parser.error(str(error))
        pairs = [value.partition("=") for value in arguments.raw_field]
        if not all(name and equals for name, equals, _ in pairs):
            parser.error("each -f is NAME=VALUE")
        inputs = {name: value for name, _, value in pairs}
        return cls(arguments.workflow, arguments.ref, inputs, arguments.repo)

    @property
    def short_ref(self) -> str:
        """Return the ref as `gh workflow run` takes it."""
        return self.ref.removeprefix("refs/heads/").removeprefix("refs/tags/")

    @property
    def command(self) -> str:
        """Write the whole command."""
        ref = ["--ref", self.short_ref] if self.ref else []
        fields = [part for name, value in self.inputs.items() for part in ("-f", f"{name}={value}")]
        return shlex.join(["gh", "workflow", "run", self.workflow, *ref, *fields])

    def names(self, workflow: Workflow) -> bool:
        """Tell whether this workflow is meant."""
        return self.workflow == workflow.name or self.names_file(workflow.path)

    def names_file(self, path: str) -> bool:
        """Tell whether the workflow at this path is meant by the name of its file."""
        file = PurePosixPath(path)
        return self.workflow in {file.name, file.stem}

    def full_ref(self, refs: Container[str], default_branch: str) -> str | None:
        """Complete the ref; None where it is not among `refs`."""
        ref = self.ref or default_branch
        candidates = (ref, f"refs/heads/{ref}", f"refs/tags/{ref}")
        return next((candidate for candidate in candidates if candidate in refs), None)


def find_dispatched(dispatch: Dispatch, workflows: Sequence[Workflow], place: str) -> Workflow:
    """Find the workflow that a dispatch names.

    Args:
        place: Where the workflows stand, in words: `on dev`.

    Raises:
        UsageError: There is none.
    """
    for workflow in workflows:
        if dispatch.names(workflow):
            return workflow
    startable = [flow.file_name for flow in workflows if "workflow_dispatch" in read_triggers(flow)]
    raise UsageError(
        f"There is no workflow {dispatch.workflow!r} {place}.",
        why="--dispatch names a file of .github/workflows, or a workflow's name."
        if startable
        else "no workflow has workflow_dispatch in its `on:`, so a person can start none.",
        fix=f"name one that a person can start: {', '.join(startable)}."
        if startable
        else "leave out this --dispatch, or add workflow_dispatch to the workflow.",
    )


def require_startable(
    dispatches: Iterable[Dispatch],
    workflows: Sequence[Workflow],
    aside: Mapping[str, str],
    kept_tags: Iterable[str],
) -> None:
    """Refuse, before anything runs, a manual start that cannot succeed.

    Args:
        aside: Workflows that take no part, by path, each with the reason.
        kept_tags: Those that the project has from before, whose workflows may be others.

    Raises:
        UsageError: A workflow is not there, takes no part, or cannot be started so.
        WorkflowFileError: A field is given that the form does not have.
    """
    kept_refs = {f"refs/tags/{tag}" for tag in kept_tags}
    for dispatch in dispatches:
        if dispatch.full_ref(kept_refs, "") is not None:
            continue
        named = [flow.path for flow in workflows if dispatch.names(flow)]
        for path in named or filter(dispatch.names_file, aside):
            if path in aside:
                raise _takes_no_part(path, aside[path])
        taking_part = [flow for flow in workflows if flow.path not in aside]
        require_form(find_dispatched(dispatch, taking_part, "in the project"), dispatch)


def _takes_no_part(path: str, reason: str) -> UsageError:
    return UsageError(
        f"{path} takes no part in the rehearsal, so --dispatch cannot start it.",
        why=f"{reason.rstrip('.')}.",
        fix="change --only or --skip, or correct the file, or leave out this --dispatch."
        if reason != PUBLISHES_NOTHING
        else f"let it take part by --all-workflows, or by --only {PurePosixPath(path).name}.",
    )


def require_form(workflow: Workflow, dispatch: Dispatch) -> dict[str, str]:
    """Return the inputs of a manual start.

    Raises:
        UsageError: It has no form, or a field that must be filled in is not given.
        WorkflowFileError: A field is given that the form does not have.
    """
    if "workflow_dispatch" not in read_triggers(workflow):
        raise UsageError(
            f"{workflow.path} cannot be started by hand.",
            why="its `on:` has no workflow_dispatch.",
            fix="add it, or leave out this --dispatch.",
        )
    missing = [name for name in required_inputs(workflow) if name not in dispatch.inputs]
    if missing:
        fields = [part for name in missing for part in ("-f", f"{name}=VALUE")]
        ref = ["--ref", dispatch.short_ref] if dispatch.ref else []
        example = shlex.join([dispatch.workflow, *ref, *fields])
        raise UsageError(
            f"{workflow.path} asks for {', '.join(missing)}.",
            why="a person must fill it in to start this workflow.",
            fix=f'say what that person fills in: --dispatch "{example}".',
        )
    return dispatch_inputs(workflow, dispatch.inputs)


def dispatch_event(workflow: Workflow, dispatch: Dispatch, sha: str) -> TriggerEvent:
    """Describe the event of a manual start; the ref of the dispatch is a full name.

    Raises:
        UsageError: It has no form, or a field that must be filled in is not given.
        WorkflowFileError: A field is given that the form does not have.
    """
    payload = {"inputs": require_form(workflow, dispatch), "ref": dispatch.ref}
    return TriggerEvent("workflow_dispatch", dispatch.ref, sha, DEVELOPER, payload)


def form_inputs(workflow: Workflow, answers: Mapping[str, str]) -> dict[str, str]:
    """Fill in a workflow's form, as far as it asks for these answers."""
    return {name: answers[name] for name in declared_inputs(workflow) if answers.get(name)}


def release_body(tag: str, environment: Environment) -> dict[str, Any]:
    """Describe the GitHub release that a person publishes for a tag."""
    return {"tag_name": tag, "name": tag, "prerelease": environment.prerelease}


def release_command(tag: str, environment: Environment) -> str:
    """Write the command that publishes it.

    Spec: https://cli.github.com/manual/gh_release_create
    """
    kind = ["--prerelease"] if environment.prerelease else []
    return shlex.join(["gh", "release", "create", tag, "--verify-tag", *kind, "--title", tag])


class _Parser(ArgumentParser):
    """A parser whose refusal is an error of ours."""

    def __init__(self, text: str) -> None:
        super().__init__(add_help=False, allow_abbrev=False)
        self._text = text

    def error(self, message: str) -> NoReturn:
        raise UsageError(
            f"--dispatch {self._text!r} cannot be read: {message}.",
            why="it is what follows `gh workflow run`.",
            fix='write it as in --dispatch "release.yml --ref v1.0.0 -f name=value".',
        )
