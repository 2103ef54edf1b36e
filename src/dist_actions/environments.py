"""The chain of environments: which branch, tag suffix and GitHub Environment belong together."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dist_actions.errors import InputError, Location

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}", re.ASCII)
#: A suffix starts with a character that no PEP 440 normal form holds, so no tag reads two ways.
_SUFFIX = re.compile(r"(?:[-_@/][A-Za-z0-9][A-Za-z0-9_-]{0,62})?", re.ASCII)
_BRANCH = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,200}", re.ASCII)
_KEYS = frozenset({"branch", "suffix", "github-environment", "prerelease"})


@dataclass(frozen=True)
class Environment:
    """One stage of the chain.

    Attributes:
        suffix: What its tags end with, `-dev`; a label of the tag, never part of the version.
        github_environment: Name of the GitHub Environment that holds its settings.
        prerelease: Whether its GitHub releases are pre-releases. The last environment's never are.
    """

    name: str
    branch: str
    suffix: str
    github_environment: str
    prerelease: bool


@dataclass(frozen=True)
class EnvironmentMap:
    """The environments in the order of promotion; the last one is production."""

    stages: tuple[Environment, ...]

    @property
    def production(self) -> Environment:
        """The last stage."""
        return self.stages[-1]

    @property
    def suffixes(self) -> tuple[str, ...]:
        """The tag suffixes in the order of promotion."""
        return tuple(stage.suffix for stage in self.stages)

    def of_branch(self, branch: str) -> Environment | None:
        """The environment of exactly this branch."""
        return next((stage for stage in self.stages if stage.branch == branch), None)

    def of_suffix(self, suffix: str) -> Environment:
        """The environment of exactly this suffix, which must be one of `suffixes`."""
        return next(stage for stage in self.stages if stage.suffix == suffix)

    def named(self, name: str) -> Environment | None:
        """The environment of this name."""
        return next((stage for stage in self.stages if stage.name == name), None)

    def after(self, environment: Environment) -> Environment | None:
        """Where this environment's versions are promoted to; None for production."""
        following = self.stages.index(environment) + 1
        return self.stages[following] if following < len(self.stages) else None


DEFAULT_ENVIRONMENTS = EnvironmentMap(
    (
        Environment("dev", "dev", "-dev", "dev", prerelease=True),
        Environment("qa", "qa", "-qa", "qa", prerelease=True),
        Environment("prd", "main", "", "prd", prerelease=False),
    )
)


def parse_environments(table: Mapping[str, Any], location: Location) -> EnvironmentMap:
    """Read a table of environments: each key a name, each value a table, in order of promotion.

    Args:
        table: `dev = { branch = "dev", suffix = "-dev" }` and so on. `branch` defaults to the
            name, `suffix` to `-NAME` (empty for the last), `github-environment` to the name and
            `prerelease` to true for all but the last.
        location: Where the table stands, for messages.

    Raises:
        InputError: A name, key or value is unusable, or two stages share one.
    """
    names = list(table)
    if not names:
        raise _unusable("the table of environments is empty", location)
    stages = tuple(_parse_stage(name, table[name], name == names[-1], location) for name in names)
    for label, values in (
        ("branch", [stage.branch for stage in stages]),
        ("suffix", [stage.suffix for stage in stages]),
    ):
        _refuse_repeated(label, values, location)
    return EnvironmentMap(stages)


def _parse_stage(name: str, values: Any, last: bool, location: Location) -> Environment:
    if not isinstance(values, dict):
        raise _unusable(f"environment {name!r} is no table", location)
    unknown = sorted(set(values) - _KEYS)
    if unknown:
        raise _unusable(f"environment {name!r} has the unknown key {unknown[0]!r}", location)
    prerelease = values.get("prerelease", not last)
    if not isinstance(prerelease, bool) or (last and prerelease):
        raise _unusable(
            f"environment {name!r} has a `prerelease` that is not usable: true or false, "
            "and never true for the last one",
            location,
        )
    return Environment(
        name=_matching(_NAME, "name", name, location),
        branch=_matching(_BRANCH, "branch", values.get("branch", name), location),
        suffix=_matching(
            _SUFFIX, "suffix", values.get("suffix", "" if last else f"-{name}"), location
        ),
        github_environment=_matching(
            _NAME, "github-environment", values.get("github-environment", name), location
        ),
        prerelease=prerelease,
    )


def _matching(pattern: re.Pattern[str], label: str, value: Any, location: Location) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise _unusable(f"{value!r} is no usable {label} of an environment", location)
    return value


def _refuse_repeated(label: str, values: Sequence[str], location: Location) -> None:
    repeated = next((value for value in values if values.count(value) > 1), None)
    if repeated is not None:
        raise _unusable(f"two environments have the {label} {repeated!r}", location)


def _unusable(problem: str, location: Location) -> InputError:
    return InputError(
        f"The map of environments cannot be used: {problem}.",
        why=f"it is set in {location}, and overrides the default dev, qa, main.",
        fix='write one table for each, as in `dev = { branch = "dev", suffix = "-dev" }`.',
        location=location,
        anchor="environments",
    )
