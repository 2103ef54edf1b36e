"""A repository of two packages in the sandbox, whose versions are promoted."""

from collections.abc import Mapping

from support.environments import tag_name
from support.projects.settings import write_settings
from support.promotion.project import PromotedProject
from support.sandbox.fixtures import git
from support.stages.running import StageResult

SETTINGS = """\
[packages.shop-core]
path = "packages/core"
[packages.shop-api]
path = "packages/api"
"""
FOLDERS = {"shop-core": "packages/core", "shop-api": "packages/api"}


class PromotedMonorepo:
    """A repository of the packages shop-core and shop-api, which all branches hold in 1.0.0."""

    def __init__(self, project: PromotedProject, settings: str = SETTINGS) -> None:
        self.project = project
        self.write_settings(settings)
        self.commit("dev", {"README.md": "read me\n"})
        for package in FOLDERS:
            self.develop(package, "1.0.0")
        git("push", "-q", "origin", "dev:qa", "dev:main", cwd=project.checkout)

    def write_settings(self, settings: str) -> None:
        """Write the settings into what the promoting job checked out."""
        write_settings(self.project.workspace, settings)

    def commit(self, branch: str, files: Mapping[str, str], message: str = "A change") -> str:
        """Commit files to a branch on GitHub; return the commit."""
        return self.project.commit_files(branch, files, message)

    def develop(self, package: str, version: str, *, tag: str = "", more: str = "") -> str:
        """Commit a version of a package to dev, and tag it; return the commit."""
        files = {f"{FOLDERS[package]}/{name}": f"{version}\n" for name in ("version", "code")}
        if more:
            files[more] = f"{version}\n"
        sha = self.commit("dev", files, f"{package} {version}")
        self.tag(package, version, "dev", tag)
        return sha

    def tag(self, package: str, version: str, environment: str, tag: str = "") -> None:
        """Tag the tip of an environment's branch."""
        self.project.push_tag(tag or tag_name(version, environment, package), environment)

    def release(self, package: str, version: str, *requires: str) -> None:
        """Publish the GitHub release of a package in dev."""
        tag = tag_name(version, "dev", package)
        self.project.release_tag(tag, version, name=package, requires=requires)

    def promote(self, package: str = "", **inputs: str) -> StageResult:
        """Promote from dev, unless `from_` says otherwise."""
        source = inputs.pop("from_", "dev")
        return self.project.promote({"package": package, "from": source, **inputs})

    def folder(self, ref: str, package: str) -> str:
        """Return the tree of a package's folder on GitHub."""
        return self.project.on_github("rev-parse", f"{ref}:{FOLDERS[package]}")

    def message(self, sha: str) -> str:
        """Return a commit's message."""
        return self.project.on_github("show", "-s", "--format=%B", sha)


def assert_stopped(result: StageResult, status: int = 1) -> str:
    """Assert that a run changed nothing and failed; return its message."""
    assert (result.exit_status, result.changes) == (status, ()), result.log
    return result.annotation.message
