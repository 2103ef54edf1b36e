"""The command `dist-actions`: a project's version, and the stages outside their actions.

A stage is imported when it is asked for, because each has requirements of its own.
"""

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module

from dist_actions.commands.command_line import add_common_options, missing_package, run_to_end
from dist_actions.commands.queries import add_query_commands
from dist_actions.commands.version import add_version_command
from dist_actions.services.signals import TerminatedError, terminable
from dist_actions.stage import report_cancellation

_Stage = Callable[[Mapping[str, str]], int]

#: Module of each stage by its command, and what it says of itself.
_STAGES = {
    "auto-tag": ("auto_tag.main", "Tag the version that was pushed to an environment's branch."),
    "release": ("release.main", "Turn a tag into a GitHub release and files in an index."),
    "promote": ("promote.main", "Open the pull request that carries a version on."),
    "login": ("login.main", "Let installers read the private index for the rest of the job."),
    "publish": ("publish.main", "Publish the distributions of a folder."),
}


def create_parser() -> argparse.ArgumentParser:
    """Create the command line of `dist-actions`."""
    parser = argparse.ArgumentParser(
        prog="dist-actions",
        description="Take a Python package from a push to an installable release.",
    )
    add_common_options(parser)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    add_version_command(
        commands.add_parser("version", help="Show a project's version and where it stands.")
    )
    add_query_commands(commands)
    for name, (module, description) in _STAGES.items():
        stage = commands.add_parser(
            name,
            help=description,
            description=f"{description} Inputs are read from the environment, as the action's "
            "own: INPUT_DIST and so on.",
        )
        stage.set_defaults(run=_stage_runner(name, module))
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status."""
    arguments = create_parser().parse_args(argv)
    return run_to_end(lambda: arguments.run(arguments))


def _stage_runner(name: str, module: str) -> Callable[[argparse.Namespace], int]:
    def run(_arguments: argparse.Namespace) -> int:
        try:
            with terminable():
                stage: _Stage = import_module(f"dist_actions.{module}").main
                return stage(dict(os.environ))
        except ModuleNotFoundError as error:
            refusal = missing_package(f"dist-actions {name}", error)
            print(f"dist-actions: {refusal.lines}", file=sys.stderr)
            return refusal.exit_status
        except TerminatedError:
            return report_cancellation(name)

    return run


if __name__ == "__main__":
    sys.exit(main())
