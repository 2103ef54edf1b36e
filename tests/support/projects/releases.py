"""A tagged project in the sandbox, and what a build job would hand to the publishing job."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from dist_actions.distributions.manifest import FirstBuild
from dist_sandbox.github.releases.releases import Release
from dist_sandbox.google.state import repository_name
from dist_sandbox.organisation import SandboxEnvironment
from support.distributions.builders import (
    make_manifest,
    parsed,
    write_manifest,
    write_release,
)
from support.sandbox.fixtures import Sandbox, commit_file, git
from support.stages.running import StageResult, StageRunner, app_inputs

PYPROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "eigenoid-sample"
version = "{version}"
requires-python = ">=3.11"
"""
PUBLISHING = {"contents": "read", "id-token": "write"}


@dataclass
class TaggedProject:
    """A version that is tagged, with a folder of distributions that were built from it.

    Attributes:
        workspace: What the publishing job has: the folder `dist` and no checkout.
        manifest_sha256: What the build job gave as its output.
    """

    sandbox: Sandbox
    run_stage: StageRunner
    workspace: Path
    environment: SandboxEnvironment
    version: str
    commit_sha: str
    manifest_sha256: str = ""
    described: dict[str, Any] = field(default_factory=dict)

    @property
    def tag(self) -> str:
        """Return its tag in its environment."""
        return f"v{self.version}{self.environment.suffix}"

    @property
    def dist(self) -> Path:
        """Return the folder of the distributions."""
        return self.workspace / "dist"

    def build(self, content: str = "") -> None:
        """Build as a build job does; another `content` gives other bytes."""
        for path in self.dist.glob("*"):
            path.unlink()
        write_release(self.dist, self.version, content=content)
        self.write_manifest()

    def write_manifest(self, **changes: Any) -> None:
        """Describe what lies in `dist`, as a build for the tag does."""
        described = {**self.describe(), **self.described, **changes}
        self.manifest_sha256 = write_manifest(self.dist, make_manifest(self.dist, **described))

    def describe(self) -> dict[str, Any]:
        """Return what a manifest says of the release and of its commit."""
        name, git_ = self.environment.name, self.sandbox.repository.git
        return {
            "version": parsed(self.version),
            "commit_sha": self.commit_sha,
            "tree_sha": git_.git("rev-parse", f"{self.commit_sha}^{{tree}}"),
            "source_date_epoch": int(git_.git("show", "-s", "--format=%ct", self.commit_sha)),
            "built_for": FirstBuild(name, self.tag, self.commit_sha),
            "reason": self._reason(),
            "environment": name,
            "github_environment": name,
            "suffix": self.environment.suffix,
            "prerelease": name != "prd",
            "production": name == "prd",
        }

    def _reason(self) -> str:
        """Say why the files were built, as a build with `artifacts: build` does."""
        environments = self.sandbox.world.environments
        earlier = environments[: environments.index(self.environment)]
        if not earlier:
            return f"{self.environment.name} is the first environment"
        repository = self.sandbox.repository
        tags = [f"v{self.version}{environment.suffix}" for environment in reversed(earlier)]
        lacking = []
        for tag in filter(repository.git.tag, tags):
            if any(one.tag_name == tag and not one.draft for one in repository.releases):
                return f"artifacts is build; {tag} has files, too"
            lacking.append(f"{tag} has no published GitHub release")
        return "; ".join(lacking) or f"no earlier environment has {self.version}"

    def inputs(self, **changes: str) -> dict[str, str]:
        """Return the starter workflow's inputs of the phase `publish`, with these changes."""
        all_inputs = {
            "phase": "publish",
            "manifest-sha256": self.manifest_sha256,
            **app_inputs(self.sandbox, "releaser-bot"),
            **target_inputs(self.environment),
        }
        return {**all_inputs, **{name.replace("_", "-"): value for name, value in changes.items()}}

    def options(self, **changes: Any) -> dict[str, Any]:
        """Return how the runner starts the publishing job."""
        return {
            "workspace": self.workspace,
            "ref": f"refs/tags/{self.tag}",
            "sha": self.commit_sha,
            "permissions": PUBLISHING,
            "environment": self.environment.name,
            **changes,
        }

    def publish(self, inputs: Mapping[str, str] | None = None, **options: Any) -> StageResult:
        """Run the phase `publish`; `inputs` are changes by their names in `action.yml`."""
        all_inputs = {**self.inputs(), **(inputs or {})}
        return self.run_stage("release", all_inputs, **self.options(**options))

    def release(self) -> Release:
        """Return the only GitHub release of the tag."""
        (release,) = self.releases()
        return release

    def releases(self) -> list[Release]:
        """Return the GitHub releases and drafts of the tag."""
        releases = self.sandbox.repository.releases
        return [release for release in releases if release.tag_name == self.tag]

    def indexed(self) -> dict[str, bytes]:
        """Return the files in the environment's index."""
        repository = self.sandbox.world.google.repositories[repository_name(self.environment)]
        return {path.name: path.read_bytes() for path in repository.files()}

    def built(self) -> dict[str, bytes]:
        """Return the distributions at hand."""
        paths = [path for path in self.dist.iterdir() if path.suffix != ".json"]
        return {path.name: path.read_bytes() for path in paths}

    def move_tag(self, commit_sha: str) -> None:
        """Move the tag on GitHub, as nobody should."""
        git_ = self.sandbox.repository.git
        git_.git("update-ref", f"refs/tags/{self.tag}", commit_sha)


def target_inputs(environment: SandboxEnvironment) -> dict[str, str]:
    """Return the inputs that the variables of a GitHub Environment fill."""
    return {
        "workload-identity-provider": environment.workload_identity_provider,
        "service-account": environment.service_account,
        "project-id": environment.project_id,
        "location": environment.location,
        "repository": environment.repository,
    }


def commit_version(checkout: Path, version: str, text: str = PYPROJECT) -> str:
    """Commit a project of this version to the checked out branch, unless it stands there."""
    content, file = text.format(version=version), checkout / "pyproject.toml"
    if file.is_file() and file.read_text(encoding="utf-8") == content:
        return git("rev-parse", "HEAD", cwd=checkout).stdout.strip()
    sha = commit_file(checkout, "pyproject.toml", content, f"Version {version}")
    git("push", "-q", "origin", "HEAD", cwd=checkout)
    return sha


def push_tag(checkout: Path, tag: str, commit: str = "HEAD") -> None:
    """Make and push an annotated tag."""
    git("tag", "-a", "-m", tag, tag, commit, cwd=checkout)
    git("push", "-q", "origin", tag, cwd=checkout)


def tag_version(
    run_stage: StageRunner, checkout: Path, folder: Path, version: str, environment: str
) -> TaggedProject:
    """Tag a version in an environment, and build it in a folder below another one."""
    assert run_stage.sandbox is not None
    environments = run_stage.sandbox.world.environments
    target = next(candidate for candidate in environments if candidate.name == environment)
    commit_sha = commit_version(checkout, version)
    if target.branch != "dev":
        git("push", "-q", "origin", f"HEAD:{target.branch}", cwd=checkout)
    push_tag(checkout, f"v{version}{target.suffix}")
    workspace = folder / f"publishing-{version}-{environment}"
    workspace.mkdir()
    project = TaggedProject(run_stage.sandbox, run_stage, workspace, target, version, commit_sha)
    project.build()
    return project


@pytest.fixture
def tag_project(
    checkout: Path, run_stage: StageRunner, tmp_path: Path
) -> Callable[..., TaggedProject]:
    """Tags a version in an environment and builds it."""

    def tag(version: str = "0.1.0", environment: str = "dev") -> TaggedProject:
        return tag_version(run_stage, checkout, tmp_path, version, environment)

    return tag


@pytest.fixture
def tagged(tag_project: Callable[..., TaggedProject]) -> TaggedProject:
    """Version 0.1.0, tagged in dev and built."""
    return tag_project()
