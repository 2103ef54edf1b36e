"""Give every parser many examples that hypothesis makes, and limit the time of each."""

import argparse
import math
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from itertools import count

from dist_actions.abbreviation import shorten
from support.parsers.examples import run_examples
from support.parsers.table import BY_NAME

#: What one worker does at once; each batch has examples of its own.
_BATCH = 250
#: Of the processor's time, for inputs of at most a few hundred kilobytes.
_LONGEST_SECONDS = 5.0
#: Of a report.
_SHOWN_LINES, _SHOWN_CHARACTERS = 60, 600


@dataclass(frozen=True)
class Batch:
    """Some examples of one parser."""

    parser: str
    number: int
    examples: int


@dataclass(frozen=True)
class Outcome:
    """What became of a batch: how long it took, and a report where something was found."""

    batch: Batch
    seconds: float
    finding: str


def add_options(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    parser.add_argument("parsers", nargs="*", metavar="PARSER", help=f"of {', '.join(BY_NAME)}")
    parser.add_argument("--examples", type=int, default=200_000, help="in all")
    parser.add_argument("--seconds", type=int, default=0, help="end after so many; 0 for never")
    parser.add_argument("--jobs", type=int, default=2, help="how many at once")
    parser.add_argument("--seed", type=int, default=0, help="of the first batch")


def run(arguments: argparse.Namespace) -> bool:
    """Run the examples with progress, and print what was found; tell whether that is nothing."""
    names = arguments.parsers or list(BY_NAME)
    batches = list(split(names, arguments.examples, arguments.seed))
    outcomes, ends_at = [], time.monotonic() + (arguments.seconds or math.inf)
    with ProcessPoolExecutor(arguments.jobs) as pool:
        futures = [pool.submit(run_batch, batch) for batch in batches]
        for done, future in enumerate(as_completed(futures), start=1):
            outcomes.append(outcome := future.result())
            if outcome.finding:
                print(f"\n{outcome.batch}:\n{outcome.finding}", flush=True)
            if done % 20 == 0 or done == len(batches):
                print(f"{done} of {len(batches)} batches", flush=True)
            if time.monotonic() > ends_at:
                pool.shutdown(wait=False, cancel_futures=True)
                break
    print(summary(names, outcomes))
    return not any(outcome.finding for outcome in outcomes)


def split(names: list[str], examples: int, seed: int) -> Iterator[Batch]:
    """Split a number of examples evenly among parsers, in batches."""
    numbers = count(seed)
    share = -(-examples // len(names))
    for begun in range(0, share, _BATCH):
        number = next(numbers)
        for name in names:
            yield Batch(name, number, min(_BATCH, share - begun))


def run_batch(batch: Batch) -> Outcome:
    """Run some examples of one parser."""
    began, finding = time.monotonic(), ""
    try:
        run_examples(BY_NAME[batch.parser], batch.examples, batch.number, _LONGEST_SECONDS)
    except BaseException as error:  # hypothesis's groups of failures are of several kinds
        if isinstance(error, KeyboardInterrupt):
            raise
        lines = "".join(traceback.format_exception(error, limit=-6)).splitlines()
        finding = "\n".join(shorten(line, _SHOWN_CHARACTERS) for line in lines[-_SHOWN_LINES:])
    return Outcome(batch, time.monotonic() - began, finding)


def summary(names: list[str], outcomes: list[Outcome]) -> str:
    """Write a table of parsers with their examples, seconds and findings."""
    lines = [f"{'parser':<28}{'examples':>10}{'seconds':>9}{'findings':>10}"]
    for name in [*names, "in all"]:
        mine = [each for each in outcomes if name in {each.batch.parser, "in all"}]
        examples = sum(each.batch.examples for each in mine)
        seconds = sum(each.seconds for each in mine)
        findings = sum(bool(each.finding) for each in mine)
        lines.append(f"{name:<28}{examples:>10}{seconds:>9.0f}{findings:>10}")
    return "\n".join(lines)
