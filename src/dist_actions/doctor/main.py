"""The doctor action from environment variables to exit status."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from dist_actions.doctor.examination import Examination
from dist_actions.doctor.facts import Unread
from dist_actions.doctor.findings import Diagnosis, Finding
from dist_actions.doctor.inputs import DoctorInputs
from dist_actions.doctor.report import Look, to_json, to_markdown, to_text
from dist_actions.errors import EXIT_DONE, EXIT_REFUSED, Level
from dist_actions.job.checkout_place import find_checkout
from dist_actions.job.event import Event, refuse_untrusted
from dist_actions.services.clock import SYSTEM_CLOCK, Clock
from dist_actions.services.github.session import GitHubSession
from dist_actions.services.retries import Retries
from dist_actions.services.runner import Runner
from dist_actions.stage import run_stage
from dist_actions.versions import ProjectFiles

_TITLE = "doctor"
_LOG_COLUMNS = 100
#: Nothing is waited for: doctor tells what is refused now.
_MAX_WAIT = timedelta(seconds=1)


def main(environ: Mapping[str, str], clock: Clock = SYSTEM_CLOCK) -> int:
    """Run the stage in this environment and return its exit status."""
    return run_stage(_TITLE, environ, lambda runner: _run(environ, runner, clock))


def _run(environ: Mapping[str, str], runner: Runner, clock: Clock) -> int:
    event = Event.from_environ(environ)
    refuse_untrusted(event)
    inputs = DoctorInputs.from_environ(environ)
    place = find_checkout(Path(environ.get("GITHUB_WORKSPACE", ".")), inputs.package_path)
    retries = make_retries(environ, runner, clock)
    session: GitHubSession | Unread = Unread("the input github-token is empty")
    if inputs.github_token:
        session = GitHubSession.from_environ(environ, runner, retries)
    project = ProjectFiles(place.repository, place.package_path)
    diagnosis = Examination(project, inputs, environ, session, retries, runner).run()
    report(diagnosis, event.github_repository, runner)
    return EXIT_REFUSED if diagnosis.has_errors else EXIT_DONE


def make_retries(
    environ: Mapping[str, str], runner: Runner, clock: Clock = SYSTEM_CLOCK
) -> Retries:
    """Make the patience of doctor, which is short."""
    return Retries.of_run(environ, runner, _MAX_WAIT, clock)


def report(diagnosis: Diagnosis, github_repository: str, runner: Runner) -> None:
    """Show a diagnosis in the log, as annotations, in the summary and in the outputs."""
    look = Look(_LOG_COLUMNS, colours=False, unicode=True)
    runner.log(to_text(diagnosis, github_repository, look))
    for finding in diagnosis.findings:
        _annotate(finding, runner)
    runner.add_summary(to_markdown(diagnosis))
    runner.set_outputs(
        {
            "errors": str(len(diagnosis.of_outcome("error"))),
            "warnings": str(len(diagnosis.of_outcome("warning"))),
            "report": to_json(diagnosis, github_repository),
        }
    )


def _annotate(finding: Finding, runner: Runner) -> None:
    problem = finding.problem
    if problem is not None:
        level: Level = "error" if finding.outcome == "error" else "warning"
        text = f"{problem.what}\nWhy: {problem.why}\nFix: {problem.mend}\nSee {finding.page}"
        runner.annotate(level, text, title=_TITLE, location=problem.location)
