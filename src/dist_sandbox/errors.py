"""The errors that stop the sandbox itself; a simulated service refuses by its answers instead.

SandboxError
├── AddressError    the address by which clients are to reach it cannot be used
├── ProjectError    the project that was to be put into the repository cannot be read
└── GitFailedError  a git command failed that must not fail
"""

from collections.abc import Sequence
from pathlib import Path


class SandboxError(Exception):
    """Something that whoever started the sandbox has to repair."""


class AddressError(SandboxError):
    """The public address cannot be used."""

    @classmethod
    def unusable(cls, address: str) -> "AddressError":
        """Report an address that is not scheme, host and port."""
        return cls(
            f"The public address {address!r} cannot be used. "
            "Write scheme, host and port alone, as in http://sandbox:8080."
        )


class ProjectError(SandboxError):
    """The folder given as the project cannot be used."""

    @classmethod
    def not_a_folder(cls, project: Path) -> "ProjectError":
        """Report that there is no folder at `project`."""
        return cls(f"The project {project} is not a folder. Name one that holds a Python project.")

    @classmethod
    def empty(cls, project: Path) -> "ProjectError":
        """Report that the folder holds no file that could be committed."""
        return cls(f"The project {project} holds no file. Name a folder that holds a project.")


class GitFailedError(SandboxError):
    """A git command failed; `stderr` is its error output."""

    def __init__(self, arguments: Sequence[str], stderr: str) -> None:
        super().__init__(f"git {' '.join(arguments[:2])} failed: {stderr.strip()}")
        self.stderr = stderr
