"""A repository's settings on GitHub, as far as releases depend on them; pure.

What a token may not read is None, which is something else than empty.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

#: Which refs an environment lets in: all, those with branch protection, or those of its list.
Admission = Literal["all", "protected", "listed"]
#: Where a variable or a secret is set; a job sees that of its environment first.
Scope = Literal["environment", "repository", "organization"]


@dataclass(frozen=True)
class DeploymentPolicies:
    """The patterns of one GitHub Environment, in the syntax of Ruby's `File.fnmatch`.

    Spec: https://docs.github.com/actions/reference/workflows-and-actions/deployments-and-environments
    """

    tags: tuple[str, ...]
    branches: tuple[str, ...] = ()

    def without(self, policies: "DeploymentPolicies") -> "DeploymentPolicies":
        """Return the patterns that others do not have."""
        return DeploymentPolicies(
            tuple(pattern for pattern in self.tags if pattern not in policies.tags),
            tuple(pattern for pattern in self.branches if pattern not in policies.branches),
        )

    def __bool__(self) -> bool:
        return bool(self.tags or self.branches)

    def __str__(self) -> str:
        kinds = (("branches", self.branches), ("tags", self.tags))
        return "; ".join(f"{kind} {', '.join(names)}" for kind, names in kinds if names)


@dataclass(frozen=True)
class Reviewer:
    """Who may approve the jobs of an environment; `kind` is `User` or `Team`."""

    kind: str
    reviewer_id: int
    name: str


@dataclass(frozen=True)
class EnvironmentSettings:
    """A GitHub Environment.

    Attributes:
        name: Its name, which GitHub compares without regard to case.
        admission: Which refs it lets in.
        policies: The patterns of its list; empty where it has none.
        reviewers: Who may approve its jobs; empty where nobody has to.
        prevents_self_review: Whether who started a run may not approve it.
        wait_minutes: How long its jobs wait.
        variables: Values by name.
        secrets: Names.
    """

    name: str
    admission: Admission = "all"
    policies: DeploymentPolicies | None = field(default_factory=lambda: DeploymentPolicies(()))
    reviewers: tuple[Reviewer, ...] = ()
    prevents_self_review: bool = False
    wait_minutes: int = 0
    variables: Mapping[str, str] | None = field(default_factory=dict)
    secrets: frozenset[str] | None = frozenset()


@dataclass(frozen=True, order=True)
class BypassActor:
    """Who is not bound by a ruleset.

    Attributes:
        kind: `Integration` for an App, `RepositoryRole`, `Team`, and so on.
        actor_id: Its ID, for an App the App ID; None where the kind says it all.
        mode: `always` or `pull_request`.
    """

    kind: str
    actor_id: int | None
    mode: str = "always"


@dataclass(frozen=True)
class Ruleset:
    """Rules for some refs.

    Attributes:
        name: Its name.
        target: `tag` or `branch`.
        include: Patterns of full ref names, or `~ALL` and `~DEFAULT_BRANCH`.
        rules: Parameters by the type of each rule.
        bypass_actors: Who is not bound; None where the token may not read it.
        exclude: Patterns of refs that it leaves out.
        enforcement: `active`, `evaluate` or `disabled`.
        ruleset_id: Its number; 0 for one that is not made yet.
        inherited: Whether it is the organization's, and cannot be changed in the repository.
    """

    name: str
    target: str
    include: tuple[str, ...]
    rules: Mapping[str, Mapping[str, Any]]
    bypass_actors: frozenset[BypassActor] | None = frozenset()
    exclude: tuple[str, ...] = ()
    enforcement: str = "active"
    ruleset_id: int = 0
    inherited: bool = False


@dataclass(frozen=True)
class MergeSettings:
    """What a repository allows when a pull request is merged."""

    merge_commit: bool
    squash: bool
    rebase: bool
    auto_merge: bool
    delete_branch: bool


@dataclass(frozen=True)
class WorkflowPermissions:
    """What the job token may do by default: `read` or `write`, and open pull requests."""

    default: str
    may_approve_pulls: bool


@dataclass(frozen=True)
class RepositorySettings:
    """The settings of one repository.

    Attributes:
        github_repository: `owner/name`, as GitHub writes it.
        repository_id: Its numeric ID, which stays when it is renamed.
        owner_id: That of its owner.
        private: Whether only some people see it.
        default_branch: Its name; the branch need not exist.
        branches: Names of all branches.
        environments: By their names in lower case.
        variables: The repository's own, values by name.
        organization_variables: Those of its organization that it sees.
        secrets: Names of the repository's own.
        organization_secrets: Names of those of its organization that it sees.
        rulesets: Its own, and its organization's.
        merging: What it allows when a pull request is merged.
        workflow_permissions: What the job token may do by default.
    """

    github_repository: str
    repository_id: int
    owner_id: int
    private: bool
    default_branch: str
    branches: frozenset[str] | None = frozenset()
    environments: Mapping[str, EnvironmentSettings] | None = field(default_factory=dict)
    variables: Mapping[str, str] | None = field(default_factory=dict)
    organization_variables: Mapping[str, str] | None = field(default_factory=dict)
    secrets: frozenset[str] | None = frozenset()
    organization_secrets: frozenset[str] | None = frozenset()
    rulesets: tuple[Ruleset, ...] | None = ()
    merging: MergeSettings | None = None
    workflow_permissions: WorkflowPermissions | None = None

    def environment(self, name: str) -> EnvironmentSettings | None:
        """Find an environment; None where there is none, or none can be read."""
        return (self.environments or {}).get(name.lower())

    def find_variable(self, name: str, environment: str = "") -> tuple[Scope, str] | None:
        """Find the value that a job sees, and where it is set; None where nothing known has it."""
        for scope, variables in self._variables(environment):
            if variables and name.upper() in variables:
                return scope, variables[name.upper()]
        return None

    def find_secret(self, name: str, environment: str = "") -> Scope | None:
        """Find where the secret is set that a job sees; None where nothing known has it."""
        for scope, secrets in self._secrets(environment):
            if secrets and name.upper() in secrets:
                return scope
        return None

    def knows_variables(self, environment: str = "") -> bool:
        """Tell whether a variable that was not found is missing, not only unseen."""
        return all(variables is not None for _, variables in self._variables(environment))

    def knows_secrets(self, environment: str = "") -> bool:
        """Tell whether a secret that was not found is missing, not only unseen."""
        return all(secrets is not None for _, secrets in self._secrets(environment))

    def _variables(self, environment: str) -> Iterator[tuple[Scope, Mapping[str, str] | None]]:
        if environment:
            settings = self.environment(environment)
            absent: Mapping[str, str] | None = None if self.environments is None else {}
            yield "environment", settings.variables if settings else absent
        yield "repository", self.variables
        yield "organization", self.organization_variables

    def _secrets(self, environment: str) -> Iterator[tuple[Scope, frozenset[str] | None]]:
        if environment:
            settings = self.environment(environment)
            absent = None if self.environments is None else frozenset[str]()
            yield "environment", settings.secrets if settings else absent
        yield "repository", self.secrets
        yield "organization", self.organization_secrets
