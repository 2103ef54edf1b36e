"""What a check finds, and a diagnosis made of all checks; pure."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from dist_actions.errors import DOCUMENTATION, DistActionsError, Location

Facts = TypeVar("Facts")

#: How much a problem matters: an error stops a release, or lets in what should stay out.
Severity = Literal["error", "warning"]
Outcome = Literal["ok", "warning", "error", "not-checked"]


@dataclass(frozen=True)
class Problem:
    """Something that is wrong.

    Attributes:
        what: What is wrong, with the value that was seen.
        why: What comes of it.
        mend: A command, or an edit of a file.
        location: Where in the repository, if it is there.
    """

    what: str
    why: str
    mend: str
    location: Location | None = None

    @classmethod
    def of_error(cls, error: DistActionsError) -> "Problem":
        """Make a problem of an error that a stage would stop with."""
        return cls(error.what, error.why, error.fix, error.location)


class NotCheckedError(Exception):
    """What a check needs to know could not be read; the message says why."""


@dataclass(frozen=True)
class Check(Generic[Facts]):
    """One thing that is checked.

    Attributes:
        id: Its name, which stays the same from version to version.
        title: What is true where it finds nothing.
        severity: How much its problems matter.
        find: Finds problems; raises `NotCheckedError` where a fact is missing.
        page: Section of the documentation, as `setup.md#environments`.
    """

    id: str
    title: str
    severity: Severity
    find: Callable[[Facts], Iterable[Problem]]
    page: str


@dataclass(frozen=True)
class Finding:
    """What came of one check: a tick, a problem of it, or why it was not made.

    Attributes:
        check: The check's ID.
        title: What is true where it is `ok`.
        problem: What is wrong; None where nothing is, or where it was not checked.
        reason: Why it was not checked.
        page: Address of the documentation.
    """

    check: str
    title: str
    outcome: Outcome
    problem: Problem | None = None
    reason: str = ""
    page: str = ""


@dataclass(frozen=True)
class Diagnosis:
    """The findings of all checks, in the order of the checks."""

    findings: tuple[Finding, ...]

    def of_outcome(self, outcome: Outcome) -> tuple[Finding, ...]:
        """Return the findings with this outcome."""
        return tuple(finding for finding in self.findings if finding.outcome == outcome)

    @property
    def has_errors(self) -> bool:
        """Tell whether something must be mended."""
        return bool(self.of_outcome("error"))


def diagnose(checks: Sequence[Check[Facts]], facts: Facts) -> Diagnosis:
    """Make every check; one that cannot be made stops no other."""
    return Diagnosis(tuple(finding for check in checks for finding in _examine(check, facts)))


def _examine(check: Check[Facts], facts: Facts) -> Iterator[Finding]:
    page = f"{DOCUMENTATION}/{check.page}"
    problems: list[Problem] = []
    reason = ""
    try:
        problems.extend(check.find(facts))
    except NotCheckedError as error:
        reason = str(error)
    for problem in dict.fromkeys(problems):
        yield Finding(check.id, check.title, check.severity, problem, page=page)
    if reason:
        yield Finding(check.id, check.title, "not-checked", reason=reason, page=page)
    elif not problems:
        yield Finding(check.id, check.title, "ok", page=page)
