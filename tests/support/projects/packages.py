"""A package on a branch of the sandbox's repository, checked out as a job has it."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from support.sandbox.fixtures import Sandbox, commit_file, git

PYPROJECT = '[project]\nname = "eigenoid-sample"\nversion = "{version}"\n'


@dataclass
class Package:
    """A checkout of the branch `dev` whose pushes reach the sandbox."""

    folder: Path

    def set_version(self, version: str) -> str:
        """Commit a version without pushing it; returns the commit."""
        return commit_file(
            self.folder, "pyproject.toml", PYPROJECT.format(version=version), f"Version {version}"
        )

    def commit(self, name: str, content: str) -> str:
        """Commit a file without pushing it; returns the commit."""
        return commit_file(self.folder, name, content)

    def push(self, branch: str = "dev") -> None:
        """Push what is checked out."""
        git("push", "-q", "--force", "origin", f"HEAD:refs/heads/{branch}", cwd=self.folder)

    def tag(self, name: str, commit: str = "HEAD", *, message: str | None = None) -> None:
        """Push a tag by hand: annotated where there is a message."""
        options = [] if message is None else ["-a", "-m", message]
        git("tag", *options, name, commit, cwd=self.folder)
        git("push", "-q", "origin", f"refs/tags/{name}", cwd=self.folder)
        git("tag", "-d", name, cwd=self.folder)


@pytest.fixture
def package(sandbox: Sandbox, checkout: Path) -> Package:
    """Version 1.0.0 pushed to `dev`."""
    package = Package(checkout)
    package.set_version("1.0.0")
    package.push()
    return package


@pytest.fixture
def offline_package(tmp_path: Path) -> Package:
    """Version 1.0.0 committed in a repository without a remote."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    git("init", "-q", "-b", "dev", cwd=folder)
    package = Package(folder)
    package.set_version("1.0.0")
    return package
