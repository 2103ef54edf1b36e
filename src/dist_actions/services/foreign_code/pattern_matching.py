"""Apply a regular expression of other people, in bounded time.

Python's engine cannot be interrupted, and a short pattern can keep it busy for ever.
"""

import json
import re
import sys
from collections.abc import Sequence
from dataclasses import asdict

from dist_actions.errors import InputError
from dist_actions.services.foreign_code.own_process import run_module
from dist_actions.versions.pattern import find_in_text
from dist_actions.versions.project_files import PatternMatch

#: A sound pattern needs some milliseconds for a large file; starting Python takes the most.
_TIMEOUT_SECONDS = 5


def find_matches(pattern: str, text: str) -> list[PatternMatch]:
    """Find the first few places where a pattern matches.

    Raises:
        InputError: It is no pattern, or is not done in time.
    """
    try:
        answer = json.loads(
            run_module(
                __name__,
                stdin=json.dumps([pattern, text]),
                environ={},
                timeout_seconds=_TIMEOUT_SECONDS,
            )
        )
    except TimeoutError as error:
        raise InputError(
            f"The version-pattern {pattern!r} is not done after {_TIMEOUT_SECONDS} s.",
            why="repetitions inside repetitions, such as (a+)+, can take exponential time.",
            fix='repeat once, and say what may not be repeated over: [^"]+ instead of (.+)+.',
            anchor="version-pattern",
        ) from error
    except ValueError as error:
        raise _refuse(pattern, "it is too large") from error
    if isinstance(answer, str):
        raise _refuse(pattern, answer)
    return [PatternMatch(**match) for match in answer]


def main(_arguments: Sequence[str]) -> int:
    """Answer `[pattern, text]` on standard input with matches, or with what is wrong with it."""
    pattern, text = json.load(sys.stdin)
    try:
        answer: object = [asdict(match) for match in find_in_text(pattern, text)]
    except (re.error, OverflowError, RecursionError) as error:
        answer = str(error)
    json.dump(answer, sys.stdout)
    return 0


def _refuse(pattern: str, reason: str) -> InputError:
    return InputError(
        f"The version-pattern {pattern!r} is no regular expression: {reason}.",
        why="it is read in the syntax of Python's `re` module.",
        fix='correct it; for `__version__ = "1.0.0"` leave it out.',
        anchor="version-pattern",
    )
