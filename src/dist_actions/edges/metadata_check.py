"""Twine's check of distributions' metadata, as an index will make it."""

import io
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from twine.commands.check import check
from twine.exceptions import TwineException

from dist_actions.errors import BuildError


def check_metadata(paths: Sequence[Path]) -> None:
    """Refuse distributions whose metadata or description an index would refuse.

    Raises:
        BuildError: One is; the message holds what twine says.
    Spec: https://twine.readthedocs.io/en/stable/#twine-check
    """
    said = io.StringIO()
    try:
        with redirect_stdout(said), redirect_stderr(said):
            failed = check([str(path) for path in paths])
    except TwineException as error:
        failed = True
        said.write(str(error))
    if failed:
        raise BuildError(
            f"The metadata is not valid: {' '.join(said.getvalue().split())[:500]}",
            why="a field of the metadata or the markup of the description is wrong.",
            fix="run `twine check dist/*` after a build, and correct what it names.",
            anchor="metadata",
        )
