"""Every error that dist-actions raises on purpose, each in three parts: what, why, fix.

    DistActionsError                 exit 1: somebody has to fix something outside the inputs
    ├── InputError                   exit 2: an input or a configuration value is unusable
    ├── GitError                     the checkout is not what the stage needs
    ├── GitHubApiError               GitHub refused
    │   └── WorkflowsPermissionError because the commit changes a workflow file
    ├── NetworkError                 a certificate or a proxy stands in the way of a service
    ├── IdentityError                no token could be minted, or it was refused
    ├── BuildError                   the project's build backend failed, or built something else
    ├── ReleaseError                 the tag, the release or the manifest do not fit together
    ├── UploadError                  an index refused, or holds other bytes
    ├── PromotionError               promotion stops and asks
    │   └── PromotionConflictError   because both ends changed the same lines
    └── ServiceUnavailableError      exit 3: a service did not answer in time; a rerun is safe

Only the `main()` of a stage catches them. Anything else that reaches it is our bug.
"""

from dataclasses import dataclass
from typing import ClassVar, Literal

from dist_actions.abbreviation import shorten

#: How an annotation is shown.
Level = Literal["notice", "warning", "error"]

#: Exit status of a stage that did its work, or had nothing to do.
EXIT_DONE = 0
#: The user must mend something outside the inputs.
EXIT_REFUSED = 1
#: Bad input or configuration.
EXIT_BAD_INPUT = 2
#: A service is unavailable; running the job again is safe.
EXIT_UNAVAILABLE = 3
#: Characters of a part of a message, which can quote what somebody else wrote.
_LONGEST_PART = 10_000

#: Where the files of this project can be read without a clone.
PAGES = "https://github.com/eigenoid/dist-actions/blob/v1"
DOCUMENTATION = f"{PAGES}/docs"
TROUBLESHOOTING = f"{DOCUMENTATION}/troubleshooting.md"


@dataclass(frozen=True)
class Location:
    """A place in the user's repository that an annotation points to.

    Attributes:
        file: Path relative to the repository's root.
        line: From 1; 0 for the file as a whole.
    """

    file: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


class DistActionsError(Exception):
    """Base of all expected errors.

    Args:
        message: What happened: the operation and the observed value; kept as `what`.
        why: The likeliest cause.
        fix: One action that mends it.
        location: Where in the user's repository the cause stands, if it does.
        anchor: Heading of `docs/troubleshooting.md` that says more, as in its address.
    """

    exit_status: ClassVar[int] = EXIT_REFUSED

    def __init__(
        self,
        message: str,
        *,
        why: str,
        fix: str,
        location: Location | None = None,
        anchor: str = "",
    ) -> None:
        super().__init__(message)
        self.what = shorten(message, _LONGEST_PART)
        self.why = shorten(why, _LONGEST_PART)
        self.fix = shorten(fix, _LONGEST_PART)
        self.location = location
        self.anchor = anchor

    @property
    def page(self) -> str:
        """Return the address of the help section, if there is one."""
        return f"{TROUBLESHOOTING}#{self.anchor}" if self.anchor else ""

    @property
    def lines(self) -> str:
        """Write the three parts and the link, a line each, for where there is room."""
        more = f"\nSee {self.page}" if self.page else ""
        return f"{self.what}\nWhy: {self.why}\nFix: {self.fix}{more}"

    def add(self, *, what: str, fix: str) -> None:
        """Add a sentence to what happened, and one to what mends it."""
        self.what = f"{self.what} {what}"
        self.fix = f"{self.fix} {fix}"

    def __str__(self) -> str:
        more = f" See {self.page}" if self.page else ""
        return f"{self.what} Why: {self.why} Fix: {self.fix}{more}"


class InputError(DistActionsError):
    """An input, a configuration value or the event does not allow to start."""

    exit_status: ClassVar[int] = EXIT_BAD_INPUT


class GitError(DistActionsError):
    """The checkout is not what the stage needs."""


class GitHubApiError(DistActionsError):
    """GitHub refused a request for a reason that a rerun does not fix."""


class WorkflowsPermissionError(GitHubApiError):
    """GitHub wants `workflows: write` on top, because a commit changes a workflow file."""


class NetworkError(DistActionsError):
    """The way to a service is closed: a certificate is not accepted, or a proxy refuses."""


class IdentityError(DistActionsError):
    """A credential could not be minted, or a service refused it."""


class BuildError(DistActionsError):
    """The build backend failed, or what it built is not what was asked for."""


class ReleaseError(DistActionsError):
    """The tag, the package, the manifest and the release do not fit together."""


class UploadError(DistActionsError):
    """An index refused a distribution, cannot be read, or holds other bytes."""


class PromotionError(DistActionsError):
    """Promotion stops, because going on could lose a change."""


class PromotionConflictError(PromotionError):
    """The source and the target's own changes contradict each other, so a person has to decide.

    Attributes:
        files: Paths that conflict.
    """

    def __init__(
        self, message: str, *, files: tuple[str, ...], why: str, fix: str, anchor: str
    ) -> None:
        super().__init__(message, why=why, fix=fix, anchor=anchor)
        self.files = files


class ServiceUnavailableError(DistActionsError):
    """A service did not answer in time; nothing half done remains that a rerun does not finish."""

    exit_status: ClassVar[int] = EXIT_UNAVAILABLE
