"""Find what waits for a promotion, for how long and why; pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Literal

from packaging.version import Version

from dist_actions.overview.table import EnvironmentStatus
from dist_actions.pipeline.environments import Environment, EnvironmentMap
from dist_actions.pipeline.tags import TagFormat
from dist_actions.services.github.organisation.facts import OpenPull

#: `blocked` where somebody has to mend something, `ready` where a click is all that is missing.
WaitingState = Literal["blocked", "waits", "ready"]


@dataclass(frozen=True)
class Waiting:
    """A version that one environment has and the next one has not.

    Attributes:
        source: Name of the environment that has it.
        target: Name of the next one.
        version: Which one.
        since: When it was released in the source.
        state: Whether somebody has to mend something.
        reason: What it waits for.
        pull_request: Page of the pull request that promotes it; empty where none is open.
    """

    source: str
    target: str
    version: Version
    since: datetime
    state: WaitingState
    reason: str
    pull_request: str = ""


def find_waiting(
    environments: EnvironmentMap,
    tags: TagFormat,
    statuses: Sequence[EnvironmentStatus],
    pulls: Sequence[OpenPull],
    branches: Sequence[Collection[str]],
) -> tuple[Waiting, ...]:
    """Find what waits, in the order of promotion.

    Args:
        statuses: What stands in each environment, in the same order.
        pulls: The open pull requests of the repository.
        branches: For each environment those that hold what stands there.
    """
    waiting = []
    for (source, target), (before, after), held_by in zip(
        pairwise(environments.stages), pairwise(statuses), branches[:-1], strict=True
    ):
        if before.published_at is None or before.version is None:
            continue
        if not has_to_follow(before.version, after.version):
            continue
        arrived = target.branch in held_by
        pull = None if arrived else _find_pull(target, before.version, tags, pulls)
        state, reason = _judge(pull, target.branch if arrived else "")
        since = before.published_at
        url = pull.url if pull else ""
        waiting.append(Waiting(source.name, target.name, before.version, since, state, reason, url))
    return tuple(waiting)


def has_to_follow(version: Version | None, after: Version | None) -> bool:
    """Tell whether a version has to follow to where another one stands; None for no version."""
    return version is not None and (after is None or after < version)


def _find_pull(
    target: Environment, version: Version, tags: TagFormat, pulls: Sequence[OpenPull]
) -> OpenPull | None:
    """Find the pull request of a version by its branch, or one that promotes all packages."""
    end = f"-to-{target.name}"
    own = {f"promote/v{version}{end}", f"promote/{tags.format(version, '')}{end}"}
    into_target = [pull for pull in pulls if pull.base == target.branch]
    for pull in into_target:
        if pull.head in own:
            return pull
    of_all = (
        pull
        for pull in into_target
        if pull.head.startswith("promote/all-") and pull.head.endswith(end)
    )
    return next(of_all, None)


def _judge(pull: OpenPull | None, arrived: str) -> tuple[WaitingState, str]:
    """Tell what a promotion waits for, the greatest obstacle first.

    Args:
        arrived: The target's branch, where it holds the version already; else empty.
    """
    if arrived:
        return "waits", f"the branch {arrived} holds it already, and has no release of it yet"
    if pull is None:
        return "waits", "no pull request is open for it"
    cases: tuple[tuple[bool, WaitingState, str], ...] = (
        (pull.mergeable == "CONFLICTING", "blocked", "its pull request has conflicts"),
        (pull.checks in {"FAILURE", "ERROR"}, "blocked", "the checks of its pull request are red"),
        (pull.review == "CHANGES_REQUESTED", "blocked", "a reviewer asks for changes"),
        (pull.draft, "waits", "its pull request is a draft"),
        (pull.checks in {"PENDING", "EXPECTED"}, "waits", "the checks of its pull request run"),
        (pull.review == "REVIEW_REQUIRED", "waits", "its pull request needs a review"),
        (pull.merge_state == "BEHIND", "blocked", "its pull request is behind its base"),
        (pull.merge_state == "BLOCKED", "blocked", "a rule of the branch blocks its pull request"),
    )
    for applies, state, reason in cases:
        if applies:
            return state, reason
    return "ready", "its pull request can be merged"
