"""The errors that stop the sandbox itself; a simulated service refuses by its answers instead.

SandboxError
├── AddressError    an address or the name of a host cannot be used
├── ServingError    it cannot listen, or cannot write its files
├── StateInUseError another sandbox runs in the folder of the state
├── ProjectError    a project cannot be read, or a repository not be named so
└── GitFailedError  a git command failed that must not fail
"""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from dist_actions.errors import EXIT_BAD_INPUT, DistActionsError


class SandboxError(DistActionsError):
    """Something that whoever started the sandbox has to repair."""


class AddressError(SandboxError):
    """The address of a client or of a host cannot be used."""

    exit_status: ClassVar[int] = EXIT_BAD_INPUT

    @classmethod
    def unusable(cls, address: str) -> "AddressError":
        """Report an address that is not scheme, host and port."""
        return cls(
            f"The public address {address!r} cannot be used.",
            why="it is scheme, host and port alone.",
            fix="write it as in --public-url http://sandbox:8080.",
        )

    @classmethod
    def no_host(cls, host: str, reason: str) -> "AddressError":
        """Report what is let through and is not the name of a host."""
        return cls(
            f"--allow-host {host} cannot be used.",
            why=f"{reason}.",
            fix="write the name of a host alone, as in --allow-host files.example.org.",
        )


class ServingError(SandboxError):
    """The sandbox cannot listen, or cannot write its files."""

    @classmethod
    def of_system(cls, error: OSError) -> "ServingError":
        """Report what the system refuses."""
        place = f" {error.filename}" if error.filename else ""
        return cls(
            f"The sandbox cannot start: {error.strerror or error}{place}.",
            why="it listens on a port of its own, and keeps files in --state and --ready-file.",
            fix="give another --port or --host, or a --state and a --ready-file in folders of "
            "yours.",
        )


class StateInUseError(SandboxError):
    """Another sandbox runs in the folder of the state."""

    exit_status: ClassVar[int] = EXIT_BAD_INPUT

    @classmethod
    def in_folder(cls, state: Path) -> "StateInUseError":
        """Report a folder whose sandbox still runs."""
        return cls(
            f"A sandbox runs in {state} already.",
            why="two of them would write over each other's repositories and keys.",
            fix="stop that one, or give another folder by --state.",
        )


class ProjectError(SandboxError):
    """The folder given as the project, or the name of a repository, cannot be used."""

    exit_status: ClassVar[int] = EXIT_BAD_INPUT

    @classmethod
    def not_a_folder(cls, project: Path) -> "ProjectError":
        """Report that there is no folder at `project`."""
        return cls(
            f"There is no folder {project}.",
            why="the first branch starts with the files of the project in it.",
            fix="name a folder that holds a Python project by --project, or leave it out.",
        )

    @classmethod
    def empty(cls, project: Path) -> "ProjectError":
        """Report that the folder holds no file that could be committed."""
        return cls(
            f"The folder {project} holds no file.",
            why="a commit is made of the project's files.",
            fix="name a folder that holds a Python project by --project, or leave it out.",
        )

    @classmethod
    def no_repository(cls, name: str, reason: str) -> "ProjectError":
        """Report what cannot be the name of a further repository."""
        return cls(
            f"--repository {name!r} cannot be used.",
            why=f"{reason}.",
            fix="give another name, without the owner's, or leave it out.",
        )


class GitFailedError(SandboxError):
    """A git command failed; `stderr` is its error output."""

    def __init__(self, arguments: Sequence[str], stderr: str) -> None:
        super().__init__(
            f"git {' '.join(arguments[:2])} failed: {stderr.strip()}",
            why="the sandbox keeps its repositories with this machine's git.",
            fix="see what git says; a newer git may be needed, or room on the disk.",
        )
        self.stderr = stderr
