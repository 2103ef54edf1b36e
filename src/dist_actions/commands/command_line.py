"""What the command lines `dist-actions` and `dist-sandbox` have in common."""

import argparse
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from typing import Any, TextIO

from dist_actions import __version__
from dist_actions.errors import DistActionsError

_NARROWEST_TERMINAL, _WIDEST_TABLE = 20, 160
#: What a shell reports for a program that SIGINT or SIGPIPE ended.
_EXIT_INTERRUPTED, _EXIT_PIPE_CLOSED = 130, 141
_SHELLS = ("bash", "zsh", "tcsh")


def add_common_options(parser: argparse.ArgumentParser) -> None:
    """Add `--version` and `--print-completion`."""
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    parser.add_argument(
        "--print-completion",
        action=_PrintCompletion,
        choices=_SHELLS,
        help="print what completes this command in a shell, and end",
    )


def run_to_end(command: Callable[[], int]) -> int:
    """Run a command and return its exit status, also where it is interrupted or nobody reads on."""
    try:
        status = command()
        sys.stdout.flush()
    except KeyboardInterrupt:
        return _EXIT_INTERRUPTED
    except BrokenPipeError:
        # Whoever read the output has closed it; Python would try to write the rest at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _EXIT_PIPE_CLOSED
    return status


class _PrintCompletion(argparse.Action):
    """Prints a shell's completion of all commands and their options."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        _namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        _option: str | None = None,
    ) -> None:
        import shtab  # noqa: PLC0415 - for this option alone

        print(shtab.complete(parser, shell=str(values)))
        parser.exit()


def find_width(stream: TextIO) -> int | None:
    """Return the width that a table may have, that of the terminal unless it is very wide.

    Returns:
        None where the stream is no terminal and nobody sets COLUMNS, as in the log of a job.
    """
    if not (stream.isatty() or os.environ.get("COLUMNS")):
        return None
    return max(_NARROWEST_TERMINAL, min(shutil.get_terminal_size().columns, _WIDEST_TABLE))


def shows_colours(stream: TextIO) -> bool:
    """Tell whether colours may be written: a terminal shows them, and nobody turned them off.

    Spec: https://no-color.org
    """
    return stream.isatty() and not os.environ.get("NO_COLOR")


def missing_package(command: str, error: ModuleNotFoundError, extra: str = "") -> DistActionsError:
    """Say which extra brings a package that a command needs, and how to install it.

    Raises:
        ModuleNotFoundError: The module is one of ours, so that this is a mistake in the code.
    """
    package = (error.name or "").partition(".")[0]
    if package in {"", "dist_actions", "dist_sandbox"}:
        raise error
    project = f"dist-actions[{extra}]" if extra else "dist-actions"
    return DistActionsError(
        f"{command} needs the package {package}, which is not installed.",
        why=f"it belongs to the extra {extra!r}, which was left out."
        if extra
        else "dist-actions was installed without its dependencies.",
        fix=f'install it: pipx install --force "{project}", or pip install "{project}"; '
        f'or run it without installing: uvx --from "{project}" {command}',
    )
