"""The errors of a rehearsal, each in three parts: what, why, fix.

RehearsalError
├── UsageError             exit 2: the arguments or the project do not allow it to start
├── WorkflowFileError      GitHub would not start the workflow, or the rehearsal cannot run it
├── RunFailedError         a workflow run ended red, as it would on GitHub
├── SandboxRequestError    the sandbox answered something unexpected
└── ToolError              act, git or pip is missing or failed
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from dist_actions.errors import EXIT_BAD_INPUT, DistActionsError


class RehearsalError(DistActionsError):
    """Base of everything that stops a rehearsal on purpose."""


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
    def no_stand_in(cls, path: str, uses: str) -> "WorkflowFileError":
        """Refuse a step whose action is not on this machine."""
        return cls(
            f"{path} uses {uses}, which the rehearsal does not have.",
            why="a rehearsal downloads no action; it brings dist-actions and stand-ins for "
            "checkout, setup-python, upload-artifact and download-artifact.",
            fix=f"give it a local copy with --action {uses}=FOLDER.",
        )

    @classmethod
    def needs_docker(cls, path: str, part: str) -> "WorkflowFileError":
        """Refuse a part of the workflow that only a container engine can run."""
        return cls(
            f"{path} needs a container: {part}.",
            why="without --docker each job runs directly on this machine.",
            fix="start a Docker engine and run the rehearsal with --docker.",
        )

    @classmethod
    def unsupported(cls, path: str, part: str) -> "WorkflowFileError":
        """Refuse a part of the workflow that a rehearsal does not run."""
        return cls(
            f"{path} has {part}, which a rehearsal does not play.",
            why="act has no counterpart that behaves as on GitHub.",
            fix="rehearse a workflow without it; GitHub itself accepts it.",
        )


class RunFailedError(RehearsalError):
    """A workflow run ended red."""

    @classmethod
    def from_annotation(cls, *, run: str, step: str, message: str, log: str) -> "RunFailedError":
        """Report the run's own first error, as its author sees it on GitHub.

        Args:
            run: The run as `release (refs/tags/v1.0.0)`.
            step: Job and step that failed, `build / Build`.
            message: The step's error annotation, or the last lines of its log.
            log: File that holds the job's whole log.
        """
        return cls(
            f"Workflow run {run} failed at {step}: {message}",
            why="the workflow would end like this on GitHub too.",
            fix=f"mend what the message names; the whole log is {log}",
        )

    @classmethod
    def merge_refused(
        cls, pull: Mapping[str, Any], method: str, error: "SandboxRequestError"
    ) -> "RunFailedError":
        """Report a promotion pull request that GitHub does not merge."""
        return cls(
            f"Pull request #{pull['number']} ({pull['title']}) was not merged by {method}: "
            f"{error.what}",
            why="it conflicts with its target, or a rule of the target forbids this method.",
            fix="rehearse with another --merge, or mend what the message names.",
        )


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
    """A program that the rehearsal starts is missing or failed."""

    @classmethod
    def missing(cls, program: str, fix: str) -> "ToolError":
        """Report a program that cannot be found."""
        return cls(
            f"{program} was not found.",
            why=f"the rehearsal starts {program}, and it is neither on PATH nor beside Python.",
            fix=fix,
        )

    @classmethod
    def failed(cls, command: str, output: str) -> "ToolError":
        """Report a program that ended with an error."""
        return cls(
            f"{command} failed: {output.strip()[-600:]}",
            why="the last lines of its output say so.",
            fix="run the same command by hand.",
        )
