"""A repository with two packages, checked out as a job has it."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from support.sandbox.fixtures import Sandbox, commit_file, git

SETTINGS = """\
[packages.shop-core]
path = "packages/core"

[packages.shop-cli]
path = "packages/cli"
"""
PYPROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "{name}"
version = "{version}"
requires-python = ">=3.11"
"""


@dataclass
class Monorepo:
    """A checkout of the branch `dev` whose pushes reach the sandbox."""

    folder: Path

    def write_settings(self, text: str) -> str:
        """Commit the settings; returns the commit."""
        return commit_file(self.folder, ".github/dist-actions.toml", text, "Settings")

    def set_version(self, package: str, version: str, *, name: str = "") -> str:
        """Commit a version of `core`, `cli` or another folder; returns the commit."""
        text = PYPROJECT.format(name=name or f"shop-{package}", version=version)
        return self.write(f"packages/{package}/pyproject.toml", text, f"{package} {version}")

    def write(self, name: str, content: str, message: str = "Change") -> str:
        """Commit a file; returns the commit."""
        return commit_file(self.folder, name, content, message)

    def push(self, branch: str = "dev") -> str:
        """Push what is checked out; returns the commit."""
        git("push", "-q", "--force", "origin", f"HEAD:refs/heads/{branch}", cwd=self.folder)
        return self.head

    @property
    def head(self) -> str:
        """The commit that is checked out."""
        return git("rev-parse", "HEAD", cwd=self.folder).stdout.strip()

    def subtree(self, path: str) -> str:
        """The tree of a folder at the commit that is checked out."""
        return git("rev-parse", f"HEAD:{path}", cwd=self.folder).stdout.strip()

    def push_tag(self, name: str, commit: str = "HEAD", *, message: str = "By hand") -> None:
        """Push an annotated tag, and forget it in the checkout."""
        git("tag", "-a", "-m", message, name, commit, cwd=self.folder)
        git("push", "-q", "origin", f"refs/tags/{name}", cwd=self.folder)
        git("tag", "-d", name, cwd=self.folder)


def set_up(folder: Path) -> Monorepo:
    """Commit the packages at 1.0.0 and 0.1.0."""
    made = Monorepo(folder)
    for package in ("core", "cli"):
        made.write(f"packages/{package}/shop_{package}/__init__.py", f'"""{package}."""\n')
    made.write_settings(SETTINGS)
    made.set_version("core", "1.0.0")
    made.set_version("cli", "0.1.0")
    return made


@pytest.fixture
def monorepo(sandbox: Sandbox, checkout: Path) -> Monorepo:
    """`shop-core` 1.0.0 and `shop-cli` 0.1.0 pushed to `dev`."""
    made = set_up(checkout)
    made.push()
    return made


@pytest.fixture
def offline_monorepo(tmp_path: Path) -> Monorepo:
    """The same packages in a repository without a remote."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    git("init", "-q", "-b", "dev", cwd=folder)
    return set_up(folder)
