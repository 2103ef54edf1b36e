"""The environments: which branch, tag suffix and GitHub Environment belong together."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from dist_actions.errors import InputError
from dist_actions.pipeline.settings_table import SettingsTable

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}", re.ASCII)
#: A suffix starts with a character that no PEP 440 normal form holds, so no tag reads two ways.
_SUFFIX = re.compile(r"(?:[-_@/][A-Za-z0-9][A-Za-z0-9_-]{0,62})?", re.ASCII)
_BRANCH = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,200}", re.ASCII)
_KEYS = ("branch", "suffix", "github-environment", "prerelease")


@dataclass(frozen=True)
class Environment:
    """One stage of the promotion.

    Attributes:
        name: Its name.
        branch: Branch whose pushes are tagged for it.
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
        """Return the last stage."""
        return self.stages[-1]

    @property
    def suffixes(self) -> tuple[str, ...]:
        """List the tag suffixes in the order of promotion."""
        return tuple(stage.suffix for stage in self.stages)

    def of_branch(self, branch: str) -> Environment | None:
        """Find the environment of exactly this branch."""
        return next((stage for stage in self.stages if stage.branch == branch), None)

    def of_suffix(self, suffix: str) -> Environment:
        """Find the environment of exactly this suffix, which must be one of `suffixes`."""
        return next(stage for stage in self.stages if stage.suffix == suffix)

    def named(self, name: str) -> Environment | None:
        """Find the environment of this name."""
        return next((stage for stage in self.stages if stage.name == name), None)

    def before(self, environment: Environment) -> Environment | None:
        """Find the environment that versions come from; None for the first."""
        position = self.stages.index(environment)
        return self.stages[position - 1] if position else None

    def after(self, environment: Environment) -> Environment | None:
        """Find the environment that versions are promoted to; None for production."""
        following = self.stages.index(environment) + 1
        return self.stages[following] if following < len(self.stages) else None

    def between(self, source: Environment, target: Environment) -> tuple[Environment, ...]:
        """List the environments that a promotion from one to another would leave out."""
        return self.stages[self.stages.index(source) + 1 : self.stages.index(target)]


DEFAULT_ENVIRONMENTS = EnvironmentMap(
    (
        Environment("dev", "dev", "-dev", "dev", prerelease=True),
        Environment("qa", "qa", "-qa", "qa", prerelease=True),
        Environment("prd", "main", "", "prd", prerelease=False),
    )
)


def parse_environments(table: SettingsTable) -> EnvironmentMap:
    """Read a table of environments: each key a name, each value a table, in order of promotion.

    Args:
        table: `dev = { branch = "dev", suffix = "-dev" }` and so on. `branch` defaults to the
            name, `suffix` to `-NAME` (empty for the last), `github-environment` to the name and
            `prerelease` to true for all but the last.

    Raises:
        InputError: A name, key or value is unusable, two stages share one, or another stage than
            the last has an empty suffix.
    """
    names = list(table.values)
    if not names:
        raise _unusable(table, "", "holds no environment")
    stages = tuple(_parse_stage(table, name, name == names[-1]) for name in names)
    _refuse_repeated(table, "branch", [stage.branch for stage in stages])
    _refuse_repeated(table, "suffix", [stage.suffix for stage in stages])
    _refuse_other_case(table, stages)
    return EnvironmentMap(stages)


def _parse_stage(table: SettingsTable, name: str, last: bool) -> Environment:
    if not _NAME.fullmatch(name):
        raise _unusable(table, name, "is no usable name of an environment")
    stage = table.table(name)
    stage.refuse_unknown(_KEYS)
    prerelease = stage.values.get("prerelease", not last)
    if not isinstance(prerelease, bool):
        raise _unusable(stage, "prerelease", f"is {prerelease!r}, neither true nor false")
    if last and prerelease:
        raise _unusable(stage, "prerelease", "is true, which it never is for the last environment")
    suffix = _matching(_SUFFIX, stage, "suffix", "" if last else f"-{name}")
    if not suffix and not last:
        raise stage.refusal(
            "suffix",
            f"is empty, and {name} is not the last environment",
            f'give it one, such as suffix = "-{name}"; only the last environment may have none.',
            why="a tag without a suffix is a release of production, so what this branch holds "
            "would be published as production's.",
        )
    return Environment(
        name=name,
        branch=_matching(_BRANCH, stage, "branch", name),
        suffix=suffix,
        github_environment=_matching(_NAME, stage, "github-environment", name),
        prerelease=prerelease,
    )


def _matching(pattern: re.Pattern[str], stage: SettingsTable, key: str, default: str) -> str:
    value = stage.values.get(key, default)
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise _unusable(stage, key, f"is {value!r}, which is no usable {key} of an environment")
    return value


def _refuse_repeated(table: SettingsTable, key: str, values: Sequence[str]) -> None:
    for name, value in zip(table.values, values, strict=True):
        first = list(table.values)[values.index(value)]
        if first != name:
            where = table.table(name)
            raise _unusable(
                where if key in where.values else table,
                key if key in where.values else name,
                f"has the {key} {value!r}, which {first} has too",
            )


def _refuse_other_case(table: SettingsTable, stages: Sequence[Environment]) -> None:
    """Refuse what differs in case alone, and is therefore one thing somewhere else.

    A clone on macOS or Windows cannot hold both refs, and GitHub takes two such names of a GitHub
    Environment for one.
    """
    for key in ("branch", "suffix", "github_environment"):
        written: dict[str, Environment] = {}
        for stage in stages:
            value = getattr(stage, key)
            first = written.setdefault(value.lower(), stage)
            if getattr(first, key) != value:
                where, setting = table.table(stage.name), key.replace("_", "-")
                raise where.refusal(
                    setting if setting in where.values else "",
                    f"has the {setting} {value!r}, which differs from that of {first.name} in case "
                    "alone",
                    f"give {stage.name} another {setting}.",
                    why="GitHub or a clone on macOS or Windows takes the two for one.",
                )


def _unusable(table: SettingsTable, key: str, problem: str) -> InputError:
    return table.refusal(
        key,
        problem,
        'write a table for each, as in `dev = { branch = "dev", suffix = "-dev" }`.',
    )
