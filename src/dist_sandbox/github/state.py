"""What the simulated GitHub knows: accounts, Apps, tokens, repositories and events."""

import itertools
import secrets
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from dist_sandbox.addresses import Addresses
from dist_sandbox.clock import Clock
from dist_sandbox.github.access.accounts import ACTIONS_BOT, WEB_FLOW, Account, User
from dist_sandbox.github.access.apps import App, InstallationTokens, make_app
from dist_sandbox.github.access.principals import PUBLIC
from dist_sandbox.github.events import WebhookEvents
from dist_sandbox.github.git.bare_repository import BareRepository
from dist_sandbox.github.pull_requests.pulls import Label, PullRequest, QueueEntry
from dist_sandbox.github.releases.releases import Asset, Release
from dist_sandbox.github.rules.branch_protection import BranchProtection
from dist_sandbox.github.rules.checks import RepositoryChecks
from dist_sandbox.github.rules.rulesets import Ruleset
from dist_sandbox.github.workflows.runs import Deployment, WorkflowRun
from dist_sandbox.github.workflows.settings import DeploymentEnvironment, SecretName, Variables
from dist_sandbox.jobs import Job, Jobs
from dist_sandbox.organisation import (
    VIRTUAL_REPOSITORY,
    Organisation,
    PublishingRepository,
    SandboxEnvironment,
)

#: The Apps of the organisation and what their installations were granted.
APPS = {
    "automation-bot": {"contents": "write", "pull_requests": "write", "metadata": "read"},
    "releaser-bot": {"contents": "write", "metadata": "read"},
}

_DEVELOPER = Account(login="developer", account_id=300_100, kind="User", name="Dev Eloper")


@dataclass
class MergeSettings:
    """Which ways to merge a pull request the repository allows.

    `delete_branch` deletes the head of a merged pull request; `auto_merge` allows merges that
    happen by themselves later.
    """

    merge: bool = True
    squash: bool = True
    rebase: bool = True
    delete_branch: bool = False
    auto_merge: bool = False


@dataclass
class Repository:
    """One repository.

    Of the settings, `actions_may_open_pulls` is "Allow GitHub Actions to create and approve pull
    requests", which is off in new organisations, `default_permissions` what the job token may do
    where a workflow does not say it (shown only); with `immutable_releases` a release cannot be
    changed once it is published. `protections` holds classic branch protection by the branch's
    name, `queue` the pull requests in the merge queues of all branches in order of arrival, and
    `latest_release_id` the release that was explicitly made the latest.
    """

    github: "GitHub" = field(repr=False)
    repository_id: int
    owner: Account
    name: str
    default_branch: str
    git: BareRepository
    assets_folder: Path
    created_at: datetime
    variables: Variables
    private: bool = True
    secrets: dict[str, SecretName] = field(default_factory=dict)
    environments: dict[str, DeploymentEnvironment] = field(default_factory=dict)
    rulesets: list[Ruleset] = field(default_factory=list)
    protections: dict[str, BranchProtection] = field(default_factory=dict)
    pulls: list[PullRequest] = field(default_factory=list)
    releases: list[Release] = field(default_factory=list)
    deployments: list[Deployment] = field(default_factory=list)
    runs: dict[int, WorkflowRun] = field(default_factory=dict)
    labels: dict[str, Label] = field(default_factory=dict)
    checks: RepositoryChecks = field(default_factory=RepositoryChecks)
    queue: list[QueueEntry] = field(default_factory=list)
    merging: MergeSettings = field(default_factory=MergeSettings)
    actions_may_open_pulls: bool = False
    default_permissions: str = "read"
    immutable_releases: bool = False
    latest_release_id: int | None = None
    pushed_at: datetime | None = None

    @property
    def full_name(self) -> str:
        """Name the repository as `owner/name`."""
        return f"{self.owner.login}/{self.name}"

    def is_open(self, permission: str, access: str = "read") -> bool:
        """Tell whether everybody may do this here, as everybody may read a public repository."""
        return not self.private and access == "read" and permission in PUBLIC

    @property
    def api_url(self) -> str:
        """Return the repository's address in the REST API."""
        return f"{self.github.addresses.github_api}/repos/{self.full_name}"

    @property
    def html_url(self) -> str:
        """Return the address of the repository's page."""
        return f"{self.github.addresses.github_server}/{self.full_name}"

    def active_rulesets(self, ref: str) -> list[Ruleset]:
        """List the rulesets that bind a ref, with those that stand for classic protection."""
        default = self.default_branch
        return [
            ruleset
            for ruleset in self.binding_rulesets
            if ruleset.applies_to(ref, default_branch=default)
        ]

    @property
    def binding_rulesets(self) -> list[Ruleset]:
        """List the rulesets, with those that stand for classic branch protection."""
        classic = [
            ruleset
            for protection in self.protections.values()
            for ruleset in protection.as_rulesets()
        ]
        return [*self.rulesets, *classic]

    def pull(self, number: int) -> PullRequest | None:
        """Find the pull request of this number."""
        return next((pull for pull in self.pulls if pull.number == number), None)

    def release(self, release_id: int) -> Release | None:
        """Find the release of this ID, draft or not."""
        releases = (release for release in self.releases if release.release_id == release_id)
        return next(releases, None)

    def published_release(self, tag_name: str) -> Release | None:
        """Find the published release of a tag; there is at most one."""
        published = (release for release in self.releases if not release.draft)
        return next((release for release in published if release.tag_name == tag_name), None)

    def ensure_environment(self, name: str) -> DeploymentEnvironment:
        """Find a GitHub Environment, whose case does not count, or make it."""
        environment = self.environments.get(name.lower())
        if environment is None:
            number, now = self.github.next_id(), self.github.clock.now()
            variables = Variables({}, now=now)
            environment = DeploymentEnvironment(number, name, variables, now, now)
            self.environments[name.lower()] = environment
        return environment

    def asset(self, asset_id: int) -> tuple[Release, Asset] | None:
        """Find the asset of this ID, with its release."""
        for release in self.releases:
            for asset in release.assets:
                if asset.asset_id == asset_id:
                    return release, asset
        return None


@dataclass
class GitHub:
    """One GitHub.

    The lock is held while an operation reads or changes the state. Variables and secrets are the
    organisation's, which every repository sees; `download_signatures` holds the asset that a
    signed download address opens, by signature.
    """

    addresses: Addresses
    clock: Clock
    folder: Path
    owner: Account
    apps: tuple[App, ...]
    users: list[User]
    variables: Variables
    secrets: dict[str, SecretName]
    repositories: dict[str, Repository] = field(default_factory=dict)
    jobs: Jobs = field(default_factory=Jobs)
    tokens: InstallationTokens = field(default_factory=InstallationTokens)
    events: WebhookEvents = field(default_factory=WebhookEvents)
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False)
    download_signatures: dict[str, int] = field(default_factory=dict, repr=False)
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1_000_001))

    @classmethod
    def for_organisation(
        cls,
        organisation: Organisation,
        publishing: Iterable[PublishingRepository],
        *,
        addresses: Addresses,
        clock: Clock,
        folder: Path,
    ) -> "GitHub":
        """Make a GitHub with an organisation, its two Apps, a developer and empty repositories."""
        now = clock.now()
        apps = tuple(
            make_app(slug, number, permissions, keys=folder / "keys", now=now)
            for number, (slug, permissions) in enumerate(APPS.items(), start=1)
        )
        prefixes = {app.slug.upper().replace("-", "_"): app for app in apps}
        client_ids = {f"{prefix}_CLIENT_ID": app.client_id for prefix, app in prefixes.items()}
        keys = [f"{prefix}_PRIVATE_KEY" for prefix in prefixes]
        github = cls(
            addresses=addresses,
            clock=clock,
            folder=folder,
            owner=Account(organisation.owner, organisation.owner_id, "Organization"),
            apps=apps,
            users=[User(_DEVELOPER)],
            variables=Variables(client_ids, now=now),
            secrets={key: SecretName(key, now) for key in keys},
        )
        for repository in publishing:
            github.add_publishing_repository(repository)
        return github

    def add_publishing_repository(self, publishing: PublishingRepository) -> Repository:
        """Make an empty repository with its environments, unless it is new, and their variables."""
        organisation = publishing.organisation
        repository = self.add_repository(
            organisation.repository,
            organisation.repository_id,
            organisation.default_branch,
            private=organisation.private,
        )
        for environment in () if publishing.is_new else publishing.environments:
            variables = repository.ensure_environment(environment.name).variables
            for name, value in environment.variables.items():
                variables.set(name, value, now=self.clock.now())
        for name, value in reader_variables(publishing.environments, self.addresses).items():
            repository.variables.set(name, value, now=self.clock.now())
        return repository

    def add_repository(
        self,
        name: str,
        repository_id: int | None = None,
        default_branch: str = "main",
        *,
        private: bool = True,
    ) -> Repository:
        """Make an empty repository on which both Apps are installed."""
        git = BareRepository.create(
            self.folder / "repositories" / f"{name}.git", default_branch=default_branch
        )
        assets = self.folder / "assets"
        assets.mkdir(parents=True, exist_ok=True)
        repository = Repository(
            github=self,
            repository_id=self.next_id() if repository_id is None else repository_id,
            owner=self.owner,
            name=name,
            default_branch=default_branch,
            git=git,
            assets_folder=assets,
            created_at=self.clock.now(),
            variables=Variables({}, now=self.clock.now()),
            private=private,
        )
        self.repositories[repository.full_name.lower()] = repository
        for app in self.apps:
            app.repository_ids = app.repository_ids | {repository.repository_id}
        return repository

    @property
    def repository(self) -> Repository:
        """Return the repository that the sandbox was started for."""
        return next(iter(self.repositories.values()))

    def find_repository(self, owner: str, name: str) -> Repository | None:
        """Find the repository of this name; GitHub ignores case here."""
        return self.repositories.get(f"{owner}/{name}".lower())

    def repository_of(self, job: Job) -> Repository:
        """Return the repository whose job it is."""
        return self.repositories.get(job.github_repository.lower(), self.repository)

    def find_run(self, run_id: int | None) -> tuple[Repository, WorkflowRun] | None:
        """Find the workflow run of this ID, with its repository."""
        for repository in self.repositories.values():
            if run := repository.runs.get(run_id or 0):
                return repository, run
        return None

    def find_app(self, slug: str) -> App | None:
        """Find the App of this URL name."""
        return next((app for app in self.apps if app.slug == slug), None)

    def accounts(self) -> list[Account]:
        """List everybody who can be an author."""
        bots = [app.bot for app in self.apps]
        return [*(user.account for user in self.users), *bots, self.owner, ACTIONS_BOT, WEB_FLOW]

    def find_account(self, login: str) -> Account | None:
        """Find the account of this login."""
        return next((account for account in self.accounts() if account.login == login), None)

    def next_id(self) -> int:
        """Take a number that no other object of this GitHub has."""
        return next(self._numbers)

    def find_asset(self, asset_id: int) -> Asset | None:
        """Find the release asset of this ID in any repository."""
        pairs = (repository.asset(asset_id) for repository in self.repositories.values())
        return next((asset for _, asset in filter(None, pairs)), None)

    def sign_download(self, asset_id: int) -> str:
        """Make a signature that opens one asset without a token."""
        signature = secrets.token_urlsafe(24)
        self.download_signatures[signature] = asset_id
        return signature


def reader_variables(
    environments: Sequence[SandboxEnvironment], addresses: Addresses
) -> Mapping[str, str]:
    """Return the variables of jobs that only install: a line for each environment."""
    names = [row.stage or row.name for row in environments]
    indexes = [
        addresses.index_url(
            location=row.location, project_id=row.project_id, repository=VIRTUAL_REPOSITORY
        )
        for row in environments
    ]
    columns = {
        "INDEXES": indexes,
        "READER_WIF_PROVIDER": [row.readers_provider for row in environments],
        "READER_SA_EMAIL": [row.reader_account for row in environments],
    }
    return {
        variable: "\n".join(map(" = ".join, zip(names, values, strict=True)))
        for variable, values in columns.items()
    }
