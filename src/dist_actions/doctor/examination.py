"""Examine a project: read the facts, make the checks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from dist_actions.doctor.checks import environments, jobs, permissions, project, rules, services
from dist_actions.doctor.checks import triggers as workflow_triggers
from dist_actions.doctor.facts import Facts, IndexFacts, JobFacts, ProjectFacts, Unread
from dist_actions.doctor.findings import Check, Diagnosis, diagnose
from dist_actions.doctor.inputs import PERMISSIONS, DoctorInputs
from dist_actions.doctor.reading.indexes import IndexReading
from dist_actions.doctor.reading.job import JobReader
from dist_actions.doctor.reading.project import read_project
from dist_actions.doctor.reading.repository import RepositoryReader
from dist_actions.identity.secret import Secret
from dist_actions.indexes.connecting import IndexConnector, pypi_endpoints
from dist_actions.indexes.targets import PyPITarget
from dist_actions.pipeline.settings import Settings
from dist_actions.repository_settings.expected import ExpectedSettings, expect_settings
from dist_actions.repository_settings.workflow_jobs import read_jobs
from dist_actions.services.github.client import GitHubClient
from dist_actions.services.github.session import GitHubSession
from dist_actions.services.retries import Retries
from dist_actions.services.runner import Runner
from dist_actions.versions import ProjectFiles

#: All checks, in the order in which they are shown.
CHECKS: tuple[Check[Facts], ...] = (
    *project.CHECKS,
    *workflow_triggers.CHECKS,
    *permissions.CHECKS,
    *jobs.CHECKS,
    *environments.CHECKS,
    *rules.CHECKS,
    *services.CHECKS,
)
_NO_SETTINGS = Unread("the settings of dist-actions cannot be read")


@dataclass(frozen=True)
class Examination:
    """What is examined, and by which means.

    Attributes:
        project: The project's files.
        inputs: What doctor is told.
        environ: Variables of the job or of the machine.
        session: The repository on GitHub; why it is not asked, where it is not.
        open_github: Opens it with the token of a job, or of whoever runs the command.
    """

    project: ProjectFiles
    inputs: DoctorInputs
    environ: Mapping[str, str]
    session: GitHubSession | Unread
    retries: Retries
    runner: Runner
    open_github: Callable[[GitHubSession, Secret], GitHubClient] = GitHubSession.as_job

    def run(self) -> Diagnosis:
        """Read the facts and make every check.

        Raises:
            InputError: An address in the environment is unusable.
        """
        public_index = pypi_endpoints(self.environ, PyPITarget("pypi")).index_url
        facts = read_project(self.project, self.environ, public_index)
        if isinstance(facts.settings, Settings):
            return diagnose(CHECKS, self._read(facts, facts.settings))
        unread = (_NO_SETTINGS,) * 7
        return diagnose(CHECKS, Facts(facts, *unread, IndexFacts(_NO_SETTINGS, _NO_SETTINGS)))

    def _read(self, facts: ProjectFacts, settings: Settings) -> Facts:
        names = [package.name for package in facts.packages if package.name]
        job = JobReader(self.environ, self.retries, self.runner).read(self.inputs.targets, names)
        environment = str(job.claims.get("environment") or "") if isinstance(job, JobFacts) else ""
        connector = IndexConnector(self.environ, self.retries, self.runner)
        reading = IndexReading(connector, self.inputs.readers, self.inputs.targets, environment)
        session = self.session
        if isinstance(session, Unread):
            unread = (session, session, _expect(facts, settings), session, session, session)
            return Facts(facts, *unread, job, reading.read(session, facts, settings))
        client = self.open_github(session, self.inputs.github_token)
        reader = RepositoryReader(client, session)
        return Facts(
            project=facts,
            branches=reader.branches(facts, settings),
            settings=reader.settings(),
            expected=_expect(facts, settings),
            rules=reader.rules(settings),
            promotion_rules=reader.promotion_rules(),
            apps=reader.apps(self.inputs.credentials, PERMISSIONS[self.inputs.bot]),
            job=job,
            indexes=reading.read(client, facts, settings),
        )


def _expect(facts: ProjectFacts, settings: Settings) -> ExpectedSettings | Unread:
    """Work out which settings the workflows need that use our actions."""
    stages = [stage.github_environment for stage in settings.environments.stages]
    try:
        jobs = [
            job
            for workflow in facts.workflows
            if workflow.is_ours
            for job in read_jobs(workflow.name, workflow.document, stages)
        ]
    except (ValueError, RecursionError):
        return Unread("a workflow refers to itself, or is nested hundreds deep")
    name = facts.packages[0].name if len(facts.packages) == 1 else ""
    return expect_settings(settings, name, jobs)
