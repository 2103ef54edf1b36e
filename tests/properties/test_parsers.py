"""Whatever a parser is given, it ends with a value that holds its promises, or with a refusal."""

import pytest

from support.parsers.examples import run_examples
from support.parsers.parser import Parser
from support.parsers.table import PARSERS

#: `scripts/soak properties` runs thousands.
EXAMPLES = 30


@pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.name)
def test_a_parser_holds_its_promises(parser: Parser) -> None:
    run_examples(parser, EXAMPLES)
