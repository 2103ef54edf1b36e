"""The command `dist-actions status`: what stands where, and what promotion would do next."""

import argparse
import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from dist_actions.commands.command_line import find_width, shows_colours
from dist_actions.commands.status.answer import Status
from dist_actions.commands.status.inputs import find_repository, find_token, read_indexes
from dist_actions.commands.status.next_steps import StatusContext, find_next_steps
from dist_actions.commands.status.organisation.command import (
    STANDARD_OUTPUT,
    is_about_many,
    refuse_without_effect,
    show_organisation,
    write_files,
)
from dist_actions.commands.tables import show
from dist_actions.commands.tags import find_project, tag_formats, unknown_name
from dist_actions.errors import EXIT_DONE, DistActionsError
from dist_actions.indexes.package_indexes import PackageIndexes
from dist_actions.overview.reading import read_environment_statuses
from dist_actions.pipeline.settings import read_settings
from dist_actions.promote.gates.conditions import PackageReport
from dist_actions.promote.gates.dependencies import DependencyGate
from dist_actions.promote.history.clone import PromotionClone
from dist_actions.promote.history.package_folders import Monorepo
from dist_actions.promote.promotion import Promotion
from dist_actions.promote.selection import ALL
from dist_actions.services.github.releases import Releases
from dist_actions.services.github.session import GitHubSession
from dist_actions.services.retries import Retries
from dist_actions.services.runner import Runner
from dist_actions.services.transport.certificates import require_certificate_bundle
from dist_actions.versions.project_files import normalised


def show_status(arguments: argparse.Namespace) -> int:
    """Print the status on standard output, and everything else on standard error."""
    environ = dict(os.environ)
    runner = Runner.from_environ({**environ, "GITHUB_OUTPUT": ""}, sys.stderr)
    try:
        refuse_without_effect(arguments)
        require_certificate_bundle(environ)
        if is_about_many(arguments):
            answer = show_organisation(arguments, environ, runner)
        else:
            answer = _answer(_read(arguments, environ, runner), arguments)
            if arguments.html or arguments.badge:
                write_files(arguments, environ, runner)
    except DistActionsError as error:
        runner.log(f"dist-actions: {error.lines}")
        return error.exit_status
    if STANDARD_OUTPUT in (arguments.html, arguments.badge):
        return EXIT_DONE
    if arguments.json or arguments.markdown:
        print(answer)
        return EXIT_DONE
    text = "\n".join([answer, *_name_files(arguments)])
    if sys.stdout.isatty():
        print(text)
    else:
        Runner.from_environ(environ, sys.stdout).log(text)
    return EXIT_DONE


def _name_files(arguments: argparse.Namespace) -> list[str]:
    """Say where files were written, a line each."""
    paths = [path for path in (arguments.html, arguments.badge) if path]
    lines = [f"Wrote {show(str(Path(path).resolve()))}" for path in paths]
    return ["", *lines] if lines else []


def _answer(status: Status, arguments: argparse.Namespace) -> str:
    if arguments.json:
        return status.to_json()
    if arguments.markdown:
        return status.to_markdown()
    return status.to_text(width=find_width(sys.stdout), colours=shows_colours(sys.stdout))


def _read(arguments: argparse.Namespace, environ: Mapping[str, str], runner: Runner) -> Status:
    project = find_project(Path(arguments.path))
    settings = read_settings(project.workspace, project.package_path)
    names = {package.name for package in settings.packages}
    if arguments.package and normalised(arguments.package) not in names:
        raise unknown_name("package", arguments.package, sorted(names))
    github_repository = find_repository(
        next(iter(arguments.repository), ""), environ, project.workspace
    )
    token = find_token(environ)
    runner.mask(token)
    described = {**environ, "GITHUB_REPOSITORY": github_repository}
    retries = Retries.of_run(environ, runner)
    session = GitHubSession.from_environ(described, runner, retries)
    client = session.as_person(token)
    releases = Releases(client)
    recent = releases.recent()
    indexes = PackageIndexes(read_indexes(environ), environ, retries, runner)
    gate = DependencyGate(indexes.of, releases, runner.log)

    def find_dependents(promotion: Promotion) -> PackageReport:
        tags = {state.tag for state in promotion.moving} or {promotion.tag}
        promoted = [release for release in recent if release.tag in tags and not release.draft]
        return gate.show_dependents(promotion, promoted)

    with tempfile.TemporaryDirectory(prefix="dist-actions-") as folder:
        url = f"{session.server_url}/{github_repository}.git"
        clone = PromotionClone(Path(folder), environ, url, token, retries)
        monorepo = Monorepo(settings.packages, clone.list_tags(), settings.environments)
        forms = tag_formats(settings, project)
        if not settings.packages:
            forms = {"": next(iter(forms.values()))}
        statuses = read_environment_statuses(
            releases, recent, settings.environments, forms, tags=monorepo.tags
        )
        steps = find_next_steps(
            StatusContext(
                clone=clone,
                monorepo=monorepo,
                tag_format=forms.get(""),
                released=[release.tag for release in recent if not release.draft],
                package=arguments.package or (ALL if settings.packages else ""),
                client=client,
                find_dependents=find_dependents,
            )
        )
    return Status(github_repository, statuses, steps)
