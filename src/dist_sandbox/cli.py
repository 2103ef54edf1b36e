"""The command `dist-sandbox`."""

import argparse
import sys
from collections.abc import Sequence

from dist_actions.commands.command_line import add_common_options, missing_package, run_to_end
from dist_actions.errors import DistActionsError


def create_parser() -> argparse.ArgumentParser:
    """Define the command line of `dist-sandbox`.

    Raises:
        ModuleNotFoundError: The extra `sandbox` is not installed, without which nothing starts.
    """
    from dist_sandbox.rehearse import command as rehearse  # noqa: PLC0415
    from dist_sandbox.server import command as serve  # noqa: PLC0415

    parser = argparse.ArgumentParser(
        prog="dist-sandbox",
        description="GitHub, Google Cloud and package indexes on this machine, to rehearse with.",
    )
    add_common_options(parser)
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    serve.add_parser(subparsers)
    rehearse.add_parser(subparsers)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; the exit status is not 0 where the user has to repair something first."""
    try:
        parser = create_parser()
    except ModuleNotFoundError as error:
        refusal = missing_package("dist-sandbox", error, "sandbox")
        print(f"dist-sandbox: {refusal.lines}", file=sys.stderr)
        return refusal.exit_status
    arguments = parser.parse_args(argv)
    try:
        return run_to_end(lambda: arguments.run(arguments))
    except DistActionsError as error:
        print(f"dist-sandbox: {error.lines}", file=sys.stderr)
        return error.exit_status


if __name__ == "__main__":
    sys.exit(main())
