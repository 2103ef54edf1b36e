"""`dist-actions status --organisation`: read it, print it, and write the page and the badge."""

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from dist_actions.commands.command_line import find_width, shows_colours
from dist_actions.commands.options import refuse_beside
from dist_actions.commands.status.inputs import find_repository, find_token, read_indexes
from dist_actions.commands.status.organisation.answer import to_json, to_markdown, to_text
from dist_actions.commands.status.organisation.badge import render_badge
from dist_actions.commands.status.organisation.indexes import add_index_drift
from dist_actions.commands.status.organisation.packages import OrganisationStatus
from dist_actions.commands.status.organisation.reading import read_organisation
from dist_actions.errors import InputError
from dist_actions.indexes.connecting import IndexConnector
from dist_actions.services.clock import SYSTEM_CLOCK
from dist_actions.services.github.organisation.listing import Organisations
from dist_actions.services.github.session import GitHubSession
from dist_actions.services.retries import Retries
from dist_actions.services.runner import Runner

#: The name of a file that means standard output.
STANDARD_OUTPUT = "-"


def is_about_many(arguments: argparse.Namespace) -> bool:
    """Tell whether the arguments ask for the status of packages side by side."""
    return bool(arguments.organisation or len(arguments.repository) > 1)


def refuse_without_effect(arguments: argparse.Namespace) -> None:
    """Refuse options that do nothing beside another one.

    Raises:
        InputError: One is given.
    """
    others = "--organisation" if arguments.organisation else "several --repository"
    many = is_about_many(arguments)
    for option, given, effect in (
        ("--package", arguments.package, "it names what would be promoted in one repository"),
        ("--path", arguments.path, "each repository's settings are read from GitHub"),
    ):
        refuse_beside(others, option, given=many and given, effect=effect)
    page_only = arguments.html == STANDARD_OUTPUT
    badge_only = arguments.badge == STANDARD_OUTPUT
    for option, given in (
        ("--badge -", page_only and badge_only),
        ("--json", arguments.json and (page_only or badge_only)),
        ("--markdown", arguments.markdown and (page_only or badge_only)),
    ):
        refuse_beside(
            "--html -" if page_only else "--badge -",
            option,
            given=given,
            effect="standard output takes one of the two",
        )


def write_files(
    arguments: argparse.Namespace, environ: Mapping[str, str], runner: Runner
) -> OrganisationStatus:
    """Read the status and write the page and the badge, as far as they are asked for.

    Raises:
        DistActionsError: It cannot be read, or a file cannot be written.
    """
    render = _load_renderer() if arguments.html else None
    status = _read(arguments, environ, runner)
    for path, content in (
        (arguments.html, render(status) if render else ""),
        (arguments.badge, render_badge(status) if arguments.badge else ""),
    ):
        if path == STANDARD_OUTPUT:
            print(content)
        elif path:
            _write(Path(path), content)
    return status


def show_organisation(
    arguments: argparse.Namespace, environ: Mapping[str, str], runner: Runner
) -> str:
    """Read the status, write the files that are asked for, and return what is printed.

    Raises:
        DistActionsError: It cannot be read, or a file cannot be written.
    """
    status = write_files(arguments, environ, runner)
    if arguments.json:
        return to_json(status)
    if arguments.markdown:
        return to_markdown(status)
    return to_text(status, width=find_width(sys.stdout), colours=shows_colours(sys.stdout))


def _read(
    arguments: argparse.Namespace, environ: Mapping[str, str], runner: Runner
) -> OrganisationStatus:
    folder = Path(arguments.path)
    given = arguments.repository or ([] if arguments.organisation else [""])
    names = [find_repository(name, environ, folder) for name in given]
    token = find_token(environ)
    runner.mask(token)
    retries = Retries.of_run(environ, runner)
    readers = read_indexes(environ)
    # No repository of its own: every query names those that it is about.
    described = {**environ, "GITHUB_REPOSITORY": arguments.organisation or names[0]}
    client = GitHubSession.from_environ(described, runner, retries).as_person(token)
    now = SYSTEM_CLOCK.now()
    status = read_organisation(Organisations(client), arguments.organisation, names, now)
    connector = IndexConnector(environ, retries, runner)
    return add_index_drift(status, readers, connector) if readers else status


def _load_renderer() -> Callable[[OrganisationStatus], str]:
    try:
        from dist_actions.commands.status.organisation.page.rendering import (  # noqa: PLC0415
            render_status_page,
        )
    except ModuleNotFoundError as error:
        raise InputError(
            f"The page cannot be made: {error.name} is not installed.",
            why="only the option --html needs it, so dist-actions does without it.",
            fix="install dist-actions[status].",
        ) from error
    return render_status_page


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"{path} cannot be written: {error.strerror}.",
            why="it is a folder, or one that leads to it may not be written to.",
            fix="name a file in a folder of yours.",
        ) from error
