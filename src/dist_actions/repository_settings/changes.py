"""Changes of a repository's settings, each of which one or two requests make; pure."""

from dataclasses import dataclass, field

from dist_actions.repository_settings.values import (
    DeploymentPolicies,
    EnvironmentSettings,
    Ruleset,
)


@dataclass(frozen=True)
class MakeBranch:
    """Make a branch where another one is."""

    name: str
    start: str


@dataclass(frozen=True)
class MakeEnvironment:
    """Make an environment; a `restricted` one lets in nothing until its list says otherwise."""

    name: str
    restricted: bool


@dataclass(frozen=True)
class RestrictEnvironment:
    """Let an environment that let everything in only let in these refs; the rest stays."""

    environment: EnvironmentSettings
    policies: DeploymentPolicies


@dataclass(frozen=True)
class ReplaceRefs:
    """Add patterns to the list of an environment, then remove others."""

    environment: str
    added: DeploymentPolicies
    removed: DeploymentPolicies = field(default_factory=lambda: DeploymentPolicies(()))


@dataclass(frozen=True)
class SetVariable:
    """Set a variable of an environment, or of the repository where none is named."""

    environment: str
    name: str
    value: str
    exists: bool


@dataclass(frozen=True)
class WriteRuleset:
    """Make a ruleset, or change the one of its number."""

    ruleset: Ruleset


Change = (
    MakeBranch | MakeEnvironment | RestrictEnvironment | ReplaceRefs | SetVariable | WriteRuleset
)
