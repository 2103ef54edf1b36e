"""A project in the sandbox whose versions are promoted by real pull requests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dist_sandbox.github.pull_requests.pulls import PullRequest
from support.distributions.builders import (
    PROJECT,
    make_manifest,
    parsed,
    write_manifest,
    write_release,
)
from support.environments import BRANCHES, tag_name
from support.sandbox.fixtures import Sandbox, git
from support.sandbox.releases import publish_release
from support.stages.running import RunningStage, StageResult, StageRunner, app_inputs

#: Inputs with which every gate must be open.
ALL_GATES = {"require": ""}
#: What the starter workflow lets a promoting job do.
PERMISSIONS = {"contents": "read", "pull-requests": "read", "checks": "read", "statuses": "read"}


@dataclass
class PromotedProject:
    """A project with the environments dev, qa and prd.

    Attributes:
        sandbox: Where it is.
        run_stage: What runs the stage.
        checkout: The developer's clone.
        workspace: What a promoting job has: an empty folder.
    """

    sandbox: Sandbox
    run_stage: StageRunner
    checkout: Path
    workspace: Path

    def develop(self, version: str, changes: Mapping[str, str | None] | None = None) -> str:
        """Commit a version with changes to dev, and tag it; return the commit."""
        files = {"pyproject.toml": f'name = "x"\nversion = "{version}"\n', **(changes or {})}
        self.commit_files("dev", files, f"Version {version}")
        return self.tag(version, "dev")

    def commit(self, branch: str, name: str, text: str, message: str = "A hotfix") -> str:
        """Commit a file to a branch on GitHub; return the commit."""
        return self.commit_files(branch, {name: text}, message)

    def commit_files(self, branch: str, files: Mapping[str, str | None], message: str) -> str:
        """Commit files to a branch on GitHub, of which None removes one; return the commit."""
        git("fetch", "-q", "origin", cwd=self.checkout)
        git("checkout", "-q", "-B", branch, f"origin/{branch}", cwd=self.checkout)
        for name, text in files.items():
            if text is None:
                git("rm", "-q", name, cwd=self.checkout)
                continue
            file = self.checkout / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
            git("add", name, cwd=self.checkout)
        git("commit", "-qm", message, cwd=self.checkout)
        git("push", "-q", "origin", f"HEAD:refs/heads/{branch}", cwd=self.checkout)
        return git("rev-parse", "HEAD", cwd=self.checkout).stdout.strip()

    def tag(self, version: str, environment: str) -> str:
        """Tag the tip of an environment's branch, as auto-tag does; return the commit."""
        return self.push_tag(tag_name(version, environment), environment)

    def push_tag(self, tag: str, environment: str) -> str:
        """Push a tag of the tip of an environment's branch; return the commit."""
        branch = BRANCHES[environment]
        git("fetch", "-q", "origin", cwd=self.checkout)
        git("tag", "-a", "-m", tag, tag, f"origin/{branch}", cwd=self.checkout)
        git("push", "-q", "origin", tag, cwd=self.checkout)
        return self.sandbox.branch_sha(branch)

    def release(self, version: str, environment: str, **changes: Any) -> int:
        """Publish the GitHub release of a tag with its files; return the release's number.

        Args:
            version: Of the tag, which exists.
            environment: Of the tag.
            changes: Of the release, when it is published.
        """
        return self.release_tag(tag_name(version, environment), version, **changes)

    def release_tag(
        self,
        tag: str,
        version: str,
        *,
        name: str = PROJECT,
        requires: Sequence[str] = (),
        **changes: Any,
    ) -> int:
        """Publish the GitHub release of a tag with its files, as the release stage does."""
        folder = self.workspace.parent / "assets"
        write_release(folder, version, project=name, requires=requires)
        commit = self.on_github("rev-parse", f"{tag}^{{commit}}").strip()
        manifest = make_manifest(folder, version=parsed(version), tag=tag, commit_sha=commit)
        write_manifest(folder, manifest)
        return publish_release(self.sandbox, tag, folder, **changes)

    def promote(self, inputs: Mapping[str, str] | None = None, **options: Any) -> StageResult:
        """Run the stage; by default dispatched by hand, from dev, without gates."""
        expect_revoked = options.pop("expect_revoked", True)
        return self.start(inputs, **options).finish(expect_revoked=expect_revoked)

    def start(self, inputs: Mapping[str, str] | None = None, **options: Any) -> RunningStage:
        """Start the stage, as `promote` runs it."""
        all_inputs = {
            **app_inputs(self.sandbox),
            "from": "dev",
            "require": "none",
            **(inputs or {}),
        }
        job = {
            "workspace": self.workspace,
            "event": "workflow_dispatch",
            "ref": "refs/heads/main",
            "sha": self.sandbox.branch_sha("main"),
            "permissions": PERMISSIONS,
            **options,
        }
        return self.run_stage.start("promote", all_inputs, **job)

    def begin_run(self, number: int, commit: str, job: str) -> None:
        """Begin a workflow run for a release of a commit, whose only job is under way."""
        run = {
            "path": ".github/workflows/promote.yml",
            "event": "release",
            "ref": "refs/tags/v0.1.0-dev",
            "sha": commit,
            "actor": "developer",
            "jobs": [job],
        }
        self.sandbox.control("PUT", f"runs/{number}", run)

    def merge(self, number: int | str, method: str, expected: int = 200) -> None:
        """Merge a pull request by one of its buttons."""
        response = self.sandbox.request(
            "PUT",
            f"pulls/{number}/merge",
            token=self.sandbox.user_token,
            json={"merge_method": method},
        )
        assert response.status_code == expected, response.text

    def pulls(self) -> list[PullRequest]:
        """List all pull requests."""
        return list(self.sandbox.repository.pulls)

    def tree(self, ref: str) -> str:
        """Return the tree of a branch or tag on GitHub."""
        return self.on_github("rev-parse", f"{ref}^{{tree}}")

    def on_github(self, *arguments: str) -> str:
        """Run a git command in GitHub's repository."""
        return self.sandbox.repository.git.git(*arguments)
