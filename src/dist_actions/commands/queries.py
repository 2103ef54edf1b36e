"""The commands that only answer: `dist-actions tag`, `matrix`, `status` and `doctor`.

What they need is imported when they run, so that other commands start fast.
"""

import argparse
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path

from dist_actions.commands.command_line import missing_package
from dist_actions.errors import DistActionsError
from dist_actions.printable import json_line

#: Makes an answer from the arguments: its values by key, for JSON, and its text.
_Answer = Callable[[argparse.Namespace], tuple[Mapping[str, object], str]]
#: Runs a command, and returns its exit status.
_Run = Callable[[argparse.Namespace], int]


def add_query_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add these commands to the command line of `dist-actions`."""
    tag = commands.add_parser("tag", help="Write or read a tag as the settings say.")
    kinds = tag.add_subparsers(required=True, metavar="format|parse")
    writing = kinds.add_parser("format", help="Show the tag of a version.")
    writing.add_argument("version", metavar="VERSION", help="the version in its normal form")
    writing.add_argument("--environment", default="", help="one of the settings; else production")
    writing.add_argument("--package", default="", help="its name, where there are several")
    reading = kinds.add_parser("parse", help="Show version, environment and package of a tag.")
    reading.add_argument("tag", metavar="TAG", help="its name without refs/tags/")
    for parser, answer in ((writing, _format_tag), (reading, _parse_tag)):
        parser.add_argument("--path", default=".", help="a folder of the repository")
        _set(parser, answer)
    matrix = commands.add_parser("matrix", help="Show the Pythons that a project is tested on.")
    matrix.add_argument("path", nargs="?", default=".", help="the project's folder")
    _set(matrix, _show_matrix)
    _add_status(commands)
    _add_doctor(commands)
    _add_init(commands)


def _add_init(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    init = commands.add_parser(
        "init",
        help="Write the workflows and settings that fit a repository.",
        description="Look at a repository, and write the workflows and settings that fit it. "
        "Nothing of it runs, and a file that is there already is kept.",
    )
    init.add_argument("path", nargs="?", default=".", help="the repository's root")
    init.add_argument(
        "--starter", default="", metavar="NAME",
        help="a starter of examples/, such as pypi (the one its workflows are taken from, else "
        "those for Artifact Registry that fit its kind)",
    )  # fmt: skip
    init.add_argument(
        "--package-path", default="", metavar="FOLDER", help="release the package in it alone"
    )
    form = init.add_mutually_exclusive_group()
    form.add_argument("--dry-run", action="store_true", help="show what would change, as a diff")
    form.add_argument("--check", action="store_true", help="the same, and fail where there is any")
    form.add_argument(
        "--replace", action="store_true", help="also write files that differ, if git keeps them"
    )

    _add_hosted_options(init)

    init.set_defaults(run=_run_with_extra("init", "init.command", "run_init"))


def _add_hosted_options(init: argparse.ArgumentParser) -> None:
    """Add the options for the settings on GitHub."""
    hosted = init.add_argument_group(
        "settings on GitHub",
        "With --apply it also sets up branches, environments, their variables and deployment "
        "policies, and rules for tags, by the token in GH_TOKEN or GITHUB_TOKEN. It shows the plan "
        "first. Secrets are only named.",
    )
    hosted.add_argument("--apply", action="store_true", help="set up what is missing on GitHub")
    hosted.add_argument("--yes", action="store_true", help="do not ask before that")
    hosted.add_argument(
        "--repository",
        default="",
        metavar="OWNER/NAME",
        help="else that of the workflow run, or of the remote `origin`",
    )
    hosted.add_argument(
        "--variable", action="append", default=[], metavar="ENV:NAME=VALUE",
        help="the value of a variable; without ENV: of the repository; may be repeated",
    )  # fmt: skip
    hosted.add_argument(
        "--variables", action="append", default=[], metavar="ENV=FILE",
        help="the values that google.sh printed for an environment; may be repeated",
    )  # fmt: skip
    for bot in ("automation", "releaser"):
        hosted.add_argument(
            f"--{bot}-app", default="", metavar="NAME",
            help=f"the {bot} bot, by the name in the address of its page, or its App ID",
        )  # fmt: skip


def _add_status(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    status = commands.add_parser(
        "status",
        help="Show what stands in each environment, and what promotion would do next.",
        description="Show what stands in each environment of a repository on GitHub, and what "
        "promotion would do next. It reads by the token in GH_TOKEN or GITHUB_TOKEN and changes "
        "nothing.",
    )
    status.add_argument("--path", default="", help="a folder of the repository, for its settings")
    status.add_argument(
        "--repository",
        action="append",
        default=[],
        metavar="OWNER/NAME",
        help="else that of the workflow run, or of the remote `origin`; of several, each package "
        "is a row",
    )
    status.add_argument(
        "--organisation", default="", metavar="NAME", help="all packages of an organisation or user"
    )
    status.add_argument(
        "--html",
        default="",
        metavar="FILE",
        help="also write a page with all; - is standard output",
    )
    status.add_argument(
        "--badge", default="", metavar="FILE", help="also write a badge, an SVG; - as well"
    )
    status.add_argument("--package", default="", help="promote this one of several")
    form = status.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print all that is known, as JSON")
    form.add_argument("--markdown", action="store_true", help="print it for a job summary")

    def run(arguments: argparse.Namespace) -> int:
        from dist_actions.commands.status.command import show_status  # noqa: PLC0415 - see above

        return show_status(arguments)

    status.set_defaults(run=run)


def _add_doctor(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    doctor = commands.add_parser(
        "doctor",
        help="Find what is wrong with a project's set-up, and how to mend it.",
        description="Check a project's files, its workflows and the settings of its repository on "
        "GitHub, and say how each fault is mended. It reads by the token in GH_TOKEN or "
        "GITHUB_TOKEN and changes nothing. The exit status is 1 where something must be mended.",
    )
    doctor.add_argument("path", nargs="?", default=".", metavar="PROJECT", help="its folder")
    doctor.add_argument(
        "--repository",
        default="",
        metavar="OWNER/NAME",
        help="else that of the workflow run, or of the remote `origin`",
    )
    doctor.add_argument("--json", action="store_true", help="print all findings, as JSON")

    doctor.set_defaults(run=_run_with_extra("doctor", "doctor", "show_diagnosis"))


def _run_with_extra(command: str, module: str, function: str) -> _Run:
    """Return what runs a command that needs the packages of the extra `init`."""

    def run(arguments: argparse.Namespace) -> int:
        try:
            show: _Run = getattr(import_module(f"dist_actions.commands.{module}"), function)
        except ModuleNotFoundError as error:
            refusal = missing_package(f"dist-actions {command}", error, "init")
            print(f"dist-actions: {refusal.lines}", file=sys.stderr)
            return refusal.exit_status
        return show(arguments)

    return run


def _set(parser: argparse.ArgumentParser, answer: _Answer) -> None:
    parser.add_argument("--json", action="store_true", help="print all that is known, as JSON")

    def run(arguments: argparse.Namespace) -> int:
        try:
            values, text = answer(arguments)
        except DistActionsError as error:
            print(f"dist-actions: {error}", file=sys.stderr)
            return error.exit_status
        print(json_line(values) if arguments.json else text)
        return 0

    parser.set_defaults(run=run)


def _format_tag(arguments: argparse.Namespace) -> tuple[Mapping[str, object], str]:
    from dist_actions.commands.tags import TagQuestions  # noqa: PLC0415 - see above

    questions = TagQuestions(Path(arguments.path))
    answer = questions.format(arguments.version, arguments.environment, arguments.package)
    return answer.as_dict(), answer.tag


def _parse_tag(arguments: argparse.Namespace) -> tuple[Mapping[str, object], str]:
    from dist_actions.commands.tags import TagQuestions  # noqa: PLC0415 - see above

    values = TagQuestions(Path(arguments.path)).parse(arguments.tag).as_dict()
    keys = ("version", "environment", "suffix", "package")
    return values, "\n".join(f"{key}={values[key]}" for key in keys)


def _show_matrix(arguments: argparse.Namespace) -> tuple[Mapping[str, object], str]:
    from dist_actions.commands.tags import find_project  # noqa: PLC0415
    from dist_actions.versions.python_support import read_matrix  # noqa: PLC0415 - see above

    matrix = read_matrix(find_project(Path(arguments.path)))
    lines = [f"{entry.python}{' (experimental)' * entry.experimental}" for entry in matrix.entries]
    return matrix.as_dict(), "\n".join(lines)
