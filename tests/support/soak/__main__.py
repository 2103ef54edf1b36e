"""The command behind `scripts/soak`: one part, for as long as it is told to."""

import argparse
import sys
from collections.abc import Callable, Sequence

from support.soak import faults, fuzzing, mutation, properties

#: What each part is called, what adds its options, and what runs it: whether all is well.
_PARTS: dict[
    str,
    tuple[Callable[[argparse.ArgumentParser], None], Callable[[argparse.Namespace], bool], str],
] = {
    "properties": (properties.add_options, properties.run, properties.__doc__ or ""),
    "fuzz": (fuzzing.add_options, fuzzing.run, fuzzing.__doc__ or ""),
    "faults": (faults.add_options, faults.run, faults.__doc__ or ""),
    "mutation": (mutation.add_options, mutation.run, mutation.__doc__ or ""),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run a part.

    Returns:
        0 where nothing was found, else 1.
    """
    command = argparse.ArgumentParser(prog="scripts/soak", description=__doc__)
    parts = command.add_subparsers(dest="part", required=True)
    for name, (add_options, _, description) in _PARTS.items():
        add_options(parts.add_parser(name, help=description, description=description))
    arguments = command.parse_args(argv)
    return 0 if _PARTS[arguments.part][1](arguments) else 1


if __name__ == "__main__":
    sys.exit(main())
