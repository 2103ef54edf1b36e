"""Run a parser on examples that hypothesis makes."""

import warnings
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import HypothesisWarning

from support.parsers.parser import Parser

_TOLERATED = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)


def make_test(
    parser: Parser, examples: int, number: int = 0, longest_seconds: float | None = None
) -> Any:
    """Make a test of a parser, which hypothesis calls with examples, and a fuzzer with bytes.

    Args:
        number: Chooses the examples, the same ones each time.
        longest_seconds: As for `Parser.check`.
    """

    @seed(number)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=_TOLERATED,
    )
    @given(value=parser.inputs)
    def check(value: Any) -> None:
        parser.check(value, longest_seconds=longest_seconds)

    return check


def run_examples(
    parser: Parser, examples: int, number: int = 0, longest_seconds: float | None = None
) -> None:
    """Run a parser on examples; the smallest one that fails is shown.

    Raises:
        AssertionError: A promise is broken. What a parser must not raise is passed on.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", HypothesisWarning)  # of long inputs, which are meant
        make_test(parser, examples, number, longest_seconds)()
