"""Finds out what promotion would do next between each two environments; it changes nothing.

It asks the same modules that decide for the promote stage. Beside the list of releases, which the
caller has: one list of tags by git; for each two neighbouring environments two git requests; and of
GitHub's API, where something is next, two for the target's rules, one for a pull request that is
open already, and one by which pull requests commits came, where git does not tell.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from dist_actions.errors import InputError, PromotionError
from dist_actions.pipeline.environments import Environment
from dist_actions.pipeline.tags import TagFormat
from dist_actions.promote.history.reading import Monorepo
from dist_actions.promote.history.repository import Histories
from dist_actions.promote.own_changes import back_merge_command
from dist_actions.promote.planning import nothing_to_promote
from dist_actions.promote.preparation import Preparation, prepare
from dist_actions.promote.promotion import Commit, Promotion, Strategy
from dist_actions.promote.selection import ALL, Selection, Wish, select_packages, select_version
from dist_actions.services.github.facts import BranchRules, PullsOfCommits

#: A commit's subject is cut after so many characters.
_SUBJECT_CHARACTERS = 100


@dataclass(frozen=True)
class NextStep:
    """What promotion from one environment to the next would do now.

    Attributes:
        source: Name of the environment that it comes from, and so for `target`.
        action: How it would be promoted; or `nothing`, or `stop` where a person has to act.
        tag: What would be promoted; empty where nothing was released in the source.
        reason: Why there is nothing to do, or why it stops.
        fix: What a person does where it stops, or where the target has changes that the source
            lacks.
        own_changes: Those commits of the target, which are kept: short SHA and subject.
        packages: Of several packages those that move: name, version in the target, new version.
        pull_request: Address of the one that is open for it; empty where there is none.
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


@dataclass(frozen=True)
class Asking:
    """Where it is looked.

    Attributes:
        histories: An empty repository, which serves all steps.
        monorepo: Environments, packages and tags.
        tag_format: Of the tags of a repository of one package.
        released: Tags of published releases.
        package: The only package that is asked for; empty for all.
        pulls_into: By which pull requests commits came to a branch.
        rules_of: What GitHub lets happen to a branch.
        open_pull: Address of the open pull request from a branch to another; empty where none is.
    """

    histories: Histories
    monorepo: Monorepo
    tag_format: TagFormat | None
    released: Sequence[str]
    package: str
    pulls_into: Callable[[str], PullsOfCommits]
    rules_of: Callable[[str], BranchRules]
    open_pull: Callable[[str, str], str]


def find_next_steps(asking: Asking) -> tuple[NextStep, ...]:
    """A step for each two neighbouring environments, in the order of promotion."""
    stages = asking.monorepo.environments.stages
    return tuple(_find_step(asking, source, target) for source, target in pairwise(stages))


def _find_step(asking: Asking, source: Environment, target: Environment) -> NextStep:
    try:
        selection = _select(asking, source)
    except InputError as error:
        return NextStep(source.name, target.name, "nothing", reason=error.what)
    tag = selection.tags[0] if len(selection.tags) == 1 else ""
    try:
        pulls_of = asking.pulls_into(target.branch)
        prepared = prepare(asking.histories, selection, asking.monorepo, pulls_of)
        tag = prepared.promotion.tag
        return _decide(asking, prepared)
    except PromotionError as error:
        return NextStep(source.name, target.name, "stop", tag, error.what, error.fix)


def _select(asking: Asking, source: Environment) -> Selection:
    monorepo = asking.monorepo
    wish = Wish(from_name=source.name, package=asking.package)
    if asking.tag_format is not None:
        found = select_version(wish, asking.tag_format, monorepo.environments, asking.released)
    else:
        wish = Wish(from_name=source.name, package=asking.package or ALL)
        found = select_packages(
            wish, monorepo.packages, monorepo.environments, asking.released, tags=monorepo.tags
        )
    if found is None:
        raise ValueError("the last environment is never a source")
    return found


def _decide(asking: Asking, prepared: Preparation) -> NextStep:
    promotion = prepared.promotion
    source, target = promotion.source.name, promotion.target.name
    if reason := nothing_to_promote(promotion, prepared.observed):
        return replace(
            _way_back(prepared),
            action="nothing",
            tag=promotion.tag,
            reason=reason,
        )
    plan = prepared.plan(asking.rules_of(promotion.target.branch))
    return NextStep(
        source,
        target,
        plan.strategy,
        promotion.tag,
        own_changes=_listed(plan.own_changes),
        packages=_moving(promotion),
        pull_request=asking.open_pull(promotion.branch, promotion.target.branch),
    )


def _way_back(prepared: Preparation) -> NextStep:
    """What is left to do where the target has changes that the source lacks: a hotfix, mostly."""
    promotion, observed = prepared.promotion, prepared.observed
    step = NextStep(promotion.source.name, promotion.target.name, "nothing")
    if promotion.package or not observed.own_changes or observed.back_merged:
        return step
    return replace(
        step,
        own_changes=_listed(observed.own_changes),
        fix=f"bring them back: {back_merge_command(promotion, observed)}",
    )


def _listed(commits: Sequence[Commit]) -> tuple[str, ...]:
    return tuple(f"{one.sha[:7]} {one.subject[:_SUBJECT_CHARACTERS]}" for one in commits)


def _moving(promotion: Promotion) -> tuple[tuple[str, str, str], ...]:
    return tuple(
        (state.package.name, str(state.before or ""), str(state.version or ""))
        for state in promotion.moving
    )
