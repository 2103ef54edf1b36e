"""Let atheris look for inputs that reach new code, parser by parser; `--seconds` for each."""

import argparse
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from support.parsers.table import BY_NAME, FUZZED
from support.paths import ROOT

_FOLDER = ROOT / "build" / "soak" / "fuzz"
_RUNS = re.compile(r"^#(\d+)\s", re.MULTILINE)
#: libFuzzer's own limits, in seconds, bytes and megabytes.
_LIMITS = ("-timeout=10", "-max_len=4096", "-rss_limit_mb=3072")


@dataclass(frozen=True)
class Outcome:
    """What became of one target: how many inputs were run, and those that broke a promise."""

    target: str
    runs: int
    seconds: float
    findings: tuple[Path, ...]


def add_options(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    names = ", ".join(BY_NAME)
    help_text = f"of {names}; without one: {', '.join(FUZZED)}"
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=help_text)
    parser.add_argument("--seconds", type=int, default=600, help="for each target")


def run(arguments: argparse.Namespace) -> bool:
    """Fuzz the targets one after the other; tell whether nothing was found."""
    outcomes = []
    for target in arguments.targets or FUZZED:
        print(f"{target}: {arguments.seconds} s", flush=True)
        outcomes.append(outcome := _fuzz(target, arguments.seconds))
        for finding in outcome.findings:
            print(_test_case(target, finding), flush=True)
    print(f"{'target':<28}{'inputs':>12}{'seconds':>9}{'findings':>10}")
    for each in outcomes:
        row = f"{each.target:<28}{each.runs:>12}{each.seconds:>9.0f}{len(each.findings):>10}"
        print(row)
    return not any(outcome.findings for outcome in outcomes)


def _fuzz(target: str, seconds: int) -> Outcome:
    """Run libFuzzer on one target; its corpus stays for the next time."""
    corpus, findings = _FOLDER / target / "corpus", _FOLDER / target / "findings"
    for folder in (corpus, findings):
        folder.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(BY_NAME[target].seeds):
        (corpus / f"seed-{number}").write_bytes(seed)
    before = set(findings.iterdir())
    began = time.monotonic()
    command = [sys.executable, "-m", "support.soak.fuzz_target", target, *_LIMITS]
    command += [f"-max_total_time={seconds}", f"-artifact_prefix={findings}/", str(corpus)]
    fuzzer = subprocess.run(
        command, check=False, stderr=subprocess.PIPE, text=True, errors="replace"
    )
    new = tuple(sorted(set(findings.iterdir()) - before))
    (_FOLDER / target / "log").write_text(fuzzer.stderr, encoding="utf-8", errors="replace")
    if fuzzer.returncode and not new:
        raise RuntimeError(f"the fuzzer of {target} failed:\n{fuzzer.stderr[-3000:]}")
    runs = [int(number) for number in _RUNS.findall(fuzzer.stderr)]
    return Outcome(target, max(runs, default=0), time.monotonic() - began, new)


def _test_case(target: str, finding: Path) -> str:
    """Write an input that broke a promise as the line of a test, with what happens then."""
    command = [sys.executable, "-m", "support.soak.fuzz_target", target, "--show", str(finding)]
    shown = subprocess.run(command, check=False, capture_output=True, text=True, errors="replace")
    return f"{finding}\n{shown.stdout}{shown.stderr[-4000:]}"
