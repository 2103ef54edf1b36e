"""The rehearsal's own clone of the repository: it pushes the project and reads workflow files."""

import base64
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path, PurePosixPath
from types import MappingProxyType

from dist_sandbox.rehearse.errors import ToolError
from dist_sandbox.rehearse.toolchain import run_program
from dist_sandbox.rehearse.workflows.files import is_workflow_path

_METADATA_NAMES = ("action.yml", "action.yaml")
#: Who the commits are by.
_NAME, _EMAIL = "Dev Eloper", "300100+developer@users.noreply.github.com"
_NO_SUBMODULES: Mapping[str, str] = MappingProxyType({})
_NO_GATEWAY: Mapping[str, str] = MappingProxyType({})


class GitClone:
    """A git work tree; only what git needs to run is taken from the caller's environment.

    The variables of the gateway, if there is one, lead it to the remote repository.
    """

    def __init__(
        self,
        folder: Path,
        gateway: Mapping[str, str] = _NO_GATEWAY,
        *,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self.folder = folder
        self._environ = {
            **gateway,
            "PATH": environ.get("PATH", os.defpath),
            "HOME": str(folder.parent),
            "LC_ALL": "C.UTF-8",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_AUTHOR_NAME": _NAME,
            "GIT_AUTHOR_EMAIL": _EMAIL,
            "GIT_COMMITTER_NAME": _NAME,
            "GIT_COMMITTER_EMAIL": _EMAIL,
        }

    def use_remote(self, url: str, token: str) -> None:
        """Set the address of `origin` and its token, which is in no file and no argument."""
        encoded = base64.b64encode(f"x-access-token:{token}".encode()).decode()
        self._environ |= {
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "http.extraHeader",
            "GIT_CONFIG_VALUE_0": f"Authorization: Basic {encoded}",
        }
        self.run("remote", "add", "origin", url)

    def run(self, *arguments: str) -> str:
        """Run git in the work tree, and return what it prints.

        Raises:
            ToolError: git failed.
        """
        return run_program(
            ["git", *arguments],
            folder=self.folder,
            environ=self._environ,
            label=f"git {' '.join(arguments[:2])}",
        )

    def shell(self, command: str) -> None:
        """Run a person's command in the work tree, as that person: git may push.

        Raises:
            ToolError: It failed.
        """
        run_program(
            ["bash", "-c", command],
            folder=self.folder,
            environ=self._environ,
            label=command,
            report_stdout=True,
        )

    def borrow_objects(self, folders: Iterable[Path]) -> None:
        """Read objects where other repositories have them; git runs nothing there."""
        self.run("config", "core.alternateRefsCommand", "true")
        alternates = self.folder / ".git" / "objects" / "info" / "alternates"
        alternates.write_text("".join(f"{folder}\n" for folder in folders), encoding="utf-8")

    def commit_all(self, message: str, submodules: Mapping[str, str] = _NO_SUBMODULES) -> str:
        """Commit everything in the work tree, and return the commit's SHA.

        Args:
            submodules: Commits of submodules that have no files here, by path.
        """
        self.stage_all(submodules)
        self.run("commit", "--quiet", "--allow-empty", "--message", message)
        return self.run("rev-parse", "HEAD").strip()

    def stage_all(self, submodules: Mapping[str, str] = _NO_SUBMODULES) -> str:
        """Add everything in the work tree to the index, and return the tree that it makes.

        Args:
            submodules: Commits of submodules that have no files here, by path.
        """
        self.run("add", "--all", "--force")
        for path, commit in submodules.items():
            self.run("update-index", "--add", "--cacheinfo", f"160000,{commit},{path}")
        return self.run("write-tree").strip()

    def text_reader(self, commit_sha: str) -> Callable[[str], str | None]:
        """Return what reads any file of a commit; it gives None for what is no text there."""

        def read_text(path: str) -> str | None:
            try:
                return self._show(commit_sha, path)
            except (ToolError, UnicodeDecodeError):
                return None

        return read_text

    def fetch(self, commit_sha: str) -> None:
        """Fetch this commit, unless the clone has it already."""
        try:
            self.run("cat-file", "-e", f"{commit_sha}^{{commit}}")
        except ToolError:
            self.run("fetch", "--quiet", "--no-tags", "origin", commit_sha)

    def workflow_files(self, commit_sha: str) -> list[tuple[str, str]]:
        """Read path and text of each workflow file of a commit."""
        return [
            (path, self._show(commit_sha, path))
            for path in self._paths(commit_sha, ".github/workflows/")
            if is_workflow_path(path)
        ]

    def action_files(self, commit_sha: str) -> dict[str, str]:
        """Read what `uses: ./…` leads to: metadata of actions by folder, and workflow files."""
        workflows = {f"./{path}": text for path, text in self.workflow_files(commit_sha)}
        return workflows | {
            f"./{PurePosixPath(path).parent}".rstrip("."): self._show(commit_sha, path)
            for path in self._paths(commit_sha)
            if PurePosixPath(path).name in _METADATA_NAMES
        }

    def changed_paths(self, before: str, after: str) -> tuple[str, ...] | None:
        """List the paths that differ between two commits; None where there was none before."""
        if not before.strip("0"):
            return None
        self.fetch(before)
        return tuple(self.run("diff", "--name-only", "-z", before, after).split("\0")[:-1])

    def _paths(self, commit_sha: str, below: str = "") -> list[str]:
        arguments = [commit_sha, below] if below else [commit_sha]
        return self.run("ls-tree", "-r", "-z", "--name-only", *arguments).split("\0")[:-1]

    def _show(self, commit_sha: str, path: str) -> str:
        return self.run("show", f"{commit_sha}:{path}")
