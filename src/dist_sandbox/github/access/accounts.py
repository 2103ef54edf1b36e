"""The accounts of a GitHub: people, the organisation, and the bots of Apps."""

import secrets
from dataclasses import dataclass, field
from typing import Literal

NOREPLY_HOST = "users.noreply.github.com"


@dataclass(frozen=True)
class Account:
    """Somebody who can own a repository or act in one.

    A bot's login ends with `[bot]`.
    """

    login: str
    account_id: int
    kind: Literal["User", "Bot", "Organization"]
    name: str = ""

    @property
    def email(self) -> str:
        """Return the address that GitHub writes into commits and tags made for this account."""
        return f"{self.account_id}+{self.login}@{NOREPLY_HOST}"

    @property
    def display_name(self) -> str:
        """Return the name that GitHub writes into commits."""
        return self.name or self.login


#: Who acts with a job token; login and ID are the real ones.
ACTIONS_BOT = Account(login="github-actions[bot]", account_id=41_898_282, kind="Bot")

#: The committer of commits made in the web interface and by merges.
WEB_FLOW = Account(login="web-flow", account_id=19_864_447, kind="User", name="GitHub")


@dataclass(frozen=True)
class User:
    """A person with a personal access token that may do everything in the repository."""

    account: Account
    token: str = field(repr=False, default_factory=lambda: f"ghp_{secrets.token_hex(18)}")
