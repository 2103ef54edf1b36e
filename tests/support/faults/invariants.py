"""What must hold after every run, whatever happened in it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dist_sandbox.faults.ledger import AcceptedFile, Ledger, RefChange
from support.faults.snapshot import Standing
from support.stages.running import StageResult

_ZERO = "0" * 40
_LONGEST_WAIT_SECONDS = 15 * 60
#: All that may ever be deleted: a token, an asset that is not complete, an empty draft of ours.
_DELETABLE = re.compile(r"DELETE (installation/token|releases/assets/\d+|releases/\d+)$")
#: What an answer that does not end must not fill.
_MEMORY_BYTES = 300 * 2**20
_PARTS = ("\nWhy: ", "\nFix: ")


@dataclass(frozen=True)
class Run:
    """A run, and what the services hold after it.

    Attributes:
        result: How it ended; its exit status is negative where it was killed.
        standing: What the services hold now.
        live_tokens: How many App tokens would be accepted.
        waited_seconds: By the sandbox's clock.
        vanished: What was complete before the run, and is not there after it.
    """

    result: StageResult
    standing: Standing
    live_tokens: int
    waited_seconds: float
    vanished: Sequence[str] = ()


def broken_in_run(run: Run, goal: Standing) -> Iterator[str]:
    """Name what a run breaks, whether a fault met it or not."""
    result = run.result
    standing = run.standing
    if any(shown.level == "warning" for shown in result.annotations):
        standing, goal = standing.without_labels(), goal.without_labels()
    if result.exit_status == 0 and standing != goal:
        yield f"I5: success, but {_difference(standing, goal)}"
    if result.exit_status > 0:
        message = result.annotations[-1].message if result.annotations else ""
        if [part for part in _PARTS if part not in message]:
            yield f"I5: exit {result.exit_status} without what, why and fix: {message!r}"
    errors = [shown.level for shown in result.annotations].count("error")
    if errors > 1:
        yield f"I5: {errors} errors are shown for one end"
    if "defect of dist-actions" in result.log:
        yield "a service's fault is called a defect of dist-actions"
    if result.peak_bytes > _MEMORY_BYTES:
        yield f"it had {result.peak_bytes // 2**20} MiB of memory"
    if run.waited_seconds > _LONGEST_WAIT_SECONDS:
        yield f"I10: it waited {run.waited_seconds:.0f} s"
    deletions = [call for call in result.changes if call.startswith("DELETE")]
    for call in deletions:
        if not _DELETABLE.search(call):
            yield f"I11: {call}"
    yield from (f"I11: {name} is gone" for name in run.vanished)


def broken_after_rerun(first: Run, second: Run, goal: Standing) -> Iterator[str]:
    """Name what two runs without a fault break, after any run before them."""
    if first.result.exit_status != 0:
        yield f"I6: the rerun ends with {first.result.exit_status}\n{last_lines(first.result)}"
    elif first.standing != goal:
        yield f"I6: after a rerun {_difference(first.standing, goal)}"
    if second.result.exit_status != 0:
        log = last_lines(second.result)
        yield f"I7: the second rerun ends with {second.result.exit_status}\n{log}"
    if first.result.exit_status == 0 and second.result.changes:
        yield f"I7: the second rerun changes {second.result.changes}"
    for run in (first, second):
        if run.live_tokens > 0:
            yield f"I13: {run.live_tokens} tokens live after a rerun"


def broken_in_ledger(ledger: Ledger) -> Iterator[str]:
    """Name what the history of all services breaks."""
    yield from _moved_tags(ledger.refs)
    yield from _replaced_files(ledger.files)


def _moved_tags(changes: Sequence[RefChange]) -> Iterator[str]:
    for change in changes:
        is_tag = change.ref.startswith("refs/tags/")
        if is_tag and (change.before != _ZERO or change.after == _ZERO):
            yield f"I1: {change.ref} went from {change.before[:7]} to {change.after[:7]}"


def _replaced_files(files: Sequence[AcceptedFile]) -> Iterator[str]:
    digests: dict[str, set[str]] = {}
    accepted: dict[tuple[str, str], int] = {}
    for file in files:
        digests.setdefault(file.name, set()).add(file.sha256)
        place = file.place if "artifact-registry" in file.place or "pypi" in file.place else ""
        if place:
            accepted[place, file.name] = accepted.get((place, file.name), 0) + 1
    for name, values in digests.items():
        if len(values) > 1:
            yield f"I4: {name} was accepted with {len(values)} digests"
    for (place, name), count in accepted.items():
        if count > 1:
            yield f"I4: {place} accepted {name} {count} times"


def _difference(standing: Standing, goal: Standing) -> str:
    parts = []
    for name in ("refs", "files"):
        present, expected = getattr(standing, name), getattr(goal, name)
        changed = {key for key in {*present, *expected} if present.get(key) != expected.get(key)}
        if changed:
            parts.append(f"{name} {sorted(changed)}")
    for name in ("releases", "pulls"):
        present, expected = getattr(standing, name), getattr(goal, name)
        if present != expected:
            parts.append(f"{name} {present} are not {expected}")
    return "; ".join(parts)


def last_lines(result: StageResult) -> str:
    """Return the end of a run's log, without its masks."""
    lines = [line for line in result.log.splitlines() if not line.startswith("::add-mask::")]
    return "\n".join(lines[-15:])
