"""Git repositories on this machine, through git itself.

Hooks and file system monitors of the workspace never run: whoever can write to the checkout must
not run code in this process's place.
"""

import os
import re
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from copy import copy
from dataclasses import dataclass
from pathlib import Path

from dist_actions.errors import GitError
from dist_actions.services.transport.certificates import certificate_bundle

#: Settings that the workspace's own configuration cannot override.
_HARDENED = {
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "protocol.ext.allow": "never",
    "credential.helper": "",
    "gc.auto": "0",
    "maintenance.auto": "false",
    # In a container job the checkout belongs to another user.
    "safe.directory": "*",
    # Programs that the repository's configuration can name for commands that only read.
    "core.sshCommand": "false",
    "core.pager": "cat",
    "core.askPass": "",
    "diff.external": "",
    "log.showSignature": "false",
    "gpg.program": "false",
    "gpg.ssh.program": "false",
    "gpg.x509.program": "false",
}
#: What git gets of the environment of whoever asks about a folder of theirs; `HOME` is where git
#: looks for names that are ignored in every repository.
_ASKING = re.compile(r"PATH|HOME|XDG_CONFIG_HOME|TMPDIR|SYSTEMROOT", re.IGNORECASE)
#: Nothing is fetched, locked or written, whatever the repository's configuration says.
_READ_ONLY = {
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
}
_WITHOUT_OTHER_CONFIGURATION = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
#: How many of git's lines a message holds.
_SHOWN_ERRORS = 3
#: What git says where a filter of git-lfs fails.
_LFS = re.compile(r"smudge filter lfs|git-lfs")
_FULL_DISK = re.compile(r"No space left on device|Disk quota exceeded")
_TIMEOUT_SECONDS = 600.0
#: Where the machine knows no such limit, there is none.
_LIMITED = ("sh", "-c", 'ulimit -d "$0" 2>/dev/null; exec "$@"')
#: What curl takes for a server that does not answer any more.
_SLOWEST_BYTES_PER_SECOND = 1000


@dataclass(frozen=True)
class MergedTree:
    """What a merge would come to.

    Attributes:
        tree: Empty where it conflicts.
        conflicts: Paths that conflict.
    """

    tree: str
    conflicts: tuple[str, ...] = ()


class Git:
    """A git repository on this machine.

    Args:
        folder: A folder inside its work tree, or a bare repository.
        environ: Variables for git; `GIT_*` of the job are left out.
        config: Settings for every command, such as credentials; never shown.
        variables: Variables of git itself, such as `GIT_AUTHOR_DATE`.
    """

    def __init__(
        self,
        folder: Path,
        environ: Mapping[str, str],
        config: Mapping[str, str] | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        self._folder = folder
        self._config = config
        settings = _environ(environ, {**_HARDENED, **(config or {})})
        self._environ = {**settings, **(variables or {})}
        self._limited: tuple[str, ...] = ()
        self._timeout_seconds = _TIMEOUT_SECONDS

    def towards_server(
        self, seconds: float, memory_kib: int, *, whole_seconds: float | None = None
    ) -> "Git":
        """Return the same repository, whose commands give a server up that drips or does not end.

        Args:
            seconds: How long it may send next to nothing.
            memory_kib: What a command may keep in memory.
            whole_seconds: How long a command may take; as any command, where it is not given.
        """
        git = copy(self)
        number = int(self._environ["GIT_CONFIG_COUNT"])
        limits = {
            "http.lowSpeedLimit": str(_SLOWEST_BYTES_PER_SECOND),
            "http.lowSpeedTime": str(max(1, round(seconds))),
        }
        authorities = certificate_bundle(self._environ)
        if authorities:
            limits["http.sslCAPath" if Path(authorities).is_dir() else "http.sslCAInfo"] = (
                authorities
            )
        git._environ = {**self._environ, **_numbered(limits, number)}
        git._limited = (*_LIMITED, str(memory_kib))
        git._timeout_seconds = whole_seconds or _TIMEOUT_SECONDS
        return git

    @classmethod
    def asking(
        cls, folder: Path, environ: Mapping[str, str], *, own_configuration: bool = False
    ) -> "Git":
        """Read a folder that somebody works in, whose `.git/config` may be anybody's.

        No program runs that the folder's configuration names, nothing is fetched, and git gets no
        secret of the environment.

        Args:
            own_configuration: Whether the user's own configuration counts, as `insteadOf` does for
                the address of a remote.
        """
        kept = {name: value for name, value in environ.items() if _ASKING.fullmatch(name)}
        others = {} if own_configuration else _WITHOUT_OTHER_CONFIGURATION
        return cls(folder, kept, variables={**_READ_ONLY, **others})

    def list_paths(self, *arguments: str, stdin: str = "") -> list[str] | None:
        """Run a git command that ends each name that it prints with NUL; None where it fails.

        Bytes of a name that are no UTF-8 are kept as the file system's functions take them.
        """
        result = self._run(arguments, stdin, errors="surrogateescape")
        return result.stdout.split("\0")[:-1] if result.returncode == 0 else None

    def run(self, *arguments: str, stdin: str = "") -> str:
        """Run one git command and return what it prints, stripped.

        Raises:
            GitError: It failed; the message holds git's reason, with no credential in it.
        """
        result = self._run(arguments, stdin)
        if result.returncode != 0:
            raise _failed(arguments, result.stderr)
        return result.stdout.strip()

    def succeeds(self, *arguments: str) -> bool:
        """Tell whether a git command exits with 0."""
        return self._run(arguments, "").returncode == 0

    def head_commit(self) -> str:
        """Read the commit that is checked out, 40 hex digits.

        Raises:
            GitError: There is none; the message tells what was done instead of a checkout.
        """
        if not self.succeeds("rev-parse", "--git-dir"):
            raise _no_repository(self._folder)
        return self.run("rev-parse", "--verify", "--end-of-options", "HEAD^{commit}")

    def tree(self, commit: str) -> str:
        """Read the tree of a commit, 40 hex digits."""
        return self.run("rev-parse", "--verify", "--end-of-options", f"{commit}^{{tree}}")

    def merge_tree(self, ours: str, theirs: str) -> MergedTree:
        """Merge two commits without a work tree; neither is changed.

        Raises:
            GitError: They have no commit in common, or git failed.

        Spec: https://git-scm.com/docs/git-merge-tree
        """
        how = ("--write-tree", "--name-only", "--no-messages", "-z")
        arguments = ("merge-tree", *how, "--end-of-options", ours, theirs)
        result = self._run(arguments, "")
        if result.returncode not in {0, 1}:
            raise _failed(arguments, result.stderr)
        tree, *conflicts = result.stdout.rstrip("\0").split("\0")
        if not result.returncode:
            return MergedTree(tree)
        # Git calls a file that stands where the other side has a folder `d~SIDE`, or `d~SIDE_0`.
        sides = "|".join(re.escape(side.replace("/", "_")) for side in (ours, theirs))
        renamed = re.compile(f"~(?:{sides})(?:_[0-9]+)?(?=/|$)")
        return MergedTree("", tuple(dict.fromkeys(renamed.sub("", path) for path in conflicts)))

    def subtree(self, commit: str, path: str, *, without: Sequence[str] = ()) -> str:
        """Read the tree of a folder of a commit, 40 hex digits; empty where it is no folder there.

        Args:
            path: Below the repository's root, `.` for the root itself.
            without: Folders of the root to leave out; the tree is then one that only we know.
        """
        if without:
            return self._tree_without(commit, without)
        if path == ".":
            return self.tree(commit)
        entry = self.run("ls-tree", "-d", "--full-tree", "-z", commit, "--", path)
        _, _, sha = entry.partition("\t")[0].partition(" tree ")
        return sha

    def has_commit(self, commit: str) -> bool:
        """Tell whether the commit is in this repository; a shallow one lacks most."""
        return self.succeeds("cat-file", "-e", f"{commit}^{{commit}}")

    def commit_timestamp(self, commit: str) -> int:
        """Read when a commit was made, in seconds since the epoch."""
        return int(self.run("show", "-s", "--format=%ct", "--end-of-options", commit))

    def git_path(self, name: str) -> Path:
        """Return where git keeps a file or folder of this repository, such as `objects`."""
        return Path(self._folder, self.run("rev-parse", "--git-path", name)).resolve()

    def _tree_without(self, commit: str, paths: Sequence[str]) -> str:
        """Make the tree of a commit without some folders in an index of its own."""
        with tempfile.TemporaryDirectory(prefix="dist-actions-") as scratch:
            index = {"GIT_INDEX_FILE": str(Path(scratch, "index"))}
            git = Git(self._folder, self._environ, variables=index)
            git.run("read-tree", commit)
            removal = ("-r", "--cached", "--force", "--quiet", "--ignore-unmatch")
            git.run("--literal-pathspecs", "rm", *removal, "--", *paths)
            # What a partial clone lacks need not be fetched for its name alone.
            return git.run("write-tree", "--missing-ok")

    def _run(
        self, arguments: Sequence[str], stdin: str, *, errors: str = "replace"
    ) -> "subprocess.CompletedProcess[str]":
        try:
            process = subprocess.Popen(
                [*self._limited, "git", *arguments],
                cwd=self._folder,
                env=self._environ,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                errors=errors,
                start_new_session=True,
            )
        except OSError as error:
            raise _not_started(self._folder, error) from error
        with process:
            try:
                output, problem = process.communicate(stdin, self._timeout_seconds)
            except BaseException as error:
                # What git started for a server would go on without it.
                with suppress(ProcessLookupError, PermissionError):
                    os.killpg(process.pid, signal.SIGKILL)
                if isinstance(error, subprocess.TimeoutExpired):
                    raise _unending(arguments, self._timeout_seconds) from error
                raise
        return subprocess.CompletedProcess(arguments, process.returncode, output, problem)


def _not_started(folder: Path, error: OSError) -> GitError:
    if not folder.is_dir():
        return GitError(
            f"git could not run in {folder}: {error.strerror}.",
            why="there is no such folder.",
            fix="name a folder that is there.",
        )
    return GitError(
        f"git could not run in {folder.name or folder}: {error.strerror}.",
        why="git is not installed here.",
        fix="install git; for a job in a container use an image with git in it, or install it in a "
        "step before actions/checkout.",
        anchor="checkout",
    )


def _unending(arguments: Sequence[str], seconds: float) -> GitError:
    return GitError(
        f"`git {arguments[0]}` did not end within {seconds:g} s.",
        why="the server that it speaks to, or the disk of this machine, does not answer.",
        fix="try again later.",
        anchor="service-unavailable",
    )


def _no_repository(workspace: Path) -> GitError:
    """Explain what lies in a workspace that git does not know."""
    repository = next((path.parent for path in sorted(workspace.glob("*/.git"))), None)
    if repository is not None:
        name = repository.name
        return GitError(
            f"The workspace is no git repository, but its folder {name} is.",
            why=f"actions/checkout has `path: {name}`, and the repository of this run is expected "
            "in the workspace itself (GITHUB_WORKSPACE).",
            fix="leave `path:` out of this checkout, or begin the input package-path with it, as "
            f"in `package-path: {name}`.",
            anchor="checkout",
        )
    if any(workspace.iterdir()):
        return GitError(
            "The workspace holds files, but is no git repository.",
            why="git was not in the job's container when actions/checkout ran, which then "
            "downloads the files alone.",
            fix="use an image with git in it, or install git in a step before actions/checkout.",
            anchor="checkout",
        )
    return GitError(
        "The workspace is empty.",
        why="nothing was checked out.",
        fix="let actions/checkout run before this step.",
        anchor="checkout",
    )


def tells_of_full_disk(text: str) -> bool:
    """Tell whether git says that it has no room left."""
    return _FULL_DISK.search(text) is not None


def _failed(arguments: Sequence[str], stderr: str) -> GitError:
    if tells_of_full_disk(stderr):
        return GitError(
            f"`git {arguments[0]}` failed: {_reason(stderr)}",
            why="the disk of this runner is full.",
            fix="free disk space on the runner and run the job again.",
            anchor="checkout",
        )
    if _LFS.search(stderr):
        return GitError(
            f"`git {arguments[0]}` failed: {_reason(stderr)}",
            why="git-lfs keeps the content of this file outside the repository, and the checkout "
            "did not get it.",
            fix="give actions/checkout `lfs: true` in this job.",
            anchor="incomplete-checkout",
        )
    return GitError(
        f"`git {arguments[0]}` failed: {_reason(stderr)}",
        why="the checkout is missing, incomplete, or not the repository of this run.",
        fix="let actions/checkout run before this step.",
        anchor="checkout",
    )


def _reason(stderr: str) -> str:
    """Find the lines that say why: a refused push's, else those of errors, else the first."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    refused = (line for line in lines if "rejected]" in line)
    errors = [line for line in lines if line.startswith(("error:", "fatal:"))]
    return next(refused, "; ".join(errors[:_SHOWN_ERRORS]) or (lines[0] if lines else "no message"))


def _environ(environ: Mapping[str, str], config: Mapping[str, str]) -> dict[str, str]:
    inherited = {
        key: value
        for key, value in environ.items()
        if key.startswith("GIT_SSL_") or not key.startswith(("GIT_", "INPUT_", "ACTIONS_"))
    }
    # Passed by the environment, so that no credential stands in an argument list.
    # Spec: https://git-scm.com/docs/git-config#ENVIRONMENT
    return {**inherited, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C", **_numbered(config, 0)}


def _numbered(config: Mapping[str, str], first: int) -> dict[str, str]:
    """Number settings as git's environment wants them, behind those that are there."""
    settings = {"GIT_CONFIG_COUNT": str(first + len(config))}
    for index, (key, value) in enumerate(config.items(), start=first):
        settings[f"GIT_CONFIG_KEY_{index}"] = key
        settings[f"GIT_CONFIG_VALUE_{index}"] = value
    return settings
