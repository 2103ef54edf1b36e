"""The command `dist-actions status`: what stands where, and what promotion would do next."""

import argparse
import os
import sys
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from dist_actions.commands.status.answer import Status
from dist_actions.commands.status.next_steps import Asking, find_next_steps
from dist_actions.commands.status.repository import find_repository, find_token
from dist_actions.commands.tags import find_project
from dist_actions.errors import EXIT_DONE, DistActionsError
from dist_actions.overview.reading import Forms, read_standings
from dist_actions.pipeline.settings import Settings, read_settings
from dist_actions.pipeline.tags import TagFormat
from dist_actions.promote.history.reading import Monorepo
from dist_actions.promote.history.repository import Histories
from dist_actions.promote.selection import ALL, no_package
from dist_actions.services.clock import SystemClock
from dist_actions.services.github.graphql import pulls_into
from dist_actions.services.github.pulls import PullRequests
from dist_actions.services.github.releases import Releases
from dist_actions.services.github.rules import read_branch_rules
from dist_actions.services.github.session import GitHubSession
from dist_actions.services.retries import Retries
from dist_actions.services.runner import Runner
from dist_actions.versions import ProjectFiles, find_name
from dist_actions.versions.project_files import normalised

#: What a shell reports for a process that was interrupted.
_EXIT_INTERRUPTED = 130


def show_status(arguments: argparse.Namespace) -> int:
    """Print the status on standard output, and everything else on standard error."""
    environ = dict(os.environ)
    runner = Runner.from_environ({**environ, "GITHUB_OUTPUT": ""}, sys.stderr)
    try:
        status = _read(arguments, environ, runner)
    except DistActionsError as error:
        runner.log(f"dist-actions: {error.lines}")
        return error.exit_status
    except KeyboardInterrupt:
        return _EXIT_INTERRUPTED
    if arguments.json:
        print(status.to_json())
    elif arguments.markdown:
        print(status.to_markdown())
    elif sys.stdout.isatty():
        print(status.to_text(colours=not environ.get("NO_COLOR")))
    else:
        Runner.from_environ(environ, sys.stdout).log(status.to_text(colours=False))
    return EXIT_DONE


def _read(arguments: argparse.Namespace, environ: Mapping[str, str], runner: Runner) -> Status:
    project = find_project(Path(arguments.path))
    settings = read_settings(project.workspace, project.package_path)
    names = {one.name for one in settings.packages}
    if arguments.package and normalised(arguments.package) not in names:
        raise no_package(arguments.package, settings.packages)
    github_repository = find_repository(arguments.repository, environ, project.workspace)
    token = find_token(environ)
    runner.mask(token)
    described = {**environ, "GITHUB_REPOSITORY": github_repository}
    retries = Retries(SystemClock(), runner.log)
    session = GitHubSession.from_environ(described, runner, retries)
    client = session.as_job(token)
    releases = Releases(client)
    listed = releases.recent()
    with tempfile.TemporaryDirectory(prefix="dist-actions-") as folder:
        url = f"{session.server_url}/{github_repository}.git"
        histories = Histories(Path(folder), environ, url, token)
        monorepo = Monorepo(settings.packages, histories.list_tags(), settings.environments)
        forms = _forms(settings, project)
        standings = read_standings(
            releases, listed, settings.environments, forms, tags=monorepo.tags
        )
        pulls = PullRequests(client)
        steps = find_next_steps(
            Asking(
                histories=histories,
                monorepo=monorepo,
                tag_format=forms.get(""),
                released=[release.tag for release in listed if not release.draft],
                package=arguments.package or (ALL if settings.packages else ""),
                pulls_into=partial(pulls_into, client),
                rules_of=partial(read_branch_rules, client),
                open_pull=partial(_open_pull, pulls),
            )
        )
    return Status(github_repository, standings, steps)


def _forms(settings: Settings, project: ProjectFiles) -> Forms:
    suffixes = settings.environments.suffixes
    if settings.packages:
        return {one.name: one.tags(suffixes) for one in settings.packages}
    name = normalised(find_name(project))
    return {"": TagFormat(settings.tag_format, name, suffixes)}


def _open_pull(pulls: PullRequests, head: str, base: str) -> str:
    found = pulls.find(head, base)
    return found.url if found and found.state == "open" else ""
