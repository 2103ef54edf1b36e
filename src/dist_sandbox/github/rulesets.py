"""Rulesets: who may create, move or delete which branches and tags.

Pure decisions; the callers know whether a change comes by the API or by a push.

Spec: https://docs.github.com/repositories/configuring-branches-and-merges-in-your-repository/
managing-rulesets/available-rules-for-rulesets
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any, Literal

RefChangeKind = Literal["creation", "update", "deletion"]

#: GitHub's text for each rule that a change of a ref can break.
_TEXTS: Mapping[str, str] = {
    "creation": "Cannot create ref due to creations being restricted.",
    "update": "Cannot update this protected ref.",
    "deletion": "Cannot delete this protected ref.",
    "non_fast_forward": "Cannot force-push to this branch",
    "pull_request": "Changes must be made through a pull request.",
    "required_linear_history": "This branch must not contain merge commits.",
}


@dataclass(frozen=True)
class RefChange:
    """A change of one ref, as rules see it.

    Attributes:
        ref: Full name.
        forced: Whether the old commit would be lost.
        merge_method: How the pull request is merged that it comes from; None for a plain change.
        adds_merge_commit: Whether a merge commit would enter the ref's history.
    """

    ref: str
    kind: RefChangeKind
    forced: bool = False
    merge_method: str | None = None
    adds_merge_commit: bool = False


@dataclass(frozen=True)
class BypassActor:
    """Who is not bound by a ruleset; for an App `actor_id` is the App's ID."""

    actor_id: int
    actor_type: str
    bypass_mode: str = "always"


@dataclass(frozen=True)
class Ruleset:
    """Rules for the refs that its conditions name.

    Attributes:
        target: `branch` or `tag`.
        include: Patterns of full ref names; also `~ALL` and `~DEFAULT_BRANCH`.
        rules: Parameters by rule type.
    """

    ruleset_id: int
    name: str
    target: str
    enforcement: str
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    rules: Mapping[str, Mapping[str, Any]]
    bypass_actors: tuple[BypassActor, ...]
    created_at: datetime

    def applies_to(self, ref: str, *, default_branch: str) -> bool:
        """Whether the ruleset is active for this ref."""
        prefix = "refs/tags/" if self.target == "tag" else "refs/heads/"
        if self.enforcement != "active" or not ref.startswith(prefix):
            return False
        included = any(_matches(one, ref, default_branch) for one in self.include)
        return included and not any(_matches(one, ref, default_branch) for one in self.exclude)

    def violations(self, change: RefChange) -> list[str]:
        """GitHub's texts for what the change breaks."""
        broken: list[str] = [change.kind]
        if change.kind != "creation" and change.merge_method is None:
            broken.append("pull_request")
        if change.forced:
            broken.append("non_fast_forward")
        if change.adds_merge_commit:
            broken.append("required_linear_history")
        found = [_TEXTS[name] for name in broken if name in self.rules]
        return found + self._merge_violations(change.merge_method)

    def _merge_violations(self, method: str | None) -> list[str]:
        """What a merge by this method breaks."""
        if method is None or "pull_request" not in self.rules:
            return []
        parameters = self.rules["pull_request"]
        allowed = parameters.get("allowed_merge_methods")
        found = []
        if allowed is not None and method not in allowed:
            found.append(f"The merge method {method} is not allowed by the rules of this branch.")
        reviews = int(parameters.get("required_approving_review_count", 0))
        if reviews > 0:
            # Nobody reviews in the sandbox, so a required review is always missing.
            found.append(
                f"At least {reviews} approving review is required by reviewers with write access."
            )
        return found


def find_violations(
    rulesets: Iterable[Ruleset], change: RefChange, *, default_branch: str, app_id: int | None
) -> list[str]:
    """What a change breaks, for an actor that acts as the App `app_id` (None: as no App)."""
    found: list[str] = []
    for ruleset in rulesets:
        bypassed = any(
            actor.actor_type == "Integration" and actor.actor_id == app_id
            for actor in ruleset.bypass_actors
        )
        if not bypassed and ruleset.applies_to(change.ref, default_branch=default_branch):
            found.extend(ruleset.violations(change))
    return list(dict.fromkeys(found))


def _matches(pattern: str, ref: str, default_branch: str) -> bool:
    if pattern == "~ALL":
        return True
    if pattern == "~DEFAULT_BRANCH":
        return ref == f"refs/heads/{default_branch}"
    return fnmatchcase(ref, pattern)
