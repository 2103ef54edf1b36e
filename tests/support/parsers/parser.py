"""A reader of text from outside, and what must hold whatever it is given.

Tests, fuzzing and the soak are made from the same values, so a new parser is one entry of a table.
"""

import io
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from dist_actions.errors import EXIT_BAD_INPUT, EXIT_REFUSED, EXIT_UNAVAILABLE, DistActionsError
from dist_actions.services.runner import Runner
from dist_actions.stage import report_error
from support.stages.runner_model import find_commands

#: Of a refusal as it is shown; the runner cuts longer annotations.
_LONGEST_MESSAGE = 64 * 1024
#: What no terminal should be sent, and nobody sees.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def _hold_nothing(_value: Any, _result: Any) -> None:
    """Promise nothing of a result."""


@dataclass(frozen=True)
class Parser:
    """A parser of the product.

    Attributes:
        name: How soak and tests call it.
        covers: The public functions that are called.
        inputs: Makes inputs: sound ones, nearly sound ones and nonsense.
        parse: Calls the parser as the product does.
        holds: Asserts what must be true of an input and its result.
        refusals: What the parser's callers expect besides a refusal for users.
        from_bytes: Makes an input of a fuzzer's bytes; None where `inputs` has to.
        seeds: Sound inputs as bytes, from which a fuzzer begins.
    """

    name: str
    covers: tuple[Callable[..., Any], ...]
    inputs: st.SearchStrategy[Any]
    parse: Callable[[Any], Any]
    holds: Callable[[Any, Any], None] = field(default=_hold_nothing)
    refusals: tuple[type[Exception], ...] = ()
    from_bytes: Callable[[bytes], Any] | None = None
    seeds: tuple[bytes, ...] = ()

    def check(self, value: Any, *, longest_seconds: float | None = None) -> None:
        """Parse a value, and assert that the end is one that users can be shown.

        Args:
            longest_seconds: How much of the processor's time it may take; None for any.

        Raises:
            AssertionError: It is not, or it took longer.
        """
        began = time.process_time()
        try:
            result = self.parse(value)
        except DistActionsError as error:
            check_refusal(error)
        except self.refusals:
            pass
        else:
            self.holds(value, result)
        seconds = time.process_time() - began
        assert longest_seconds is None or seconds <= longest_seconds, f"took {seconds:.1f} s"


def check_refusal(error: DistActionsError) -> None:
    """Assert that a refusal has three parts, and nothing that a runner or terminal obeys."""
    assert type(error).exit_status in {EXIT_REFUSED, EXIT_BAD_INPUT, EXIT_UNAVAILABLE}
    for part in (error.what, error.why, error.fix):
        assert part.strip(), "a part of the message is empty"
    assert len(error.lines) <= _LONGEST_MESSAGE, f"a message of {len(error.lines)} characters"
    log = io.StringIO()
    report_error(Runner(log), "stage", error)
    shown = log.getvalue().splitlines()
    assert [command.name for command in find_commands(log.getvalue())] == ["error"]
    check_printed(log.getvalue())
    assert all(line.startswith(("::error ", "| ")) for line in shown)


def check_printed(text: str) -> None:
    """Assert that a text that is printed has nothing unseen in it."""
    assert not (match := _UNSEEN.search(text)), f"{match[0]!r} is printed"
