"""Who asks: turns an Authorization header into a principal with its permissions."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from dist_sandbox.github.access.accounts import ACTIONS_BOT, Account
from dist_sandbox.github.access.apps import App
from dist_sandbox.github.repository import Repository
from dist_sandbox.github.rest.errors import ApiError, bad_credentials
from dist_sandbox.github.rules.checks import ACTIONS_APP_ID
from dist_sandbox.github.rules.rulesets import Actor

if TYPE_CHECKING:
    from dist_sandbox.jobs import Job
    from dist_sandbox.world import World

_RANKS: Mapping[str, int] = {"none": 0, "read": 1, "write": 2, "admin": 3}


@dataclass(frozen=True)
class Principal:
    """Somebody that GitHub recognised.

    Attributes:
        name: What the request log shows.
        account: Who is the author of what is made.
        permissions: By GitHub's names; None for a person, who may do everything.
        repository_ids: What is visible; None for everything.
        starts_workflows: Whether events of this principal start workflows.
        app: The App that acts, for installation tokens.
        token: What was presented.
    """

    name: str
    kind: Literal["installation", "job", "user"]
    account: Account
    permissions: Mapping[str, str] | None = None
    repository_ids: frozenset[int] | None = None
    starts_workflows: bool = True
    app: App | None = None
    token: str = field(default="", repr=False)

    def sees(self, repository: Repository) -> bool:
        """Whether a private repository exists as far as this principal is concerned."""
        return self.repository_ids is None or repository.repository_id in self.repository_ids

    def may(self, permission: str, access: str) -> bool:
        """Whether this much was granted."""
        if self.permissions is None:
            return True
        granted = self.permissions.get(permission, "none")
        return _RANKS.get(granted, 0) >= _RANKS[access]

    @property
    def app_id(self) -> int | None:
        """The App's ID, as the bypass lists of rulesets name it."""
        if self.kind == "job":
            return ACTIONS_APP_ID
        return None if self.app is None else self.app.app_id

    @property
    def actor(self) -> Actor:
        """Whom rules and their bypass lists see; a person's token is an administrator's."""
        person = self.kind == "user"
        account_id = self.account.account_id if person else None
        return Actor(app_id=self.app_id, account_id=account_id, admin=person)


def read_token(authorization: str) -> str | None:
    """The token in an Authorization header, or None where the header holds none.

    Raises:
        ApiError: 401 for a header that cannot be read.
    """
    scheme, _, value = authorization.strip().partition(" ")
    if not scheme:
        return None
    if scheme.lower() in ("bearer", "token"):
        return value.strip()
    if scheme.lower() == "basic":
        try:
            user, _, password = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise bad_credentials() from None
        # Git and older tools put a token where the user's name belongs.
        return password if password and password != "x-oauth-basic" else user  # noqa: S105
    raise bad_credentials()


def authenticate(world: "World", authorization: str) -> Principal | None:
    """The principal of a request, None for an anonymous one.

    Raises:
        ApiError: 401 where the token is unknown, revoked or expired; 403 where the App's
            installation is suspended.
    """
    token = read_token(authorization)
    if token is None:
        return None
    github = world.github
    for user in github.users:
        if user.token == token:
            return Principal(f"user:{user.account.login}", "user", user.account, token=token)
    job = world.jobs.with_token(token)
    if job is not None:
        return _job_principal(job, github.repository, token)
    found = github.tokens.find(token, now=world.clock.now())
    if found is None or not found.app.installed:
        raise bad_credentials()
    if found.app.suspended:
        raise ApiError(403, "This installation has been suspended")
    return Principal(
        found.app.principal,
        "installation",
        found.app.bot,
        permissions={"metadata": "read", **found.permissions},
        repository_ids=found.repository_ids & found.app.repository_ids,
        app=found.app,
        token=token,
    )


def _job_principal(job: "Job", repository: Repository, token: str) -> Principal:
    # Workflows spell permissions with hyphens, the API with underscores.
    granted = {name.replace("-", "_"): access for name, access in job.permissions.items()}
    return Principal(
        job.principal,
        "job",
        ACTIONS_BOT,
        permissions={"metadata": "read", **granted},
        repository_ids=frozenset({repository.repository_id}),
        starts_workflows=False,
        token=token,
    )
