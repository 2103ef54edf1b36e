"""What a project's workflows ask for: environments, variables, secrets, indexes. It is pure.

Everything is read from the workflow files: `environment:` and `permissions:` of the jobs, `vars.X`
and `secrets.X` in them, and the inputs of the steps that publish.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dist_sandbox.rehearse.publishing.publications import (
    ProjectSources,
    Publication,
    find_in_job,
)
from dist_sandbox.rehearse.publishing.scripts import TextReader, no_text
from dist_sandbox.rehearse.workflows.files import Workflow, environment_name


@dataclass(frozen=True)
class JobNeeds:
    """What one job asks for.

    Attributes:
        workflow: File name of its workflow.
        environments: The GitHub Environments that it may run in; empty where it names none.
        variables: Names after `vars.`.
        secrets: Names after `secrets.`.
        publications: What it publishes; a job that calls a workflow publishes nothing itself.
    """

    workflow: str
    environments: tuple[str, ...] = ()
    variables: frozenset[str] = frozenset()
    secrets: frozenset[str] = frozenset()
    publications: tuple[Publication, ...] = ()

    @property
    def targets(self) -> tuple[str, ...]:
        """List where it publishes to, each once."""
        return tuple(dict.fromkeys(row.target for row in self.publications))

    @property
    def trusted(self) -> tuple[str, ...]:
        """List where it publishes to as a Trusted Publisher, without a credential."""
        return tuple(dict.fromkeys(row.target for row in self.publications if row.trusted))


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
    def publications(self) -> tuple[Publication, ...]:
        """List what all jobs publish."""
        return tuple(row for job in self.jobs for row in job.publications)

    @property
    def publishing_environments(self) -> tuple[str, ...]:
        """List the environments of the jobs that publish, each once."""
        return tuple(
            dict.fromkeys(name for job in self.jobs if job.targets for name in job.environments)
        )


def read_needs(
    workflows: Iterable[Workflow], stages: Sequence[str], read_text: TextReader = no_text
) -> Needs:
    """Read what a project's workflows ask for.

    An `environment:` that is only known while the workflow runs means one of the stages, which are
    named by their GitHub Environments.

    Args:
        read_text: Reads the files of the project that the workflows call.
    """
    sources = ProjectSources(tuple(workflows), read_text)
    return Needs(
        tuple(
            _read_job(workflow, job_id, stages, sources)
            for workflow in sources.workflows
            for job_id in workflow.jobs
        )
    )


def _read_job(
    workflow: Workflow, job_id: str, stages: Sequence[str], sources: ProjectSources
) -> JobNeeds:
    job = workflow.jobs[job_id]
    text = json.dumps([job, workflow.document.get("env")], default=str)
    return JobNeeds(
        workflow=workflow.file_name,
        environments=_environments(job, stages),
        variables=_names("vars", text),
        secrets=_names("secrets", text) - {"GITHUB_TOKEN"},
        publications=() if "uses" in job else find_in_job(workflow, job_id, sources),
    )


def _environments(job: Mapping[str, Any], stages: Sequence[str]) -> tuple[str, ...]:
    name = environment_name(job) or ""
    if "${{" in name:
        return tuple(stages)
    return (name,) if name else ()


def _names(context: str, text: str) -> frozenset[str]:
    names = re.findall(rf"\b{context}(?:\.|\[')([A-Za-z_][A-Za-z0-9_]*)", text)
    return frozenset(name.upper() for name in names)
