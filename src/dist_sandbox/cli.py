"""The command `dist-sandbox`."""

import argparse
import sys
from collections.abc import Sequence

from dist_sandbox.errors import SandboxError
from dist_sandbox.rehearse import command as rehearse
from dist_sandbox.server import command as serve


def create_parser() -> argparse.ArgumentParser:
    """Define the command line of `dist-sandbox`."""
    parser = argparse.ArgumentParser(
        prog="dist-sandbox",
        description="GitHub, Google Cloud and package indexes on this machine, to rehearse with.",
    )
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    serve.add_parser(subparsers)
    rehearse.add_parser(subparsers)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; the exit status is 1 where the user has to repair something first."""
    arguments = create_parser().parse_args(argv)
    try:
        status: int = arguments.run(arguments)
    except SandboxError as error:
        print(f"dist-sandbox: {error}", file=sys.stderr)
        return 1
    return status


if __name__ == "__main__":
    sys.exit(main())
