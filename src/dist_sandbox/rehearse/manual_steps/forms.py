"""Fill in the form of a workflow that a person starts, by what each field is for. It is pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dist_sandbox.rehearse.publishing.tag_names import next_version, split_tag
from dist_sandbox.rehearse.workflows.files import Workflow
from dist_sandbox.rehearse.workflows.triggers import declared_inputs

#: Fields that ask how far to raise the version, by name or by what their description lists.
_BUMP_NAME = re.compile(r"bump|(^|[-_])(part|level|increment)($|[-_])|release[-_]?type", re.I)
_BUMP_WORDS = re.compile(r"\bmajor\b.*\bpatch\b|\bpatch\b.*\bmajor\b", re.I | re.S)
_VERSION = re.compile(r"version|^release$", re.I)
_TAG = re.compile(r"tag", re.I)
_REF = re.compile(r"(^|[-_])(ref|branch|commit)($|[-_])", re.I)
#: What changes the version that the files say: a workflow that does so is not given that one.
_CHANGES_VERSION = re.compile(
    r"\bgit commit\b|\bsed -i|\bbump\w*[- ]?(my[- ])?version\b|\bbumpversion\b"
    r"|\b(poetry|uv|hatch|pdm|npm|rye|flit) version\b|tbump|commitizen|\bcz bump\b"
    r"|git-auto-commit|add-and-commit|create-pull-request",
    re.I,
)


@dataclass(frozen=True)
class KnownRefs:
    """What a person knows who fills in a form.

    Attributes:
        tag: The tag of the release to come, or the one that there is by now.
        branch: The branch that is released.
        is_tagged: Whether the project had that tag before the rehearsal.
        newest_tag: The newest tag that it has; empty for none.
    """

    tag: str
    branch: str
    is_tagged: bool = False
    newest_tag: str = ""


def fill_in(workflow: Workflow, refs: KnownRefs) -> dict[str, str]:
    """Fill in what a form asks for and has no default for, as far as its name or kind tells it."""
    answers = {
        name: _answer(name, details, workflow, refs)
        for name, details in declared_inputs(workflow).items()
        if details.get("default") is None and (details.get("required") or details.get("options"))
    }
    return {name: text for name, text in answers.items() if text}


def describe_answers(command: str, answers: Mapping[str, str]) -> str:
    """Say what was filled in, and how a person says something else; empty for nothing."""
    if not answers:
        return ""
    typed = ", ".join(f"{name}={text}" for name, text in answers.items())
    arguments = command.removeprefix("gh workflow run ")
    return f'Filled in: {typed}. Say something else with --dispatch "{arguments}".'


def _answer(name: str, details: Mapping[str, Any], workflow: Workflow, refs: KnownRefs) -> str:
    description = str(details.get("description") or "")
    if details.get("type") == "boolean":
        return "true"
    if options := details.get("options"):
        return str(options[0])
    if _BUMP_NAME.search(name) or _BUMP_WORDS.search(description):
        return "patch"
    if _checks_out(workflow, name):
        return refs.newest_tag if _TAG.search(name) and refs.newest_tag else refs.branch
    return _name_release(name, workflow, refs)


def _name_release(name: str, workflow: Workflow, refs: KnownRefs) -> str:
    """Name what is to be released, as a version or as a tag; empty where a field asks neither."""
    prefix, version = split_tag(refs.tag)
    if refs.is_tagged or _CHANGES_VERSION.search(workflow.text):
        version = next_version(version)
    if _TAG.search(name):
        return f"{prefix}{version}"
    if _REF.search(name):
        return refs.branch
    return version if _VERSION.search(name) else ""


def _checks_out(workflow: Workflow, name: str) -> bool:
    """Tell whether a field names a ref that is checked out, so that there must be one."""
    expression = re.compile(rf"inputs(?:\.{re.escape(name)}\b|\['{re.escape(name)}'\])")
    return any(
        expression.search(str((step.get("with") or {}).get("ref", "")))
        for job in workflow.jobs.values()
        for step in job.get("steps") or []
        if isinstance(step, Mapping)
    )
