"""What the simulated GitHub knows: accounts, Apps, tokens, repositories and events."""

import itertools
import secrets
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dist_sandbox.addresses import Addresses
from dist_sandbox.clock import Clock
from dist_sandbox.github.access.accounts import ACTIONS_BOT, WEB_FLOW, Account, User
from dist_sandbox.github.access.app_keys import make_app
from dist_sandbox.github.access.apps import App, InstallationTokens
from dist_sandbox.github.events import EventStream
from dist_sandbox.github.git.bare_repository import BareRepository
from dist_sandbox.github.releases.releases import Asset
from dist_sandbox.github.repository import Repository
from dist_sandbox.github.workflows.settings import DeploymentEnvironment, SecretName, Variables
from dist_sandbox.organisation import Organisation, SandboxEnvironment

#: The Apps of the organisation and what their installations were granted.
APPS = {
    "automation-bot": {"contents": "write", "pull_requests": "write", "metadata": "read"},
    "releaser-bot": {"contents": "write", "metadata": "read"},
}

_DEVELOPER = Account(login="developer", account_id=300_100, kind="User", name="Dev Eloper")


@dataclass
class GitHub:
    """One GitHub.

    Attributes:
        lock: Held while an operation reads or changes the state; GitHub's own order of things.
        variables: The organisation's variables, which every repository sees.
        download_signatures: What signed download addresses stand for, by signature.
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
    tokens: InstallationTokens = field(default_factory=InstallationTokens)
    events: EventStream = field(default_factory=EventStream)
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False)
    download_signatures: dict[str, int] = field(default_factory=dict, repr=False)
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1_000_001))

    @classmethod
    def for_organisation(
        cls,
        organisation: Organisation,
        environments: Sequence[SandboxEnvironment],
        *,
        addresses: Addresses,
        clock: Clock,
        folder: Path,
    ) -> "GitHub":
        """A GitHub with one organisation, its two Apps, one developer and one empty repository."""
        now = clock.now()
        apps = tuple(
            make_app(slug, number, permissions, keys=folder / "keys", now=now)
            for number, (slug, permissions) in enumerate(APPS.items(), start=1)
        )
        named = {f"{app.slug}_CLIENT_ID".upper().replace("-", "_"): app.client_id for app in apps}
        keys = [f"{app.slug}_PRIVATE_KEY".upper().replace("-", "_") for app in apps]
        github = cls(
            addresses=addresses,
            clock=clock,
            folder=folder,
            owner=Account(organisation.owner, organisation.owner_id, "Organization"),
            apps=apps,
            users=[User(_DEVELOPER)],
            variables=Variables(named, now=now),
            secrets={name: SecretName(name, now) for name in keys},
        )
        repository = github.add_repository(organisation.repository, organisation.repository_id)
        for environment in environments:
            github.add_environment(repository, environment.name, environment.variables)
        return github

    def add_repository(self, name: str, repository_id: int | None = None) -> Repository:
        """Make an empty private repository on which both Apps are installed."""
        git = BareRepository.create(
            self.folder / "repositories" / f"{name}.git", default_branch="main"
        )
        assets = self.folder / "assets"
        assets.mkdir(parents=True, exist_ok=True)
        repository = Repository(
            repository_id=self.next_id() if repository_id is None else repository_id,
            owner=self.owner,
            name=name,
            default_branch="main",
            git=git,
            assets_folder=assets,
            created_at=self.clock.now(),
            variables=Variables({}, now=self.clock.now()),
        )
        self.repositories[repository.full_name.lower()] = repository
        for app in self.apps:
            app.repository_ids = app.repository_ids | {repository.repository_id}
        return repository

    def add_environment(
        self, repository: Repository, name: str, variables: Mapping[str, str]
    ) -> DeploymentEnvironment:
        """Make a GitHub Environment with these variables."""
        now = self.clock.now()
        environment = DeploymentEnvironment(
            environment_id=self.next_id(),
            name=name,
            variables=Variables(variables, now=now),
            created_at=now,
            updated_at=now,
        )
        repository.environments[name.lower()] = environment
        return environment

    @property
    def repository(self) -> Repository:
        """The repository that the sandbox was started for."""
        return next(iter(self.repositories.values()))

    def find_repository(self, owner: str, name: str) -> Repository | None:
        """The repository of this name; GitHub ignores case here."""
        return self.repositories.get(f"{owner}/{name}".lower())

    def find_app(self, slug: str) -> App | None:
        """The App of this URL name."""
        return next((app for app in self.apps if app.slug == slug), None)

    def accounts(self) -> list[Account]:
        """Everybody who can be an author."""
        bots = [app.bot for app in self.apps]
        return [*(user.account for user in self.users), *bots, self.owner, ACTIONS_BOT, WEB_FLOW]

    def next_id(self) -> int:
        """A number that no other object of this GitHub has."""
        return next(self._numbers)

    def find_asset(self, asset_id: int) -> Asset | None:
        """The release asset of this ID in any repository."""
        found = (repository.asset(asset_id) for repository in self.repositories.values())
        return next((pair[1] for pair in found if pair is not None), None)

    def sign_download(self, asset_id: int) -> str:
        """A signature that opens one asset without a token."""
        signature = secrets.token_urlsafe(24)
        self.download_signatures[signature] = asset_id
        return signature
