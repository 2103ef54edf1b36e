"""Checks of the GitHub Environments: variables, secrets, and the refs that they let in; pure."""

from collections.abc import Iterator, Mapping, Sequence

from packaging.version import Version

from dist_actions.doctor.checks.gh_commands import (
    admit_ref,
    limit_environment,
    set_secret,
    set_variable,
)
from dist_actions.doctor.checks.triggers import SAMPLES
from dist_actions.doctor.checks.variable_forms import find_form_problem
from dist_actions.doctor.facts import Facts, known
from dist_actions.doctor.findings import Check, NotCheckedError, Problem
from dist_actions.pipeline.ref_patterns import matches
from dist_actions.repository_settings.deployment_policies import AUTOMATION_ENVIRONMENT
from dist_actions.repository_settings.expected import ExpectedEnvironment
from dist_actions.repository_settings.values import EnvironmentSettings, RepositorySettings

#: What together names the index that a job publishes to.
_TARGET = ("GCP_PROJECT_ID", "AR_LOCATION", "AR_REPOSITORY")
#: Tags of other environments are tried with pre-releases, too.
_FOREIGN_SAMPLES = (*SAMPLES, Version("1.2.3rc1"))
_PAGE = "setup.md#environments"


def find_missing_environments(facts: Facts) -> Iterator[Problem]:
    """Find GitHub Environments that jobs name, and that do not exist."""
    settings = known(facts.settings)
    if settings.environments is None:
        raise _not_readable("environments")
    for environment in known(facts.expected).environments:
        if settings.environment(environment.name) is None:
            yield Problem(
                f"There is no GitHub Environment {environment.name}.",
                "its jobs start without variables and secrets, because GitHub makes an empty one.",
                limit_environment(settings.github_repository, environment.name),
            )


def find_missing_variables(facts: Facts) -> Iterator[Problem]:
    """Find variables that jobs read, and that are set nowhere that they see."""
    settings = known(facts.settings)
    for environment, names in _needed_variables(facts).items():
        for name in names:
            if settings.find_variable(name, environment) is not None:
                continue
            if not settings.knows_variables(environment):
                raise _not_readable(f"variables of {environment or 'the repository'}")
            yield Problem(
                f"The variable {name} is not set {_where(environment)}.",
                "the workflow reads it, and gets an empty text.",
                set_variable(settings.github_repository, environment, name),
            )


def find_malformed_variables(facts: Facts) -> Iterator[Problem]:
    """Find variables whose value has another form than what they name."""
    settings = known(facts.settings)
    optional = {name: e.optional_variables for name, e in _expected(facts).items()}
    for environment, names in _needed_variables(facts).items():
        for name in (*names, *optional.get(environment, ())):
            scoped = settings.find_variable(name, environment)
            problem = find_form_problem(name, scoped[1]) if scoped else None
            if scoped and problem:
                place = environment if scoped[0] == "environment" else ""
                yield Problem(
                    f"The variable {name} {_where(place)} {problem[0]}.",
                    "the step that reads it refuses it, or reaches another place than meant.",
                    f"{problem[1]}: {set_variable(settings.github_repository, place, name)}",
                )
    if not any(_known_variables(settings, name) for name in _needed_variables(facts)):
        raise _not_readable("variables")


def find_missing_secrets(facts: Facts) -> Iterator[Problem]:
    """Find secrets that jobs read, and that are set nowhere that they see."""
    settings = known(facts.settings)
    expected = known(facts.expected)
    needed = {e.name: e.secrets for e in expected.environments}
    if not _lacks_environment(facts):
        needed[""] = expected.secrets
    for environment, names in needed.items():
        for name in names:
            if settings.find_secret(name, environment) is not None:
                continue
            if not settings.knows_secrets(environment):
                raise _not_readable(f"names of secrets of {environment or 'the repository'}")
            yield Problem(
                f"The secret {name} is not set {_where(environment)}.",
                "the workflow reads it, and gets an empty text.",
                set_secret(settings.github_repository, environment, name),
            )


def find_shut_out_refs(facts: Facts) -> Iterator[Problem]:
    """Find environments that do not let in their own tags or branches."""
    settings = known(facts.settings)
    for environment in _listed(facts, settings):
        own_tags, own_branches = _own_refs(facts, environment.name)
        for kind, names in (("tag", own_tags), ("branch", own_branches)):
            for name in names:
                if environment.admission != "all" and not _admits(environment, kind, name):
                    pattern = name if kind == "branch" else _tag_pattern(facts, environment.name)
                    repository = settings.github_repository
                    admission = admit_ref(repository, environment.name, kind, pattern)
                    if environment.admission == "protected":
                        limiting = limit_environment(repository, environment.name)
                        admission = f"{limiting}, then {admission}"
                    yield Problem(
                        f"The environment {environment.name} does not let in the {kind} {name}.",
                        "GitHub refuses its jobs before they start.",
                        admission,
                    )
                    break


def find_foreign_refs(facts: Facts) -> Iterator[Problem]:
    """Find environments that let in the tags of another environment, or branches beside theirs."""
    settings = known(facts.settings)
    repository = settings.github_repository
    for environment in _listed(facts, settings):
        pattern = _tag_pattern(facts, environment.name)
        foreign = _foreign_tags(facts, environment.name)
        tag = next((tag for tag in foreign if _admits(environment, "tag", tag)), "")
        if environment.admission == "all":
            yield Problem(
                f"The environment {environment.name} lets in every branch and tag.",
                "a workflow on any branch gets its secrets and its identity.",
                f"{limit_environment(repository, environment.name)}, then "
                + admit_ref(repository, environment.name, "tag", pattern),
            )
        elif tag:
            patterns = environment.policies.tags if environment.policies else ()
            wide = next(pattern for pattern in patterns if matches(pattern, tag))
            yield Problem(
                f"The environment {environment.name} lets in {tag} by its pattern {wide!r}.",
                "a job for another environment's tag gets its secrets and its identity.",
                f"{admit_ref(repository, environment.name, 'tag', pattern)}, then remove {wide} "
                f"in Settings → Environments → {environment.name}",
            )
        yield from _foreign_branches(environment, _own_refs(facts, environment.name)[1])


def _foreign_branches(
    environment: EnvironmentSettings, own_branches: Sequence[str]
) -> Iterator[Problem]:
    """Find patterns that let in branches whose jobs have nothing to do in an environment."""
    patterns = environment.policies.branches if environment.policies else ()
    for pattern in patterns:
        if pattern not in own_branches:
            yield Problem(
                f"The environment {environment.name} lets in branches by its pattern {pattern!r}.",
                "a job for a push to such a branch gets its secrets and its identity.",
                f"remove {pattern} in Settings → Environments → {environment.name}",
            )


def find_shared_targets(facts: Facts) -> Iterator[Problem]:
    """Find environments that publish to one index."""
    settings = known(facts.settings)
    places: dict[tuple[str, ...], str] = {}
    names = dict.fromkeys(s.github_environment for s in facts.pipeline.environments.stages)
    for name in names:
        values = [settings.find_variable(variable, name) for variable in _TARGET]
        place = tuple(value[1] for value in values if value)
        first = places.setdefault(place, name)
        if len(place) == len(_TARGET) and first != name:
            yield Problem(
                f"The environments {first} and {name} publish to the same repository, "
                f"{place[0]}/{place[2]} in {place[1]}.",
                f"what {name} releases is there already, and nothing keeps the two apart.",
                set_variable(settings.github_repository, name, "GCP_PROJECT_ID"),
            )


def _expected(facts: Facts) -> Mapping[str, ExpectedEnvironment]:
    return {environment.name: environment for environment in known(facts.expected).environments}


def _needed_variables(facts: Facts) -> Mapping[str, tuple[str, ...]]:
    """List the variables that must be set, by environment; the repository's under no name."""
    environments = {name: environment.variables for name, environment in _expected(facts).items()}
    outside = {} if _lacks_environment(facts) else {"": known(facts.expected).variables}
    return {**outside, **environments}


def _lacks_environment(facts: Facts) -> bool:
    """Tell whether a job should have an environment, which is what is wrong with its variables."""
    return any(
        not job.environment and step.inputs.get("workload-identity-provider")
        for workflow in facts.workflows
        for job, step in workflow.publishing_steps
    )


def _known_variables(settings: RepositorySettings, environment: str) -> bool:
    place = settings.environment(environment) if environment else None
    return (place.variables if place else settings.variables) is not None


def _listed(facts: Facts, settings: RepositorySettings) -> Iterator[EnvironmentSettings]:
    """Yield the environments whose refs should be limited, and are known."""
    if settings.environments is None:
        raise _not_readable("environments")
    for name, expected in _expected(facts).items():
        environment = settings.environment(name)
        if environment is None or expected.policies is None:
            continue
        if environment.policies is None:
            raise _not_readable(f"refs that {name} lets in")
        yield environment


def _own_refs(facts: Facts, name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """List tags and branches that an environment must let in, as its jobs start for them."""
    policies = _expected(facts)[name].policies
    branches = policies.branches if policies else ()
    if policies and not policies.tags:
        return (), branches
    stages = facts.pipeline.environments.stages
    is_stage = any(stage.github_environment == name for stage in stages)
    suffixes = [s.suffix for s in stages if s.github_environment == name or not is_stage]
    return _tags(facts, suffixes, SAMPLES), branches


def _foreign_tags(facts: Facts, name: str) -> tuple[str, ...]:
    """List tags that an environment must not let in; that of the bot takes all."""
    if name == AUTOMATION_ENVIRONMENT:
        return ()
    stages = facts.pipeline.environments.stages
    suffixes = [stage.suffix for stage in stages if stage.github_environment != name]
    return _tags(facts, suffixes, _FOREIGN_SAMPLES)


def _tags(facts: Facts, suffixes: list[str], versions: tuple[Version, ...]) -> tuple[str, ...]:
    forms = [package.tags for package in facts.project.packages if package.tags]
    return tuple(form.format(v, suffix) for form in forms for suffix in suffixes for v in versions)


def _tag_pattern(facts: Facts, name: str) -> str:
    policies = _expected(facts)[name].policies
    return policies.tags[0] if policies and policies.tags else "v*"


def _admits(environment: EnvironmentSettings, kind: str, name: str) -> bool:
    policies = environment.policies
    if environment.admission != "listed" or policies is None:
        # Which branches are protected, only GitHub knows; a tag never is.
        return environment.admission == "all" or kind == "branch"
    patterns = policies.tags if kind == "tag" else policies.branches
    return any(matches(pattern, name) for pattern in patterns)


def _where(environment: str) -> str:
    return f"in the environment {environment}" if environment else "in the repository"


def _not_readable(subject: str) -> NotCheckedError:
    return NotCheckedError(f"the token may not read the {subject}")


CHECKS = (
    Check(
        "environments-exist",
        "Each GitHub Environment exists",
        "error",
        find_missing_environments,
        _PAGE,
    ),
    Check(
        "variables-set",
        "Each variable that a workflow reads is set",
        "error",
        find_missing_variables,
        "troubleshooting.md#environment-variables",
    ),
    Check(
        "variables-formed",
        "The variables are written as what they name",
        "error",
        find_malformed_variables,
        _PAGE,
    ),
    Check(
        "secrets-set",
        "Each secret that a workflow reads is set",
        "error",
        find_missing_secrets,
        _PAGE,
    ),
    Check(
        "own-refs-let-in",
        "Each environment lets in its own tags and branches",
        "error",
        find_shut_out_refs,
        _PAGE,
    ),
    Check(
        "other-refs-kept-out",
        "No environment lets in another one's refs",
        "error",
        find_foreign_refs,
        _PAGE,
    ),
    Check(
        "indexes-apart",
        "Each environment publishes to an index of its own",
        "warning",
        find_shared_targets,
        "setup.md#google-cloud",
    ),
)
