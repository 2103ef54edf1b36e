"""Which settings a project's workflows need on GitHub, as docs/setup.md describes them; pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dist_actions.pipeline.environments import EnvironmentMap
from dist_actions.pipeline.settings import Settings
from dist_actions.pipeline.tags import TagFormat
from dist_actions.repository_settings.deployment_policies import (
    AUTOMATION_ENVIRONMENT,
    choose_policies,
    read_formats,
)
from dist_actions.repository_settings.values import BypassActor, DeploymentPolicies, Ruleset
from dist_actions.repository_settings.workflow_jobs import WorkflowJob

#: Variables that may stay unset, whatever the workflow says.
_OPTIONAL = frozenset({"PREVIOUS_INDEX_URL"})
#: The secret of the bot that tags; where no job asks for it, people make the tags.
AUTOMATION_KEY = "AUTOMATION_BOT_PRIVATE_KEY"
MADE_BY_THE_BOT = "Tags are made by the automation bot"
NEVER_MOVE = "Tags never move"


@dataclass(frozen=True)
class ExpectedEnvironment:
    """What the jobs of a GitHub Environment need.

    Attributes:
        name: Its name.
        policies: The only refs that it should let in; None where any may come.
        variables: Names of variables that must be set.
        optional_variables: Names of variables that may be.
        secrets: Names of secrets.
    """

    name: str
    policies: DeploymentPolicies | None
    variables: tuple[str, ...]
    optional_variables: tuple[str, ...]
    secrets: tuple[str, ...]


@dataclass(frozen=True)
class ExpectedSettings:
    """What a project's workflows need of their repository.

    Attributes:
        environments: The GitHub Environments, those of the stages in the order of promotion.
        variables: Names of variables that jobs outside any environment need.
        secrets: Names of their secrets.
        branches: Those of the stages; empty where no version goes from one to the next.
        rulesets: Rules for tags; the bypass list is None where the bot's App ID is not known.
    """

    environments: tuple[ExpectedEnvironment, ...]
    variables: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    branches: tuple[str, ...] = ()
    rulesets: tuple[Ruleset, ...] = ()


def expect_settings(
    settings: Settings, name: str, jobs: Sequence[WorkflowJob], *, bot_app_id: int | None = None
) -> ExpectedSettings:
    """Work out what the settings on GitHub must be.

    Args:
        settings: The project's own.
        name: Its normalised name; empty where nothing tells it.
        jobs: The jobs of the workflows that use dist-actions.
        bot_app_id: The App ID of the automation bot, where it is known.
    """
    policies = choose_policies(settings, name, jobs)
    outside = [job for job in jobs if not job.environments]
    bot_tags = any(AUTOMATION_KEY in job.secrets for job in jobs)
    formats = read_formats(settings, name, jobs) or ()
    stages = settings.environments.stages
    publishing = {name for job in jobs for name in job.environments}
    staged = stages[1:] and publishing.intersection(stage.github_environment for stage in stages)
    return ExpectedSettings(
        environments=tuple(
            _expect_environment(
                environment,
                policies.get(environment),
                [job for job in jobs if environment in job.environments],
            )
            for environment in _order(settings.environments, jobs)
        ),
        variables=_required_variables(outside),
        secrets=_secrets(outside),
        branches=tuple(stage.branch for stage in stages) if staged else (),
        rulesets=expect_rulesets(formats, bot_app_id) if bot_tags and formats else (),
    )


def expect_rulesets(formats: Iterable[TagFormat], bot_app_id: int | None) -> tuple[Ruleset, ...]:
    """Return the two rulesets for tags: who may bypass one may bypass all its rules.

    Args:
        bot_app_id: The App ID of the bot that makes tags, where it is known.
    """
    starts = (f"{tag_format.prefix}*" for tag_format in formats)
    include = tuple(
        dict.fromkeys(f"refs/tags/{'[0-9]*' if start == '*' else start}" for start in starts)
    )
    bot = None if bot_app_id is None else frozenset({BypassActor("Integration", bot_app_id)})
    return (
        Ruleset(MADE_BY_THE_BOT, "tag", include, {"creation": {}}, bot),
        Ruleset(NEVER_MOVE, "tag", include, {"update": {}, "deletion": {}}),
    )


def _order(environments: EnvironmentMap, jobs: Sequence[WorkflowJob]) -> tuple[str, ...]:
    """List the environments that jobs name: that of tagging, the stages', and the others."""
    names = dict.fromkeys(name for job in jobs for name in job.environments)
    stages = [stage.github_environment for stage in environments.stages]
    first = [name for name in (AUTOMATION_ENVIRONMENT, *stages) if name in names]
    return tuple(dict.fromkeys([*first, *names]))


def _expect_environment(
    name: str, policies: DeploymentPolicies | None, jobs: Sequence[WorkflowJob]
) -> ExpectedEnvironment:
    required = _required_variables(jobs)
    variables = {variable for job in jobs for variable in job.variables}
    optional = tuple(sorted(variables.difference(required)))
    return ExpectedEnvironment(name, policies, required, optional, _secrets(jobs))


def _required_variables(jobs: Iterable[WorkflowJob]) -> tuple[str, ...]:
    names = {name for job in jobs for name in job.variables - job.with_default}
    return tuple(sorted(names - _OPTIONAL))


def _secrets(jobs: Iterable[WorkflowJob]) -> tuple[str, ...]:
    return tuple(sorted({name for job in jobs for name in job.secrets}))
