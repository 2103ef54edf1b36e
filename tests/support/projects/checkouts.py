"""A project of one package, or of several, checked out from the sandbox as a job has it."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from support.projects.declared import DERIVED
from support.sandbox.fixtures import Sandbox, commit_file, git

PYPROJECT = '[project]\nname = "eigenoid-sample"\nversion = "{version}"\n'
MONOREPO_SETTINGS = """\
[packages.shop-core]
path = "packages/core"

[packages.shop-cli]
path = "packages/cli"
"""
MONOREPO_PYPROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "{name}"
version = "{version}"
requires-python = ">=3.11"
"""


@dataclass
class Checkout:
    """A checkout of the branch `dev` whose pushes reach the sandbox."""

    folder: Path

    @property
    def head(self) -> str:
        """Return the commit that is checked out."""
        return git("rev-parse", "HEAD", cwd=self.folder).stdout.strip()

    def commit(self, name: str, content: str, message: str = "Change") -> str:
        """Commit a file without pushing it; return the commit."""
        return commit_file(self.folder, name, content, message)

    def push(self, branch: str = "dev") -> str:
        """Push what is checked out; return the commit."""
        git("push", "-q", "--force", "origin", f"HEAD:refs/heads/{branch}", cwd=self.folder)
        return self.head

    def push_tag(self, name: str, commit: str = "HEAD", *, message: str | None = "By hand") -> None:
        """Push a tag by hand, and forget it in the checkout; a lightweight one has no message."""
        options = [] if message is None else ["-a", "-m", message]
        git("tag", *options, name, commit, cwd=self.folder)
        git("push", "-q", "origin", f"refs/tags/{name}", cwd=self.folder)
        git("tag", "-d", name, cwd=self.folder)


@dataclass
class ProjectCheckout(Checkout):
    """A checkout of a project of one package."""

    def set_version(self, version: str) -> str:
        """Commit a version without pushing it; return the commit."""
        text = PYPROJECT.format(version=version)
        return self.commit("pyproject.toml", text, f"Version {version}")


@dataclass
class MonorepoCheckout(Checkout):
    """A checkout of the packages `shop-core` and `shop-cli`, which can be built."""

    def create(self) -> None:
        """Commit the packages at 1.0.0 and 0.1.0."""
        self.commit(".gitignore", "dist/\n")
        for package in ("core", "cli"):
            self.commit(f"packages/{package}/shop_{package}/__init__.py", f'"""{package}."""\n')
        self.write_settings(MONOREPO_SETTINGS)
        self.set_version("core", "1.0.0")
        self.set_version("cli", "0.1.0")

    def write_settings(self, text: str) -> str:
        """Commit the settings; return the commit."""
        return self.commit(".github/dist-actions.toml", text, "Settings")

    def set_version(self, package: str, version: str, *, name: str = "") -> str:
        """Commit a version of `core`, `cli` or another folder; return the commit."""
        text = MONOREPO_PYPROJECT.format(name=name or f"shop-{package}", version=version)
        return self.commit(f"packages/{package}/pyproject.toml", text, f"{package} {version}")

    def subtree(self, path: str) -> str:
        """Return the tree of a folder at the commit that is checked out."""
        return git("rev-parse", f"HEAD:{path}", cwd=self.folder).stdout.strip()


@pytest.fixture
def package(sandbox: Sandbox, checkout: Path) -> ProjectCheckout:
    """Version 1.0.0 pushed to `dev`."""
    package = ProjectCheckout(checkout)
    package.set_version("1.0.0")
    package.push()
    return package


@pytest.fixture
def derived(package: ProjectCheckout) -> ProjectCheckout:
    """A project that asks setuptools-scm for its version, on `dev`."""
    package.commit("pyproject.toml", DERIVED)
    package.push()
    return package


@pytest.fixture
def offline_package(tmp_path: Path) -> ProjectCheckout:
    """Version 1.0.0 committed in a repository without a remote."""
    package = ProjectCheckout(_new_repository(tmp_path))
    package.set_version("1.0.0")
    return package


@pytest.fixture
def monorepo(sandbox: Sandbox, checkout: Path) -> MonorepoCheckout:
    """`shop-core` 1.0.0 and `shop-cli` 0.1.0 pushed to `dev`."""
    monorepo = MonorepoCheckout(checkout)
    monorepo.create()
    monorepo.push()
    return monorepo


@pytest.fixture
def offline_monorepo(tmp_path: Path) -> MonorepoCheckout:
    """The same packages in a repository without a remote."""
    monorepo = MonorepoCheckout(_new_repository(tmp_path))
    monorepo.create()
    return monorepo


def _new_repository(tmp_path: Path) -> Path:
    folder = tmp_path / "checkout"
    folder.mkdir()
    git("init", "-q", "-b", "dev", cwd=folder)
    return folder
