"""What an organisation configures besides code: environments, variables, names of secrets."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from dist_sandbox.github.access.accounts import Account


@dataclass(frozen=True)
class Variable:
    """A configuration variable of a repository, an organisation or an environment."""

    name: str
    value: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class SecretName:
    """The name of a secret; GitHub never shows a secret's value and the sandbox keeps none."""

    name: str
    created_at: datetime


class Variables:
    """Variables by name; names are compared in upper case, as GitHub does."""

    def __init__(self, values: Mapping[str, str], *, now: datetime) -> None:
        self._variables: dict[str, Variable] = {}
        for name, value in values.items():
            self.set(name, value, now=now)

    def set(self, name: str, value: str, *, now: datetime) -> None:
        """Create or change a variable."""
        existing = self._variables.get(name.upper())
        if existing is None:
            self._variables[name.upper()] = Variable(name.upper(), value, now, now)
        else:
            self._variables[name.upper()] = replace(existing, value=value, updated_at=now)

    def remove(self, name: str) -> None:
        """Forget a variable."""
        self._variables.pop(name.upper(), None)

    def get(self, name: str) -> Variable | None:
        """Find the variable of this name."""
        return self._variables.get(name.upper())

    def all(self) -> list[Variable]:
        """List every variable, by name."""
        return [self._variables[name] for name in sorted(self._variables)]

    def values(self) -> dict[str, str]:
        """Map names to values."""
        return {variable.name: variable.value for variable in self.all()}


@dataclass(frozen=True)
class BranchPolicy:
    """Which refs may be deployed to an environment: branches or tags whose name fits a pattern."""

    policy_id: int
    name: str
    kind: str = "branch"


@dataclass
class DeploymentEnvironment:
    """A GitHub Environment.

    One approval of `reviewers` is enough; there are none where nobody has to approve. With
    `prevent_self_review` whoever caused a run may not approve it. The wait timer is shown only; no
    job waits for it here.
    """

    environment_id: int
    name: str
    variables: Variables
    created_at: datetime
    updated_at: datetime
    secrets: dict[str, SecretName] = field(default_factory=dict)
    custom_branch_policies: bool = False
    protected_branches: bool = False
    policies: list[BranchPolicy] = field(default_factory=list)
    reviewers: tuple[Account, ...] = ()
    prevent_self_review: bool = False
    wait_timer_minutes: int = 0
