"""Everything that GitHub keeps about one repository."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from dist_sandbox.github.access.accounts import Account
from dist_sandbox.github.git.bare_repository import BareRepository
from dist_sandbox.github.pull_requests.pulls import Label, PullRequest
from dist_sandbox.github.releases.releases import Asset, Release
from dist_sandbox.github.rules.branch_protection import BranchProtection
from dist_sandbox.github.rules.checks import Checks
from dist_sandbox.github.rules.rulesets import Ruleset
from dist_sandbox.github.workflows.deployments import Deployment
from dist_sandbox.github.workflows.runs import WorkflowRun
from dist_sandbox.github.workflows.settings import DeploymentEnvironment, SecretName, Variables

if TYPE_CHECKING:
    from dist_sandbox.github.pull_requests.merge_queue import QueueEntry


@dataclass
class MergeSettings:
    """Which ways to merge a pull request the repository allows.

    Attributes:
        delete_branch: Whether the head of a merged pull request is deleted.
        auto_merge: Whether a merge may be armed that happens later by itself.
    """

    merge: bool = True
    squash: bool = True
    rebase: bool = True
    delete_branch: bool = False
    auto_merge: bool = False


@dataclass
class Repository:
    """One repository.

    Attributes:
        actions_may_open_pulls: The setting "Allow GitHub Actions to create and approve pull
            requests", which is off in new organisations.
        immutable_releases: Whether a release can no longer be changed once it is published.
        latest_release_id: The release that was explicitly made the latest.
        assets_folder: Where the bytes of release assets are.
        protections: Classic branch protection, by the branch's name.
        queue: The pull requests in the merge queues of all branches, in order of arrival.
    """

    repository_id: int
    owner: Account
    name: str
    default_branch: str
    git: BareRepository
    assets_folder: Path
    created_at: datetime
    variables: Variables
    secrets: dict[str, SecretName] = field(default_factory=dict)
    environments: dict[str, DeploymentEnvironment] = field(default_factory=dict)
    rulesets: list[Ruleset] = field(default_factory=list)
    protections: dict[str, BranchProtection] = field(default_factory=dict)
    pulls: list[PullRequest] = field(default_factory=list)
    releases: list[Release] = field(default_factory=list)
    deployments: list[Deployment] = field(default_factory=list)
    runs: dict[int, WorkflowRun] = field(default_factory=dict)
    labels: dict[str, Label] = field(default_factory=dict)
    checks: Checks = field(default_factory=Checks)
    queue: "list[QueueEntry]" = field(default_factory=list)
    merging: MergeSettings = field(default_factory=MergeSettings)
    actions_may_open_pulls: bool = False
    immutable_releases: bool = False
    latest_release_id: int | None = None
    pushed_at: datetime | None = None

    @property
    def full_name(self) -> str:
        """The repository as `owner/name`."""
        return f"{self.owner.login}/{self.name}"

    @property
    def binding_rulesets(self) -> list[Ruleset]:
        """The rulesets, with those that stand for classic branch protection."""
        classic = [one for found in self.protections.values() for one in found.as_rulesets()]
        return [*self.rulesets, *classic]

    def pull(self, number: int) -> PullRequest | None:
        """The pull request of this number."""
        return next((pull for pull in self.pulls if pull.number == number), None)

    def release(self, release_id: int) -> Release | None:
        """The release of this ID, draft or not."""
        return next((one for one in self.releases if one.release_id == release_id), None)

    def published_release(self, tag_name: str) -> Release | None:
        """The published release of a tag; there is at most one."""
        return next(
            (one for one in self.releases if one.tag_name == tag_name and not one.draft), None
        )

    def asset(self, asset_id: int) -> tuple[Release, Asset] | None:
        """The asset of this ID, with its release."""
        for release in self.releases:
            for asset in release.assets:
                if asset.asset_id == asset_id:
                    return release, asset
        return None
