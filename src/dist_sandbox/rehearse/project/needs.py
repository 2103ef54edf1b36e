"""What a project's workflows ask for: environments, variables, secrets, indexes. It is pure.

Everything is read from the workflow files: `environment:` and `permissions:` of the jobs, `vars.X`
and `secrets.X` in them, and the inputs of the steps that publish.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dist_sandbox.rehearse.actions.sources import DIST_ACTIONS
from dist_sandbox.rehearse.workflows.files import Workflow, environment_name
from dist_sandbox.rehearse.workflows.permissions import job_permissions

#: The actions that publish; the root action has no folder.
_PUBLISHING = (f"{DIST_ACTIONS}@", f"{DIST_ACTIONS}/release@")
#: The input `index`, where it is not given.
_DEFAULT_INDEX = "artifact-registry"
_PYPI = ("pypi", "testpypi")
#: What a target is called whose address is written or comes from a variable.
URL = "url"


@dataclass(frozen=True)
class JobNeeds:
    """What one job asks for.

    Attributes:
        workflow: File name of its workflow.
        environments: The GitHub Environments that it may run in; empty where it names none.
        variables: Names after `vars.`.
        secrets: Names after `secrets.`.
        targets: What it publishes to: `artifact-registry`, `pypi`, `testpypi` or `url`.
        trusted: Those of `pypi` and `testpypi` that it publishes to without a token.
    """

    workflow: str
    environments: tuple[str, ...] = ()
    variables: frozenset[str] = frozenset()
    secrets: frozenset[str] = frozenset()
    targets: tuple[str, ...] = ()
    trusted: tuple[str, ...] = ()


@dataclass(frozen=True)
class Needs:
    """What all jobs of a project ask for."""

    jobs: tuple[JobNeeds, ...] = field(default=())

    @property
    def environments(self) -> tuple[str, ...]:
        """List every environment that a job names, each once."""
        return tuple(dict.fromkeys(name for job in self.jobs for name in job.environments))

    def in_environment(self, name: str) -> Iterator[JobNeeds]:
        """Find the jobs that may run in an environment."""
        return (job for job in self.jobs if name in job.environments)

    def publishes_to(self, target: str) -> bool:
        """Tell whether any job publishes there."""
        return any(target in job.targets for job in self.jobs)

    @property
    def publishing_environments(self) -> tuple[str, ...]:
        """List the environments of the jobs that publish, each once."""
        return tuple(
            dict.fromkeys(name for job in self.jobs if job.targets for name in job.environments)
        )


def read_needs(workflows: Iterable[Workflow], stages: Sequence[str]) -> Needs:
    """Read what a project's workflows ask for.

    An `environment:` that is only known while the workflow runs means one of the stages, which are
    named by their GitHub Environments.
    """
    return Needs(
        tuple(
            _read_job(workflow, job_id, job, stages)
            for workflow in workflows
            for job_id, job in workflow.jobs.items()
        )
    )


def _read_job(
    workflow: Workflow, job_id: str, job: Mapping[str, Any], stages: Sequence[str]
) -> JobNeeds:
    text = json.dumps([job, workflow.document.get("env")], default=str)
    steps = [step for step in job.get("steps") or [] if _publishes(step)]
    trusted = job_permissions(workflow, job_id).get("id-token") == "write"
    return JobNeeds(
        workflow=workflow.file_name,
        environments=_environments(job, stages),
        variables=_names("vars", text),
        secrets=_names("secrets", text) - {"GITHUB_TOKEN"},
        targets=tuple(dict.fromkeys(target for step in steps for target in _targets(step))),
        trusted=tuple(
            dict.fromkeys(
                target for step in steps if trusted for target in _targets_without_token(step)
            )
        ),
    )


def _environments(job: Mapping[str, Any], stages: Sequence[str]) -> tuple[str, ...]:
    name = environment_name(job) or ""
    if "${{" in name:
        return tuple(stages)
    return (name,) if name else ()


def _names(context: str, text: str) -> frozenset[str]:
    names = re.findall(rf"\b{context}(?:\.|\[')([A-Za-z_][A-Za-z0-9_]*)", text)
    return frozenset(name.upper() for name in names)


def _publishes(step: Mapping[str, Any]) -> bool:
    """Tell whether a step publishes; the phases of a release before the last do not."""
    phase = (step.get("with") or {}).get("phase", "all")
    return str(step.get("uses", "")).startswith(_PUBLISHING) and phase in ("publish", "all")


def _targets(step: Mapping[str, Any]) -> tuple[str, ...]:
    index = str((step.get("with") or {}).get("index") or _DEFAULT_INDEX)
    lines = [line.strip() for line in index.splitlines() if line.strip()]
    return tuple(line if line in (*_PYPI, _DEFAULT_INDEX) else URL for line in lines)


def _targets_without_token(step: Mapping[str, Any]) -> tuple[str, ...]:
    """Leave out what the password is for: the address where there is one, else PyPI."""
    targets = _targets(step)
    if "password" in (step.get("with") or {}) and URL not in targets:
        return ()
    return tuple(target for target in targets if target in _PYPI)
