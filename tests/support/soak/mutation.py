"""Change the product line by line, and see whether the tests that concern the line notice.

mutmut makes the changes in a copy. It leaves out properties and what modules do when they are
imported, and the words of messages are left out here: `tests/scenarios` compares those.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from support.paths import ROOT

_FOLDER = ROOT / "build" / "soak" / "mutation"
_SCORE_AIM = 0.85
#: What is killed counts; a change that makes the tests run for ever is noticed, too.
_KILLED, _SURVIVED, _UNTESTED = frozenset({1, 3, -24, 24, 36, 152, 255}), 0, frozenset({5, 33})
#: Lines of nothing but words, or of where to read more.
_WORDS = (r'^\s*(why|fix|anchor)?=?f?"[^"]*"[,)]*$', r"^\s*\"")


@dataclass(frozen=True)
class Subject:
    """A module below `src`, and the tests that are about it."""

    module: str
    tests: tuple[str, ...]


#: Output, validation, upload planning and retries; then trust: what of a build is believed, where
#: credentials go, what stands beside other people's code, and whose claims are accepted.
SUBJECTS: Mapping[str, Subject] = {
    "runner": Subject("dist_actions/services/runner.py", ("unit/services/test_runner.py",)),
    "printable": Subject("dist_actions/printable.py", ("unit/test_printable.py",)),
    "markdown": Subject("dist_actions/markdown.py", ("unit/test_markdown.py",)),
    "inputs": Subject("dist_actions/job/inputs.py", ("unit/job/test_inputs.py",)),
    "event": Subject("dist_actions/job/event.py", ("unit/job/test_event.py",)),
    "planning": Subject("dist_actions/publish/planning.py", ("unit/publish/test_planning.py",)),
    "index_plans": Subject(
        "dist_actions/publish/index_plans.py",
        (
            "unit/publish/test_index_plans.py",
            "scenarios/publish/attestations/test_attested_publication.py"
            "::test_of_several_targets_pypi_alone_gets_attestations",
        ),
    ),
    "retries": Subject("dist_actions/services/retries.py", ("unit/services/test_retries.py",)),
    "answers": Subject("dist_actions/services/answers.py", ("unit/services/test_answers.py",)),
    "agreement": Subject(
        "dist_actions/release_plan/agreement.py", ("unit/release_plan/test_agreement.py",)
    ),
    "endpoints": Subject("dist_actions/job/endpoints.py", ("unit/job/test_endpoints.py",)),
    "credentials": Subject(
        "dist_actions/identity/credentials.py", ("unit/identity/test_credentials.py",)
    ),
    "encodings": Subject(
        "dist_actions/identity/encodings.py", ("unit/identity/test_encodings.py",)
    ),
    "private_key": Subject(
        "dist_actions/identity/private_key.py", ("unit/identity/test_private_key.py",)
    ),
    "google_key": Subject("dist_actions/identity/google.py", ("unit/identity/test_google.py",)),
    "scrubbing": Subject(
        "dist_actions/services/foreign_code/scrubbing.py",
        ("unit/services/foreign_code/test_scrubbing.py",),
    ),
    "version_phase": Subject(
        "dist_actions/release/version_phase.py", ("unit/release/test_version_phase.py",)
    ),
    "publishers": Subject(
        "dist_sandbox/pypi/publishers.py", ("contract/pypi/test_publisher_claims.py",)
    ),
    "attributes": Subject(
        "dist_sandbox/google/identity/attributes.py",
        ("contract/google/test_attribute_expressions.py",),
    ),
}


def add_options(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    parser.add_argument("subjects", nargs="*", metavar="SUBJECT", help=f"of {', '.join(SUBJECTS)}")
    parser.add_argument("--jobs", type=int, default=2, help="how many changes at once")


def run(arguments: argparse.Namespace) -> bool:
    """Mutate the subjects one after the other; tell whether each score is what it should be."""
    rows = []
    for name in arguments.subjects or SUBJECTS:
        counts, survivors = _mutate(SUBJECTS[name], _FOLDER / name, arguments.jobs)
        rows.append((name, counts["killed"], sum(counts.values())))
        print(f"{name}: {counts['killed']} of {sum(counts.values())} killed")
        print("\n".join(survivors), flush=True)
    print(f"{'subject':<20}{'killed':>8}{'of':>6}{'score':>8}")
    rows.append(("in all", sum(row[1] for row in rows), sum(row[2] for row in rows)))
    for name, killed, whole in rows:
        print(f"{name:<20}{killed:>8}{whole:>6}{killed / max(whole, 1):>8.1%}")
    return all(killed >= _SCORE_AIM * whole for _, killed, whole in rows)


def _mutate(subject: Subject, folder: Path, jobs: int) -> tuple[Counter[str], list[str]]:
    """Run mutmut on a copy of the project, and count what the tests killed."""
    _copy(folder)
    module = f"src/{subject.module}"
    (folder / "setup.cfg").write_text(_configuration(module, subject.tests), encoding="utf-8")
    # The copy is what the tests import, and not the checkout that is installed.
    environ = {**os.environ, "PYTHONPATH": "", "HYPOTHESIS_STORAGE_DIRECTORY": str(folder / "h")}
    command = [sys.executable, "-m", "mutmut", "run", "--max-children", str(jobs)]
    mutmut = subprocess.run(
        command, cwd=folder, env=environ, check=False, capture_output=True, text=True
    )
    meta = folder / "mutants" / f"{module}.meta"
    if not meta.exists():
        raise RuntimeError(f"mutmut failed:\n{mutmut.stdout[-3000:]}{mutmut.stderr[-3000:]}")
    codes = json.loads(meta.read_text(encoding="utf-8"))["exit_code_by_key"]
    if None in codes.values():
        raise RuntimeError(f"mutmut ended early:\n{mutmut.stdout[-3000:]}{mutmut.stderr[-3000:]}")
    counts = Counter(_verdict(code) for code in codes.values())
    names = [name for name, code in codes.items() if _verdict(code) != "killed"]
    return counts, [f"  {_verdict(codes[name])}: {name}\n{_diff(name, folder)}" for name in names]


def _verdict(code: int) -> str:
    """Say what an exit status of mutmut's pytest means; 4, a test that is not there, means nothing.

    Raises:
        RuntimeError: It says nothing of the change.
    """
    if code == _SURVIVED:
        return "survived"
    if code in _KILLED | _UNTESTED:
        return "killed" if code in _KILLED else "untested"
    raise RuntimeError(f"The tests of a change did not run: exit status {code}.")


def _diff(name: str, folder: Path) -> str:
    """Show what a change is, its lines alone."""
    command = [sys.executable, "-m", "mutmut", "show", name]
    shown = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True).stdout
    changed = [line for line in shown.splitlines() if line.startswith(("-", "+"))]
    return "\n".join(f"    {line}" for line in changed if not line.startswith(("---", "+++")))


def _copy(folder: Path) -> None:
    """Copy the tracked files, and new ones, to a new folder."""
    shutil.rmtree(folder, ignore_errors=True)
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if name.startswith(("src/", "tests/", "pyproject.toml", "examples/", "action.yml")):
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, target)


def _configuration(module: str, tests: tuple[str, ...]) -> str:
    lines = {
        "source_paths": ["src"],
        "only_mutate": [module],
        "pytest_add_cli_args_test_selection": [f"tests/{path}" for path in tests],
        "pytest_add_cli_args": ["-p", "no:cacheprovider", "-p", "no:xdist"],
        "do_not_mutate_patterns": list(_WORDS),
        "also_copy": ["examples", "src", "action.yml"],
    }
    blocks = ["\n    ".join([f"{key} =", *values]) for key, values in lines.items()]
    return "[mutmut]\n" + "\n".join(blocks) + "\n"
