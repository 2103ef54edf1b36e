"""What a project's workflows ask for: environments, variables, secrets, indexes. It is pure.

Everything is read from the workflow files: `environment:` and `permissions:` of the jobs, `vars.X`
and `secrets.X` in them, and the inputs of the steps that publish.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from dist_actions.repository_settings.workflow_jobs import WorkflowJob, read_jobs
from dist_sandbox.rehearse.publishing.publications import (
    ProjectSources,
    Publication,
    find_in_job,
)
from dist_sandbox.rehearse.publishing.scripts import TextReader, no_text
from dist_sandbox.rehearse.workflows.files import Workflow


@dataclass(frozen=True)
class JobNeeds(WorkflowJob):
    """What one job asks for, and publishes; one that calls a workflow publishes nothing itself."""

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
            JobNeeds(
                **vars(job),
                publications=(() if "uses" in document else find_in_job(workflow, job_id, sources)),
            )
            for workflow in sources.workflows
            for (job_id, document), job in zip(
                workflow.jobs.items(),
                read_jobs(workflow.file_name, workflow.document, stages),
                strict=True,
            )
        )
    )
