"""The errors of a rehearsal, each in three parts: what, why, fix.

RehearsalError
├── UsageError             exit 2: the arguments or the project do not allow it to start
├── WorkflowFileError      GitHub would not start the workflow, or the rehearsal cannot run it
│   └── NotHereError       exit 2: it needs what this machine or the rehearsal does not have
├── RunFailedError         a workflow run ended red, as it would on GitHub
├── SandboxRequestError    the sandbox answered something unexpected
└── ToolError              act, git or pip is missing or failed
"""

import re
from pathlib import Path
from typing import ClassVar

from dist_actions.errors import EXIT_BAD_INPUT, DistActionsError

_PARTS = re.compile(r"(.*?)\s*Why:\s*(.*?)\s*Fix:\s*(.*)", re.DOTALL)


def split_message(message: str) -> tuple[str, str, str]:
    """Split a message into what, why and fix; the last two are empty where it has only one part."""
    match = _PARTS.fullmatch(message.strip())
    return (match[1], match[2], match[3]) if match else (message, "", "")


def as_sentence(text: str) -> str:
    """Begin a text with a capital letter and end it with a full stop."""
    return f"{text[:1].upper()}{text[1:].rstrip('.')}." if text else ""


class RehearsalError(DistActionsError):
    """Base of everything that stops a rehearsal on purpose; several errors may be its `parts`."""

    parts: "tuple[RehearsalError, ...]" = ()


class UsageError(RehearsalError):
    """The command's arguments or the project do not allow it to start."""

    exit_status: ClassVar[int] = EXIT_BAD_INPUT


class WorkflowFileError(RehearsalError):
    """GitHub would refuse the workflow file, or the rehearsal cannot run a part of it."""

    @classmethod
    def invalid(cls, path: str, problem: str) -> "WorkflowFileError":
        """Refuse a file as GitHub's own parser would."""
        return cls(
            f"Invalid workflow file {path}: {problem}",
            why="GitHub reads a workflow strictly and starts no job of a file that it cannot read.",
            fix=f"correct {path} and push again.",
        )

    @classmethod
    def needs_docker(cls, path: str, part: str) -> "WorkflowFileError":
        """Refuse a part of the workflow that only a container engine can run."""
        return NotHereError(
            f"{path} needs a container: {part}.",
            why="without --docker each job runs directly on this machine.",
            fix="start a Docker engine and rehearse with --docker.",
        )

    @classmethod
    def unsupported(cls, path: str, part: str) -> "WorkflowFileError":
        """Refuse a part of the workflow that a rehearsal does not run."""
        return cls(
            f"{path} has {part}, which a rehearsal cannot run.",
            why="act does not run it as GitHub does.",
            fix="rehearse a workflow without it; GitHub itself accepts it.",
        )


class NotHereError(WorkflowFileError):
    """A job needs what this machine or the rehearsal does not have; GitHub would run it."""

    exit_status: ClassVar[int] = EXIT_BAD_INPUT


class RunFailedError(RehearsalError):
    """A workflow run ended red, or GitHub does not merge a promotion pull request.

    Args:
        log: The folder of the run's logs, if there is one.
    """

    def __init__(self, message: str, *, why: str, fix: str, log: Path | None = None) -> None:
        super().__init__(message, why=why, fix=fix)
        self.log = log


class SandboxRequestError(RehearsalError):
    """The sandbox refused a request of the rehearsal itself."""

    @classmethod
    def from_status(
        cls, method: str, path: str, status: int, message: str
    ) -> "SandboxRequestError":
        """Report an answer with a status that the rehearsal did not expect."""
        return cls(
            f"{method} {path} was answered {status}: {message}",
            why="the sandbox and the rehearsal disagree about the state of the repository.",
            fix="run the rehearsal again with --keep-state and report what the log shows.",
        )


class ToolError(RehearsalError):
    """A program or a part of this machine that the rehearsal needs is missing or failed."""

    @classmethod
    def no_space(cls) -> "ToolError":
        """Report a full disk."""
        return cls(
            "There is no space left on the disk.",
            why="a rehearsal keeps repositories, work folders and packages in the temporary folder "
            "and in its cache until it ends.",
            fix="make space there, or set TMPDIR and XDG_CACHE_HOME to folders on a larger disk.",
        )
