"""Who asks: somebody that GitHub recognised, with permissions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from dist_sandbox.github.access.accounts import Account
from dist_sandbox.github.access.apps import App
from dist_sandbox.github.rules.checks import ACTIONS_APP_ID
from dist_sandbox.github.rules.rulesets import Actor

#: What everybody may read of a public repository, whatever their token was granted.
PUBLIC = frozenset(
    ("actions", "checks", "contents", "deployments", "issues", "metadata", "pull_requests")
)
_RANKS: Mapping[str, int] = {"none": 0, "read": 1, "write": 2, "admin": 3}


@dataclass(frozen=True)
class Principal:
    """Somebody that GitHub recognised.

    `name` is what the request log shows, `kind` the kind of the token, `account` the author of what
    is made. `permissions` has GitHub's names and is None for a person, who may do everything;
    `repository_ids` is None where everything is visible.
    """

    name: str
    kind: Literal["installation", "job", "user", "anonymous"]
    account: Account
    permissions: Mapping[str, str] | None = None
    repository_ids: frozenset[int] | None = None
    starts_workflows: bool = True
    app: App | None = None
    token: str = field(default="", repr=False)

    def sees(self, repository_id: int) -> bool:
        """Tell whether a private repository exists as far as this principal is concerned."""
        return self.repository_ids is None or repository_id in self.repository_ids

    def may(self, permission: str, access: str) -> bool:
        """Tell whether this much was granted."""
        if self.permissions is None:
            return True
        granted = self.permissions.get(permission, "none")
        return _RANKS.get(granted, 0) >= _RANKS[access]

    @property
    def app_id(self) -> int | None:
        """Return the App's ID, as the bypass lists of rulesets name it."""
        if self.kind == "job":
            return ACTIONS_APP_ID
        return None if self.app is None else self.app.app_id

    @property
    def actor(self) -> Actor:
        """Describe the principal to rules; a person's token is an administrator's."""
        person = self.kind == "user"
        account_id = self.account.account_id if person else None
        return Actor(app_id=self.app_id, account_id=account_id, admin=person)


#: Who shows no token, and may read what is public.
ANONYMOUS = Principal(
    "anonymous", "anonymous", Account("anonymous", 0, "User"), permissions={}, repository_ids=None
)
