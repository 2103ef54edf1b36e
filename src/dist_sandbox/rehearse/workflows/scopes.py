"""The variables and secrets of a job: the repository's, overridden by its environment's.

Which environment that is may only be known while the workflow runs, so the choice is written as an
expression and left to act.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from dist_sandbox.rehearse.workflows.expressions import json_literal


@dataclass(frozen=True)
class ScopedValues:
    """The variables or secrets that are set in a repository and in its environments.

    Attributes:
        repository: Values that every job sees.
        environments: Values that only jobs of that environment see, by its name.
    """

    repository: Mapping[str, str] = field(default_factory=dict, repr=False)
    environments: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)

    def with_further(self, further: "ScopedValues") -> "ScopedValues":
        """Join both; what is set twice is as in `further`."""
        names = {**self.environments, **further.environments}
        return ScopedValues(
            repository={**self.repository, **further.repository},
            environments={
                name: {**self.environments.get(name, {}), **further.environments.get(name, {})}
                for name in names
            },
        )

    def values(self) -> tuple[str, ...]:
        """List every value."""
        scopes = (self.repository, *self.environments.values())
        return tuple(value for scope in scopes for value in scope.values())

    def seen_by(self, environment: str) -> dict[str, str]:
        """Return what a job of this environment sees; an unknown environment adds nothing."""
        return {**self.repository, **self.environments.get(environment, {})}


def scoped_expression(settings: ScopedValues, environment: str | None) -> str:
    """Write an expression of what a job sees; its `environment` is an expression, if it has one."""
    outside = json_literal(dict(settings.repository))
    if environment is None:
        return outside
    inside = {name: settings.seen_by(name) for name in settings.environments}
    return f"({json_literal(inside)}[{environment}] || {outside})"


def name_secrets(secrets: ScopedValues) -> tuple[ScopedValues, dict[str, str]]:
    """Give every secret a name of its own for act, which has one scope only.

    Returns:
        The same settings with act's names in place of the values, and the values by those names.
    """
    values: dict[str, str] = {}

    def add(value: str) -> str:
        name = f"SECRET_{len(values) + 1}"
        values[name] = value
        return name

    names = ScopedValues(
        repository={name: add(value) for name, value in secrets.repository.items()},
        environments={
            environment: {name: add(value) for name, value in scope.items()}
            for environment, scope in secrets.environments.items()
        },
    )
    return names, values
