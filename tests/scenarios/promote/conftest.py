"""A chain of environments whose versions are promoted by real pull requests."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dist_sandbox.github.pull_requests.pulls import PullRequest
from support.distributions.builders import make_manifest, parsed, write_manifest, write_release
from support.projects.package_shop import Shop
from support.sandbox.fixtures import Sandbox, git
from support.stages.running import StageResult, StageRunner, app_inputs

SUFFIXES = {"dev": "-dev", "qa": "-qa", "prd": ""}
BRANCHES = {"dev": "dev", "qa": "qa", "prd": "main"}
READING = {"contents": "read", "pull-requests": "read", "checks": "read", "statuses": "read"}


@dataclass
class Chain:
    """Environments dev, qa and prd with their branches.

    Attributes:
        checkout: The developer's clone.
        workspace: What a promoting job has: an empty folder.
    """

    sandbox: Sandbox
    run_stage: StageRunner
    checkout: Path
    workspace: Path

    def develop(self, version: str, changes: Mapping[str, str | None] | None = None) -> str:
        """Commit a version with changes to dev, and tag it; None removes a file."""
        git("checkout", "-q", "dev", cwd=self.checkout)
        files = {"pyproject.toml": f'name = "x"\nversion = "{version}"\n', **(changes or {})}
        for name, text in files.items():
            if text is None:
                git("rm", "-q", name, cwd=self.checkout)
            else:
                (self.checkout / name).write_text(text, encoding="utf-8")
                git("add", name, cwd=self.checkout)
        git("commit", "-qm", f"Version {version}", cwd=self.checkout)
        git("push", "-q", "origin", "dev", cwd=self.checkout)
        return self.tag(version, "dev")

    def commit(self, branch: str, name: str, text: str, message: str = "A hotfix") -> str:
        """Commit a file to a branch on GitHub."""
        git("fetch", "-q", "origin", cwd=self.checkout)
        git("checkout", "-q", "-B", f"on-{branch}", f"origin/{branch}", cwd=self.checkout)
        (self.checkout / name).write_text(text, encoding="utf-8")
        git("add", name, cwd=self.checkout)
        git("commit", "-q", "-m", message, cwd=self.checkout)
        git("push", "-q", "origin", f"HEAD:{branch}", cwd=self.checkout)
        return git("rev-parse", "HEAD", cwd=self.checkout).stdout.strip()

    def tag(self, version: str, environment: str) -> str:
        """Tag the tip of an environment's branch, as auto-tag does."""
        branch = BRANCHES[environment]
        git("fetch", "-q", "origin", cwd=self.checkout)
        tag = f"v{version}{SUFFIXES[environment]}"
        git("tag", "-a", "-m", tag, tag, f"origin/{branch}", cwd=self.checkout)
        git("push", "-q", "origin", tag, cwd=self.checkout)
        return self.sandbox.branch_sha(branch)

    def release(self, version: str, environment: str, **changes: Any) -> int:
        """Publish the GitHub release of a tag with its files, as the release stage does."""
        tag, folder = f"v{version}{SUFFIXES[environment]}", self.workspace.parent / "assets"
        write_release(folder, version)
        commit = self.on_github("rev-parse", f"{tag}^{{commit}}").strip()
        made_of = {"version": parsed(version), "tag": tag, "commit_sha": commit}
        write_manifest(folder, make_manifest(folder, **made_of))
        token = self.sandbox.user_token
        body = {"tag_name": tag, "prerelease": environment != "prd", "draft": True}
        made = self.sandbox.request("POST", "releases", token=token, json=body).json()
        for path in folder.iterdir():
            url = made["upload_url"].partition("{")[0] + f"?name={path.name}"
            self.sandbox.request("POST", url, token=token, data=path.read_bytes())
            path.unlink()
        patch = {"draft": False, **changes}
        self.sandbox.request("PATCH", f"releases/{made['id']}", token=token, json=patch)
        return int(made["id"])

    def promote(self, inputs: Mapping[str, str] | None = None, **options: Any) -> StageResult:
        """Run the stage; by default dispatched by hand, from dev, without gates."""
        given = {
            **app_inputs(self.sandbox),
            "from": "dev",
            "require": "none",
            **(inputs or {}),
        }
        described = {
            "workspace": self.workspace,
            "event": "workflow_dispatch",
            "ref": "refs/heads/main",
            "sha": self.sandbox.branch_sha("main"),
            "permissions": READING,
            **options,
        }
        return self.run_stage("promote", given, **described)

    def merge(self, number: int | str, method: str, expected: int = 200) -> None:
        """Press a merge button."""
        answer = self.sandbox.request(
            "PUT",
            f"pulls/{number}/merge",
            token=self.sandbox.user_token,
            json={"merge_method": method},
        )
        assert answer.status_code == expected, answer.text

    def pulls(self) -> list[PullRequest]:
        """All pull requests."""
        return list(self.sandbox.repository.pulls)

    def tree(self, ref: str) -> str:
        """The tree of a branch or tag on GitHub."""
        return self.sandbox.repository.git.git("rev-parse", f"{ref}^{{tree}}")

    def on_github(self, *arguments: str) -> str:
        """A git command in GitHub's repository."""
        return self.sandbox.repository.git.git(*arguments)


@pytest.fixture
def chain(sandbox: Sandbox, checkout: Path, run_stage: StageRunner, tmp_path: Path) -> Chain:
    """Three environments that start at one commit."""
    workspace = tmp_path / "promoting"
    workspace.mkdir()
    return Chain(sandbox, run_stage, checkout, workspace)


@pytest.fixture
def shop(chain: Chain) -> Shop:
    """A repository of two packages."""
    return Shop(chain)
