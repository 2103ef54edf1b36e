"""One process of the fuzzer: python -m support.soak.fuzz_target PARSER [OPTION of libFuzzer…]

With `--show FILE` it runs the input of that file once, and prints it as a test.
"""

import importlib
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

#: The environment of `scripts/soak` alone has it.
atheris: Any = importlib.import_module("atheris")


def main(arguments: list[str]) -> None:
    """Fuzz a parser until libFuzzer's options end it, or show one input."""
    warnings.simplefilter("ignore")
    with atheris.instrument_imports(include=["dist_actions", "packaging", "html", "_markupbase"]):
        from support.parsers.table import BY_NAME
    parser = BY_NAME[arguments[0]]
    if "--show" in arguments:
        data = Path(arguments[-1]).read_bytes()
        if parser.from_bytes:
            print(f"BY_NAME[{parser.name!r}].check({parser.from_bytes(data)!r})")
        _runner_of(parser.name)(data)
        return
    atheris.Setup([sys.argv[0], *arguments[1:]], _runner_of(parser.name))
    atheris.Fuzz()


def _runner_of(name: str) -> Callable[[bytes], object]:
    """Make what runs a parser on bytes: by its own reading of them, else by hypothesis's."""
    from support.parsers.examples import make_test
    from support.parsers.table import BY_NAME

    parser = BY_NAME[name]
    if parser.from_bytes is None:
        return make_test(parser, examples=1).hypothesis.fuzz_one_input  # type: ignore[no-any-return]
    from_bytes = parser.from_bytes
    return lambda data: parser.check(from_bytes(data))


if __name__ == "__main__":
    main(sys.argv[1:])
