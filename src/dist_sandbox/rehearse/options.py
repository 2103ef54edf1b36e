"""The arguments of `dist-sandbox rehearse`, as typed values."""

import argparse
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dist_actions.commands.options import refuse_beside, refuse_without
from dist_sandbox.gateway.routing import require_hosts
from dist_sandbox.rehearse.errors import UsageError
from dist_sandbox.rehearse.manual_steps.steps import Dispatch
from dist_sandbox.rehearse.project.remote import is_repository_name
from dist_sandbox.rehearse.publishing.given_secrets import GivenSecret, read_given_secret
from dist_sandbox.rehearse.publishing.selection import WorkflowChoice
from dist_sandbox.rehearse.walls.enclosing import AUTO, NONE, REQUIRE

#: The image of a job's container; `scripts/images` builds it.
JOB_IMAGE = "dist-actions-sandbox"
#: An action's repository and ref; a folder in between is that of the action in it.
_ACTION = re.compile(r"([\w.-]+/[\w.-]+)(?:/[^@]*)?(@.+)?")
#: GitHub's three merge buttons.
_METHODS = ("merge", "squash", "rebase")


@dataclass(frozen=True)
class Turn:
    """A project that is carried up to an environment before the others go on."""

    project: str
    environment: str


@dataclass(frozen=True)
class Options:
    """The command's arguments, each as its help text describes it.

    The projects are read and never written to. Without an image the jobs run in host mode, and
    without the name of a last environment production is the last. `merge_methods` is by
    environment: that of no name is for all others, and a merge commit is made where that is missing
    too. `extra_actions` are by `OWNER/NAME@REF`, or `OWNER/NAME` for every ref.
    """

    projects: tuple[Path, ...]
    output: Path = Path("build/rehearsal")
    repository: str = ""
    workflows: WorkflowChoice = field(default_factory=WorkflowChoice)
    init: bool = False
    confirmed: bool = False
    image: str = ""
    merge_methods: Mapping[str, str] = field(default_factory=dict)
    rerun: bool = False
    until: str = ""
    turns: tuple[Turn, ...] = ()
    dispatches: tuple[Dispatch, ...] = ()
    patches: tuple[Path, ...] = ()
    commands: tuple[str, ...] = ()
    reviewed: tuple[str, ...] = ()
    rejects: tuple[str, ...] = ()
    actions: Path | None = None
    extra_actions: dict[str, Path] = field(default_factory=dict)
    fetch_actions: bool = False
    refresh_actions: bool = False
    workflow_permissions: str = "read"
    allowed_hosts: tuple[str, ...] = ()
    tag: str = ""
    secrets: Mapping[str, GivenSecret] = field(default_factory=dict, repr=False)
    variables: Mapping[str, str] = field(default_factory=dict)
    organisation_secrets: bool = False
    keep_state: bool = False
    walls: str = AUTO
    keep_tools: bool = False


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `rehearse` to its parser."""
    parser.add_argument(
        "folders", nargs="*", type=Path, metavar="PROJECT",
        help="the project, the current folder by default; several are repositories of one "
        "organisation, and each is carried as far as it goes before the next",
    )  # fmt: skip
    parser.add_argument("--project", type=Path, help="the project; the same as PROJECT")
    _add_arguments_about_steps(parser)
    _add_arguments_about_the_project(parser)
    parser.add_argument(
        "--init", action="store_true", help="set it up first, as `dist-actions init` would"
    )
    parser.add_argument("--yes", action="store_true", help="answer yes to what --init asks")
    parser.add_argument("--docker", action="store_true", help="run each job in a container")
    parser.add_argument("--image", default="", help=f"image of those containers ({JOB_IMAGE})")
    parser.add_argument(
        "--output", type=Path, default=Path("build/rehearsal"), metavar="DIR",
        help="where report and logs are written (%(default)s)",
    )  # fmt: skip
    _add_arguments_about_actions(parser)
    parser.add_argument(
        "--organisation-secrets", action="store_true",
        help="let every job see the bots' keys, not only jobs of the environment that holds them",
    )  # fmt: skip
    parser.add_argument(
        "--walls", choices=(REQUIRE, AUTO, NONE), default=AUTO,
        help="keep the jobs from your files, your programs and the network where this machine can "
        "(auto), or else refuse to start (require), or do not (none)",
    )  # fmt: skip
    parser.add_argument(
        "--quiet", action="store_true", help="print the result and errors, and no progress"
    )
    parser.add_argument(
        "--json", action="store_true",
        help="print the result as JSON, as in report.json, and progress on standard error",
    )  # fmt: skip
    parser.add_argument("--keep-state", action="store_true", help="keep the sandbox's folder")
    parser.add_argument(
        "--keep-tools", action="store_true",
        help="without walls, let jobs use the actions' environments of earlier ones, which is "
        "faster; only for a project whose code you trust",
    )  # fmt: skip


def _add_arguments_about_the_project(parser: argparse.ArgumentParser) -> None:
    """Add those that say what the project's files and workflows do not."""
    parser.add_argument(
        "--repository", default="", metavar="OWNER/NAME",
        help="the project's repository on GitHub; without it that of the git remote origin",
    )  # fmt: skip
    parser.add_argument(
        "--tag", default="", help="the tag of the release, where the last ones do not tell its form"
    )
    parser.add_argument(
        "--workflow-permissions", choices=("read", "write"), default="read",
        help="what jobs without `permissions:` may do, as the repository's settings say; with "
        "write they may open pull requests, too (%(default)s)",
    )  # fmt: skip
    _add_repeatable(
        parser, "--allow-host", "HOST", "a host that jobs may read from, without any credential"
    )
    _add_repeatable(
        parser, "--secret", "NAME=WHAT",
        "what a secret of the workflows is: pypi-token, testpypi-token, index-username, "
        "index-password, app-id[:APP], app-key[:APP], google-key, github-token, file:PATH, or "
        "text:VALUE for a value that is harmless",
    )  # fmt: skip
    _add_repeatable(
        parser, "--only", "FILE", "a workflow that takes part, and no others but those so named"
    )
    _add_repeatable(parser, "--skip", "FILE", "a workflow that takes no part")
    parser.add_argument(
        "--all-workflows", action="store_true",
        help="let workflows take part, too, that publish nothing",
    )  # fmt: skip


def _add_arguments_about_actions(parser: argparse.ArgumentParser) -> None:
    """Add those that say where actions come from."""
    parser.add_argument("--actions", type=Path, metavar="PATH", help="checkout of dist-actions")
    parser.add_argument(
        "--fetch-actions", action="store_true",
        help="get the actions of others from github.com with your git, and keep them",
    )  # fmt: skip
    parser.add_argument(
        "--refresh-actions", action="store_true",
        help="the same, also those that are kept, and say which of their refs have moved",
    )  # fmt: skip
    _add_repeatable(
        parser, "--action", "OWNER/NAME[@REF]=FOLDER",
        "a local copy of another action, for this ref or for all",
    )  # fmt: skip


def _add_arguments_about_steps(parser: argparse.ArgumentParser) -> None:
    """Add those that say what happens, how far it goes, and in which order."""
    _add_repeatable(
        parser, "--merge", "[ENV=]METHOD",
        "how promotion pull requests are merged, to all environments or to this one: merge, "
        "squash or rebase (merge)",
    )  # fmt: skip
    parser.add_argument("--rerun", action="store_true", help="deliver every event again at the end")
    parser.add_argument("--until", default="", metavar="ENV", help="stop after this environment")
    _add_repeatable(
        parser, "--first", "PROJECT=ENV",
        "of several projects: one that is carried up to this environment before any goes further",
    )  # fmt: skip
    _add_repeatable(
        parser, "--dispatch", "ARGUMENTS",
        "a workflow that a person starts, as `gh workflow run ARGUMENTS`, once its ref is there; "
        "of several projects with --repo PROJECT",
    )  # fmt: skip
    _add_repeatable(
        parser, "--then", "PATCH", "a patch that is pushed when all before it is released",
        type=Path,
    )  # fmt: skip
    _add_repeatable(
        parser, "--run", "COMMAND",
        "what a person runs in the project's folder when nothing else happens, such as "
        "scripts/publish",
        dest="commands",
    )  # fmt: skip
    _add_repeatable(
        parser, "--reviewed", "ENV",
        "a GitHub Environment that asks for the reviewer's approval",
    )  # fmt: skip
    _add_repeatable(
        parser, "--reject", "ENV", "a GitHub Environment whose jobs the reviewer rejects"
    )


def _add_repeatable(
    parser: argparse.ArgumentParser, flag: str, metavar: str, description: str, **options: Any
) -> None:
    """Add an argument that may be given several times."""
    text = f"{description}; may be given several times"
    parser.add_argument(flag, action="append", default=[], metavar=metavar, help=text, **options)


def read_options(arguments: argparse.Namespace) -> Options:
    """Check the arguments and make them typed values.

    Raises:
        InputError: An option has no effect.
        UsageError: There is no project, or an argument cannot be used.
    """
    _refuse_without_effect(arguments)
    options = Options(
        projects=_read_projects(arguments),
        output=arguments.output,
        workflow_permissions=arguments.workflow_permissions,
        allowed_hosts=require_hosts(arguments.allow_host),
        tag=arguments.tag,
        secrets=dict(read_given_secret(text) for text in arguments.secret),
        repository=_read_repository(arguments.repository),
        workflows=WorkflowChoice(
            arguments.all_workflows, tuple(arguments.only), tuple(arguments.skip)
        ),
        init=arguments.init,
        confirmed=arguments.yes,
        image=(arguments.image or JOB_IMAGE) if arguments.docker else "",
        merge_methods=dict(_read_merge(text) for text in arguments.merge),
        rerun=arguments.rerun,
        until=arguments.until,
        turns=tuple(_read_turn(text) for text in arguments.first),
        dispatches=tuple(Dispatch.parse(text) for text in arguments.dispatch),
        patches=tuple(_read_patch(path) for path in arguments.then),
        commands=tuple(arguments.commands),
        reviewed=tuple(arguments.reviewed),
        rejects=tuple(arguments.reject),
        actions=arguments.actions.resolve() if arguments.actions else None,
        extra_actions=dict(_read_action(text) for text in arguments.action),
        fetch_actions=arguments.fetch_actions or arguments.refresh_actions,
        refresh_actions=arguments.refresh_actions,
        organisation_secrets=arguments.organisation_secrets,
        keep_state=arguments.keep_state,
        walls=arguments.walls,
        keep_tools=arguments.keep_tools,
    )
    _refuse_ambiguous(options)
    return options


def _refuse_without_effect(arguments: argparse.Namespace) -> None:
    """Refuse options that do nothing without, or beside, another one.

    Raises:
        InputError: One is given.
    """
    refuse_without(
        "--docker",
        "--image",
        given=arguments.image and not arguments.docker,
        effect="it names the image of a job's container, and no job runs in one",
    )
    refuse_without(
        "--init",
        "--yes",
        given=arguments.yes and not arguments.init,
        effect="it answers what --init asks",
    )
    refuse_beside(
        f"--walls {REQUIRE}",
        "--keep-tools",
        given=arguments.walls == REQUIRE and arguments.keep_tools and not arguments.docker,
        effect="jobs inside walls only read what is kept of tools",
    )
    refuse_beside(
        "--only",
        "--all-workflows",
        given=arguments.all_workflows and arguments.only,
        effect="no workflows take part but those that --only names",
    )


def _refuse_ambiguous(options: Options) -> None:
    """Refuse options that do not say which of several projects they are for, or need several.

    Raises:
        UsageError: One is given.
    """
    count = len(options.projects)
    of_one = {
        "--then": options.patches,
        "--run": options.commands,
        "--repository": options.repository,
        "--tag": options.tag,
    }
    for option in (name for name, value in of_one.items() if value and count > 1):
        raise UsageError(
            f"{option} does not say which project it is for.",
            why=f"{count} projects were named.",
            fix=f"leave {option} out, or rehearse that project alone.",
        )
    if options.turns and count == 1:
        raise UsageError(
            "--first has no effect for one project.",
            why="it says which of several projects is carried on before the others.",
            fix="leave it out, or name further projects.",
        )


def _read_projects(arguments: argparse.Namespace) -> tuple[Path, ...]:
    named = [arguments.project] if arguments.project is not None else []
    projects = tuple(path.resolve() for path in (*named, *arguments.folders))
    if named and arguments.folders:
        raise UsageError(
            f"{len(projects)} projects were named.",
            why="a rehearsal takes one with --project, or one or several as PROJECT.",
            fix="run `dist-sandbox rehearse PROJECT`.",
        )
    return projects or (Path.cwd(),)


def _read_repository(text: str) -> str:
    if text and not is_repository_name(text):
        raise UsageError(
            f"--repository {text} cannot be used.",
            why="it is OWNER/NAME, as in the address of the repository on GitHub.",
            fix="write it as in --repository octo-org/octo-repo.",
        )
    return text


def _read_turn(text: str) -> Turn:
    project, equals, environment = text.rpartition("=")
    if not (project and equals and environment):
        raise UsageError(
            f"--first {text} cannot be used.",
            why="it is PROJECT=ENV.",
            fix="name one of the projects and one of its environments, as in --first core=dev.",
        )
    return Turn(project, environment)


def _read_merge(text: str) -> tuple[str, str]:
    environment, _, method = text.rpartition("=")
    if method not in _METHODS:
        raise UsageError(
            f"--merge {text} cannot be used.",
            why=f"{method!r} is no merge button of GitHub.",
            fix=f"write one of {', '.join(_METHODS)}, or ENV=METHOD for one environment.",
        )
    return environment, method


def _read_patch(path: Path) -> Path:
    if not path.is_file():
        raise UsageError(
            f"There is no patch {path}.",
            why="--then takes a file as `git diff` writes it.",
            fix=f"write it with `git diff > {path.name}`.",
        )
    return path.resolve()


def _read_action(text: str) -> tuple[str, Path]:
    action, _, folder = text.partition("=")
    if not _ACTION.fullmatch(action) or not folder or not Path(folder).is_dir():
        raise UsageError(
            f"--action {text} cannot be used.",
            why="it is OWNER/NAME@REF=FOLDER or OWNER/NAME=FOLDER, and the folder must exist.",
            fix="give the folder that holds the action's repository.",
        )
    return _ACTION.sub(r"\1\2", action), Path(folder).resolve()
