"""Find out what promotion would do next between each two environments; it changes nothing.

It asks the same modules that decide for the promote stage. Beside the list of releases, which the
caller has: one list of tags by git; for each two neighbouring environments two git requests; and of
GitHub's API, where something is next, two for the target's rules, one for a pull request that is
open already, and one by which pull requests commits came, where git does not tell.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from dist_actions.abbreviation import short_sha
from dist_actions.dependencies.verdict import Dependent
from dist_actions.errors import InputError, PromotionError
from dist_actions.pipeline.environments import Environment
from dist_actions.pipeline.tags import TagFormat
from dist_actions.promote.gates.conditions import PackageReport
from dist_actions.promote.history.clone import PromotionClone
from dist_actions.promote.history.package_folders import Monorepo
from dist_actions.promote.own_changes import back_merge_command
from dist_actions.promote.planning import nothing_to_promote
from dist_actions.promote.preparation import Preparation, prepare
from dist_actions.promote.promotion import Commit, Promotion, Strategy
from dist_actions.promote.selection import (
    PromotionRequest,
    Selection,
    select_packages,
    select_version,
)
from dist_actions.services.github.client import GitHubClient
from dist_actions.services.github.graphql import pulls_into
from dist_actions.services.github.pulls import PullRequests
from dist_actions.services.github.rules import read_branch_rules

#: A commit's subject is cut after so many characters.
_SUBJECT_CHARACTERS = 100


@dataclass(frozen=True)
class NextStep:
    """What promotion from one environment to the next would do now.

    Attributes:
        source: Name of the environment that it comes from.
        target: Name of the environment that it goes to.
        action: How it would be promoted; or `nothing`, or `stop` where a person has to act.
        tag: What would be promoted; empty where nothing was released in the source.
        reason: Why there is nothing to do, or why it stops.
        fix: What a person does where it stops, or where the target has changes that the source
            lacks.
        own_changes: Those commits of the target, which are kept: short SHA and subject.
        packages: Of several packages those that move: name, version in the target, new version.
        pull_request: Address of the one that is open for it; empty where there is none.
        dependents: What in the target's index requires what would be promoted.
        unread: Why these are not known; empty where they are, or where no index is given.
    """

    source: str
    target: str
    action: Strategy | Literal["nothing", "stop"]
    tag: str = ""
    reason: str = ""
    fix: str = ""
    own_changes: tuple[str, ...] = ()
    packages: tuple[tuple[str, str, str], ...] = ()
    pull_request: str = ""
    dependents: tuple[Dependent, ...] = ()
    unread: str = ""


@dataclass(frozen=True)
class StatusContext:
    """Where it is looked what comes next; the clone is empty, and serves all steps.

    `find_dependents` asks the target's index who depends on what would be promoted.
    """

    clone: PromotionClone
    monorepo: Monorepo
    tag_format: TagFormat | None
    released: Sequence[str]
    package: str
    client: GitHubClient
    find_dependents: Callable[[Promotion], PackageReport]


def find_next_steps(context: StatusContext) -> tuple[NextStep, ...]:
    """Find a step for each two neighbouring environments, in the order of promotion."""
    stages = context.monorepo.environments.stages
    return tuple(_find_step(context, source, target) for source, target in pairwise(stages))


def _find_step(context: StatusContext, source: Environment, target: Environment) -> NextStep:
    try:
        selection = _select(context, source)
    except InputError as error:
        return NextStep(source.name, target.name, "nothing", reason=error.what)
    tag = selection.tags[0] if len(selection.tags) == 1 else ""
    try:
        pulls_of = pulls_into(context.client, target.branch)
        prepared = prepare(context.clone, selection, context.monorepo, pulls_of)
        tag = prepared.promotion.tag
        return _decide(context, prepared)
    except PromotionError as error:
        return NextStep(source.name, target.name, "stop", tag, error.what, error.fix)


def _select(context: StatusContext, source: Environment) -> Selection:
    monorepo, released = context.monorepo, context.released
    request = PromotionRequest(from_name=source.name, package=context.package)
    if context.tag_format is not None:
        selection = select_version(request, context.tag_format, monorepo.environments, released)
    else:
        selection = select_packages(
            request, monorepo.packages, monorepo.environments, released, tags=monorepo.tags
        )
    if selection is None:
        raise ValueError("the last environment is never a source")
    return selection


def _decide(context: StatusContext, prepared: Preparation) -> NextStep:
    promotion = prepared.promotion
    source, target = promotion.source.name, promotion.target.name
    if reason := nothing_to_promote(promotion, prepared.observed):
        return replace(
            _way_back(prepared),
            action="nothing",
            tag=promotion.tag,
            reason=reason,
        )
    plan = prepared.plan(read_branch_rules(context.client, promotion.target.branch))
    pull = PullRequests(context.client).find(promotion.branch, promotion.target.branch)
    packages = context.find_dependents(promotion)
    return NextStep(
        source,
        target,
        plan.strategy,
        promotion.tag,
        own_changes=_list_commits(plan.own_changes),
        packages=_moving(promotion),
        pull_request=pull.url if pull and pull.state == "open" else "",
        dependents=packages.dependents,
        unread=packages.unread,
    )


def _way_back(prepared: Preparation) -> NextStep:
    """Tell what is left to do about changes that only the target has: a hotfix, mostly."""
    promotion, observed = prepared.promotion, prepared.observed
    step = NextStep(promotion.source.name, promotion.target.name, "nothing")
    if promotion.package or not observed.own_changes or observed.back_merged:
        return step
    return replace(
        step,
        own_changes=_list_commits(observed.own_changes),
        fix=f"bring them back: {back_merge_command(promotion, observed)}",
    )


def _list_commits(commits: Sequence[Commit]) -> tuple[str, ...]:
    return tuple(
        f"{short_sha(commit.sha)} {commit.subject[:_SUBJECT_CHARACTERS]}" for commit in commits
    )


def _moving(promotion: Promotion) -> tuple[tuple[str, str, str], ...]:
    return tuple(
        (state.package.name, str(state.before or ""), str(state.version or ""))
        for state in promotion.moving
    )
