"""Hold a repository's settings beside those that its workflows need; pure.

Nothing that is there is widened: who may bypass a rule, and which refs an environment lets in,
becomes fewer at most. What would have to be widened is left to a person.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from dist_actions.repository_settings.changes import (
    Change,
    MakeBranch,
    MakeEnvironment,
    ReplaceRefs,
    RestrictEnvironment,
    SetVariable,
    WriteRuleset,
)
from dist_actions.repository_settings.expected import ExpectedEnvironment, ExpectedSettings
from dist_actions.repository_settings.tag_rules import describe_ruleset, judge_rulesets
from dist_actions.repository_settings.values import (
    DeploymentPolicies,
    EnvironmentSettings,
    RepositorySettings,
    Ruleset,
)

#: How a setting is beside what is needed: as needed, absent, other, or not to be read.
State = Literal["there", "missing", "differs", "unknown"]
#: The setting that is the environment itself.
ITSELF = "environment"
#: Values of variables by environment, in lower case, and name; the repository's have none.
Values = Mapping[tuple[str, str], str]
_NO_VALUES: Values = MappingProxyType({})


@dataclass(frozen=True)
class Comparison:
    """One setting beside what is needed.

    Attributes:
        place: Where it is: `environment dev`, `branches`.
        setting: What it is: `variable AR_LOCATION`.
        state: How it is.
        actual: What is there, for readers; empty where that says nothing.
        needed: What is needed, for readers.
        change: What makes it as needed; None where nothing is to be done, or a person has to.
        by_hand: What a person has to do; empty where nothing.
    """

    place: str
    setting: str
    state: State
    actual: str = ""
    needed: str = ""
    change: Change | None = None
    by_hand: str = ""

    def __str__(self) -> str:
        return self.place if self.setting == ITSELF else f"{self.setting} of the {self.place}"


def compare(
    actual: RepositorySettings,
    expected: ExpectedSettings,
    values: Values = _NO_VALUES,
) -> tuple[Comparison, ...]:
    """Hold every setting that is needed beside what is there, in the order in which it is made.

    Args:
        values: Those that variables are to have.
    """
    return (
        *_branches(actual, expected),
        *(row for needs in expected.environments for row in _environment(actual, needs, values)),
        *_variables(actual, "", expected.variables, values),
        *_given_only(actual, expected, values),
        *_secrets(actual, "", expected.secrets),
        *_rulesets(actual, expected),
    )


def _branches(actual: RepositorySettings, expected: ExpectedSettings) -> Iterator[Comparison]:
    present = actual.branches or ()
    start = next(
        (name for name in (actual.default_branch, *expected.branches) if name in present), ""
    )
    for name in expected.branches:
        if actual.branches is None:
            yield Comparison("repository", f"branch {name}", "unknown")
        elif name in actual.branches:
            yield Comparison("repository", f"branch {name}", "there")
        elif start:
            change = MakeBranch(name, start)
            yield Comparison("repository", f"branch {name}", "missing", "", f"at {start}", change)
        else:
            hint = f"Push {name}: the repository has no commit that it could start at"
            yield Comparison("repository", f"branch {name}", "missing", by_hand=hint)


def _environment(
    actual: RepositorySettings, needs: ExpectedEnvironment, values: Values
) -> Iterator[Comparison]:
    place, environment = f"environment {needs.name}", actual.environment(needs.name)
    if actual.environments is None:
        yield Comparison(place, ITSELF, "unknown")
    elif environment is None:
        change = MakeEnvironment(needs.name, restricted=needs.policies is not None)
        yield Comparison(place, ITSELF, "missing", change=change)
    else:
        yield Comparison(place, ITSELF, "there")
    if needs.policies is not None and actual.environments is not None:
        yield from _policies(place, needs.name, environment, needs.policies)
    yield from _variables(actual, needs.name, needs.variables, values)
    for name in needs.optional_variables:
        if values.get((needs.name.lower(), name)) is not None:
            yield from _variables(actual, needs.name, (name,), values)
    yield from _secrets(actual, needs.name, needs.secrets)


def _policies(
    place: str, name: str, environment: EnvironmentSettings | None, needed: DeploymentPolicies
) -> Iterator[Comparison]:
    row, text = "deployment refs", str(needed)
    if environment is None:
        yield Comparison(place, row, "missing", "", text, ReplaceRefs(name, needed))
    elif environment.admission == "all":
        change = RestrictEnvironment(environment, needed)
        yield Comparison(place, row, "differs", "any branch and tag", text, change)
    elif environment.admission == "protected":
        hint = f"Choose “Selected branches and tags” in the environment {name}, and add: {text}"
        yield Comparison(place, row, "differs", "protected branches", text, by_hand=hint)
    elif environment.policies is None:
        yield Comparison(place, row, "unknown", "", text)
    else:
        yield _listed_policies(place, name, environment.policies, needed)


def _listed_policies(
    place: str, name: str, policies: DeploymentPolicies, needed: DeploymentPolicies
) -> Comparison:
    row, text = "deployment refs", str(needed)
    missing, further = needed.without(policies), policies.without(needed)
    if not missing and not further:
        return Comparison(place, row, "there", text)
    if not further:  # an interrupted run leaves it so
        return Comparison(place, row, "missing", str(policies), text, ReplaceRefs(name, missing))
    if _covers(policies, missing):
        change = ReplaceRefs(name, missing, further)
        return Comparison(place, row, "differs", str(policies), text, change)
    hint = f"Let the environment {name} admit only: {text}"
    return Comparison(place, row, "differs", str(policies), text, by_hand=hint)


def _covers(policies: DeploymentPolicies, further: DeploymentPolicies) -> bool:
    """Tell whether patterns let in already what further ones would."""
    kinds = ((policies.tags, further.tags), (policies.branches, further.branches))
    return all(
        any(_is_wider(wide, narrow) for wide in present)
        for present, added in kinds
        for narrow in added
    )


def _is_wider(wide: str, narrow: str) -> bool:
    parts = (re.escape(part) for part in wide.split("*"))
    return not set("[?\\{") & set(wide) and bool(re.fullmatch("[^/]*".join(parts), narrow))


def _variables(
    actual: RepositorySettings, environment: str, names: tuple[str, ...], values: Values
) -> Iterator[Comparison]:
    place = f"environment {environment}" if environment else "repository"
    for name in names:
        row, value = f"variable {name}", values.get((environment.lower(), name))
        there = actual.find_variable(name, environment)
        is_own = there is not None and there[0] == ("environment" if environment else "repository")
        if there is None and value is None and ("", name) in values:
            continue  # the repository's own, which is made, is seen here too
        if there is None and not actual.knows_variables(environment):
            yield Comparison(place, row, "unknown", "", value or "")
        elif there is not None and (value is None or there[1] == value):
            source = "" if is_own else f" (of the {there[0]})"
            yield Comparison(place, row, "there", f"{there[1]}{source}")
        elif value is None:
            where = f"{environment}:{name}" if environment else name
            hint = f"Say what {name} is: --variable {where}=VALUE."
            yield Comparison(place, row, "missing", "", "which value?", by_hand=hint)
        else:
            change = SetVariable(environment, name, value, exists=is_own)
            state: State = "missing" if there is None else "differs"
            yield Comparison(place, row, state, there[1] if there else "", value, change)


def _given_only(
    actual: RepositorySettings, expected: ExpectedSettings, values: Values
) -> Iterator[Comparison]:
    """Compare given variables of the repository that no job outside an environment needs."""
    further = (name for (place, name) in values if not place and name not in expected.variables)
    yield from _variables(actual, "", tuple(further), values)


def _secrets(
    actual: RepositorySettings, environment: str, names: tuple[str, ...]
) -> Iterator[Comparison]:
    place = f"environment {environment}" if environment else "repository"
    for name in names:
        row, scope = f"secret {name}", actual.find_secret(name, environment)
        if scope is not None:
            is_own = scope == ("environment" if environment else "repository")
            yield Comparison(place, row, "there", "" if is_own else f"of the {scope}")
        elif not actual.knows_secrets(environment):
            yield Comparison(place, row, "unknown")
        else:
            option = f" --env {environment}" if environment else ""
            repository = actual.github_repository
            hint = f"Set the secret: gh secret set {name}{option} --repo {repository} <FILE"
            yield Comparison(place, row, "missing", by_hand=hint)


def _rulesets(actual: RepositorySettings, expected: ExpectedSettings) -> Iterator[Comparison]:
    for ruleset in expected.rulesets:
        row = f"ruleset {ruleset.name}"
        if actual.rulesets is None:
            yield Comparison("repository", row, "unknown", "", describe_ruleset(ruleset))
        else:
            yield _ruleset(actual.rulesets, ruleset, row)


def _ruleset(rulesets: tuple[Ruleset, ...], needed: Ruleset, row: str) -> Comparison:
    place, text = "repository", describe_ruleset(needed)
    verdict, ruleset = judge_rulesets(rulesets, needed)
    if verdict == "there":
        return Comparison(place, row, "there", describe_ruleset(ruleset))
    if verdict == "unknown":
        return Comparison(place, row, "unknown", describe_ruleset(ruleset), text)
    hint = "Say which App tags: --automation-app NAME; then only it may make tags."
    if verdict == "missing":
        if needed.bypass_actors is None:
            return Comparison(place, row, "missing", "", text, by_hand=hint)
        return Comparison(place, row, "missing", "", text, WriteRuleset(needed))
    existing = next(row for row in rulesets if row.ruleset_id == ruleset.ruleset_id)
    if verdict == "narrowed":
        change = WriteRuleset(ruleset)
        needed_text = describe_ruleset(ruleset)
        return Comparison(place, row, "differs", describe_ruleset(existing), needed_text, change)
    hint = f"Let the automation bot alone bypass the ruleset “{needed.name}”."
    return Comparison(place, row, "differs", describe_ruleset(existing), text, by_hand=hint)
