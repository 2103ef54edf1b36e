"""The command `dist-actions doctor`: what is wrong with a project's set-up, and how to mend it."""

import argparse
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from dist_actions.commands.command_line import shows_colours
from dist_actions.commands.status.inputs import (
    find_repository,
    find_token,
    has_token,
    read_indexes,
)
from dist_actions.commands.tags import find_project
from dist_actions.doctor.examination import Examination
from dist_actions.doctor.facts import Unread
from dist_actions.doctor.findings import Diagnosis, Problem
from dist_actions.doctor.inputs import DoctorInputs
from dist_actions.doctor.main import make_retries
from dist_actions.doctor.report import Look, to_json, to_text
from dist_actions.errors import EXIT_DONE, EXIT_REFUSED, DistActionsError, InputError
from dist_actions.identity.secret import Secret
from dist_actions.services.github.session import GitHubSession
from dist_actions.services.runner import Runner
from dist_actions.services.transport.certificates import require_certificate_bundle


def show_diagnosis(arguments: argparse.Namespace) -> int:
    """Print the diagnosis on standard output, and everything else on standard error."""
    environ = dict(os.environ)
    runner = Runner.from_environ({**environ, "GITHUB_OUTPUT": ""}, sys.stderr)
    try:
        require_certificate_bundle(environ)
        diagnosis, github_repository = _examine(arguments, environ, runner)
    except DistActionsError as error:
        runner.log(f"dist-actions: {error.lines}")
        return error.exit_status
    if arguments.json:
        print(to_json(diagnosis, github_repository))
    else:
        text = to_text(diagnosis, github_repository, _find_look())
        if sys.stdout.isatty():
            print(text)
        else:
            Runner.from_environ(environ, sys.stdout).log(text)
    return EXIT_REFUSED if diagnosis.has_errors else EXIT_DONE


def _examine(
    arguments: argparse.Namespace, environ: Mapping[str, str], runner: Runner
) -> tuple[Diagnosis, str]:
    project = find_project(Path(arguments.path))
    retries = make_retries(environ, runner)
    session: GitHubSession | Unread
    token, github_repository = Secret(""), ""
    try:
        github_repository = find_repository(arguments.repository, environ, project.workspace)
        token = find_token(environ)
        described = {**environ, "GITHUB_REPOSITORY": github_repository}
        session = GitHubSession.from_environ(described, runner, retries)
    except InputError as error:
        if arguments.repository and not github_repository:
            raise
        # Without a token, or outside of a clone, nobody asked for more than the files.
        is_refused = bool(github_repository) and has_token(environ)
        session = Unread(
            f"{error.what.rstrip('.')} (fix: {error.fix.rstrip('.')})",
            Problem.of_error(error) if is_refused else None,
        )
    inputs = DoctorInputs(github_token=token, readers=read_indexes(environ))
    examination = Examination(
        project, inputs, environ, session, retries, runner, GitHubSession.as_person
    )
    return examination.run(), github_repository


def _find_look() -> Look:
    encoding = (sys.stdout.encoding or "").lower().replace("-", "")
    return Look(
        width=shutil.get_terminal_size((100, 24)).columns,
        colours=shows_colours(sys.stdout),
        unicode=encoding.startswith("utf"),
    )
