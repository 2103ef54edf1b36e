"""Fetch the repositories of actions with the user's git, and keep them by commit."""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from dist_sandbox.rehearse.errors import ToolError, WorkflowFileError

_SERVER = "https://github.com"
#: What git says of a repository that does not exist, or that nobody may read without a login.
_NO_REPOSITORY = (
    "not found",
    "does not exist",
    "does not appear to be a git repository",
    "could not read Username",
    "Authentication failed",
)
_NO_REF = ("couldn't find remote ref", "not our ref", "no such remote ref", "unable to find")
#: Variables by which a surrounding git command would lead to another repository.
_LEADING = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY")


@dataclass
class ActionRepositories:
    """Repositories of actions, fetched once and kept in a folder between rehearsals.

    Attributes:
        folder: Where they are kept, without work trees.
        environ: The user's environment: git's own configuration says how github.com is reached.
        refreshes: Whether a ref that was fetched before is fetched again, since it may have moved.
        moved: Refs that have moved since they were fetched before, with both commits.
    """

    folder: Path
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ), repr=False)
    refreshes: bool = False
    moved: dict[str, tuple[str, str]] = field(default_factory=dict)

    def resolve(self, repository: str, ref: str, place: str) -> str:
        """Return the commit of a ref, and fetch it unless it was fetched before.

        Args:
            place: The file that uses it, for messages.

        Raises:
            WorkflowFileError: GitHub has no such repository, or the repository no such ref.
            ToolError: git could not reach it.
        """
        known = self._known_commit(repository, ref)
        if known and not self.refreshes:
            return known
        self._fetch(repository, ref, place)
        commit = self._known_commit(repository, ref)
        if known and commit != known:
            self.moved[f"{repository}@{ref}"] = (known, commit)
        return commit

    def export(self, repository: str, commit: str, target: Path) -> None:
        """Write the files of a commit into a new folder."""
        target.mkdir(parents=True)
        environ = {
            "PATH": self.environ.get("PATH", os.defpath),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_INDEX_FILE": str(target.with_name(f"{target.name}.index")),
        }
        command = ["--work-tree", str(target), "checkout", "--quiet", "--force", commit, "--", "."]
        completed = self._git(repository, command, environ)
        Path(environ["GIT_INDEX_FILE"]).unlink(missing_ok=True)
        if completed.returncode != 0:
            raise _git_failed(f"{repository} at {commit}", completed.stderr)

    def _known_commit(self, repository: str, ref: str) -> str:
        if not self._directory(repository).is_dir():
            return ""
        command = ["rev-parse", "--verify", "--quiet", f"{_kept_ref(ref)}^{{commit}}"]
        return self._git(repository, command).stdout.strip()

    def _fetch(self, repository: str, ref: str, place: str) -> None:
        directory = self._directory(repository)
        directory.mkdir(parents=True, exist_ok=True)
        self._git(repository, ["init", "--quiet", "--bare"])
        refspec = f"+{ref}:{_kept_ref(ref)}"
        command = ["fetch", "--quiet", "--depth=1", "--no-tags", f"{_SERVER}/{repository}", refspec]
        completed = self._git(repository, command)
        if completed.returncode == 0:
            return
        error = completed.stderr
        action = f"Unable to resolve action `{repository}@{ref}`"
        if any(words in error for words in _NO_REF) or "invalid refspec" in error:
            raise _unresolved(f"{action}, unable to find version `{ref}`", place)
        if any(words in error for words in _NO_REPOSITORY):
            raise _unresolved(f"{action}, repository not found", place)
        raise _git_failed(f"{repository}@{ref}", error)

    def _directory(self, repository: str) -> Path:
        return self.folder / f"{repository.lower()}.git"

    def _git(
        self, repository: str, arguments: list[str], environ: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run git on the kept repository, as the user unless another environment is given."""
        own = {name: value for name, value in self.environ.items() if name not in _LEADING}
        return subprocess.run(
            ["git", "--git-dir", str(self._directory(repository)), *arguments],
            env={**(environ or own), "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )


def _kept_ref(ref: str) -> str:
    """Name the ref under which a fetched one is kept; `release` and `release/v1` get both one."""
    return f"refs/actions/{quote(ref, safe='')}"


def _unresolved(problem: str, place: str) -> WorkflowFileError:
    return WorkflowFileError(
        f"{problem} ({place}).",
        why="GitHub has no such repository or ref for this user, and would not start the job.",
        fix="correct the `uses:`, or give a local copy with --action.",
    )


def _git_failed(subject: str, error: str) -> ToolError:
    lines = [line for line in error.strip().splitlines() if line] or ["git said nothing"]
    return ToolError(
        f"{subject} could not be fetched: {lines[-1]}",
        why="git could not read the repository, for example because github.com is not reachable.",
        fix="run `git ls-remote` on the repository by hand, or give a local copy with --action.",
    )
