"""What the jobs of a workflow ask of a repository's settings; pure.

Everything is read from the parsed files: `environment:` of the jobs, `vars.X` and `secrets.X`.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_OWN_SECRET = "GITHUB_TOKEN"  # noqa: S105 - a name, which every job has without any setting

#: What `uses:` says of the action that makes tags; this project itself uses its own folder.
_AUTO_TAG = "/auto-tag"


@dataclass(frozen=True)
class WorkflowJob:
    """What one job asks for.

    Attributes:
        workflow: File name of its workflow.
        environments: The GitHub Environments that it may run in; empty where it names none.
        variables: Names after `vars.`.
        secrets: Names after `secrets.`.
        with_default: Those of the variables that have a default, as in `vars.X || 'y'`.
        branches: Patterns of the branches whose pushes start it; empty where pushes of tags, or of
            everything, do too.
        gives_tag_format: Whether a step is told how tags are written, in place of the settings.
    """

    workflow: str
    environments: tuple[str, ...] = ()
    variables: frozenset[str] = frozenset()
    secrets: frozenset[str] = frozenset()
    with_default: frozenset[str] = frozenset()
    branches: tuple[str, ...] = ()
    gives_tag_format: bool = False


def read_jobs(
    workflow: str, document: Mapping[str, Any], stages: Sequence[str]
) -> tuple[WorkflowJob, ...]:
    """Read what the jobs of a workflow ask for.

    Args:
        workflow: Its file's name.
        document: What it holds: a mapping with `on` and `jobs`.
        stages: The GitHub Environments of the stages, which an `environment:` means that is only
            known while the workflow runs.
    """
    jobs = document.get("jobs")
    if not isinstance(jobs, dict):
        return ()
    branches = _branches(document.get("on"), jobs)
    return tuple(
        _read_job(workflow, job, document.get("env"), stages, branches)
        for job in jobs.values()
        if isinstance(job, dict)
    )


def environment_name(job: Mapping[str, Any]) -> str | None:
    """Return the name in a job's `environment:`, maybe an expression; None where it has none."""
    environment = job.get("environment")
    name = environment.get("name") if isinstance(environment, dict) else environment
    return None if name is None else str(name)


def _read_job(
    workflow: str,
    job: Mapping[str, Any],
    shared: object,
    stages: Sequence[str],
    branches: tuple[str, ...],
) -> WorkflowJob:
    text = json.dumps([job, shared], default=str)
    return WorkflowJob(
        workflow=workflow,
        environments=_environments(job, stages),
        variables=_names("vars", text),
        secrets=_names("secrets", text) - {_OWN_SECRET},
        with_default=_names("vars", text, r"\s*\|\|"),
        branches=branches,
        gives_tag_format=any(
            (step.get("with") or {}).get("tag-format")
            for step in job.get("steps") or []
            if isinstance(step, dict)
        ),
    )


def _environments(job: Mapping[str, Any], stages: Sequence[str]) -> tuple[str, ...]:
    name = environment_name(job) or ""
    if "${{" in name:
        return tuple(stages)
    return (name,) if name else ()


def _names(context: str, text: str, after: str = "") -> frozenset[str]:
    pattern = rf"\b{context}(?:\.|\[')([A-Za-z_][A-Za-z0-9_]*)(?![A-Za-z0-9_])(?:'\])?{after}"
    return frozenset(name.upper() for name in re.findall(pattern, text))


def _branches(triggers: object, jobs: Mapping[str, Any]) -> tuple[str, ...]:
    """Read the branches that start a workflow; a person starts one that makes its tag on any."""
    if not isinstance(triggers, dict):
        names = [triggers] if isinstance(triggers, str) else triggers
        triggers = dict.fromkeys(names) if isinstance(names, list) else {}
    if set(triggers) == {"workflow_dispatch"} and _AUTO_TAG in json.dumps(
        [*jobs.values()], default=str
    ):
        return ("**",)
    push = triggers.get("push")
    if not isinstance(push, dict) or "tags" in push:
        return ()
    branches = push.get("branches") or ()
    return (branches,) if isinstance(branches, str) else tuple(map(str, branches))
