"""Hold rulesets beside one that is needed; pure."""

from collections.abc import Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Literal

from dist_actions.repository_settings.values import BypassActor, Ruleset

#: What becomes of a ruleset that is needed: one does what it should, none exists, one of its name
#: is to be narrowed, one of its name lacks who must pass, or the token may not read who passes.
Verdict = Literal["there", "missing", "narrowed", "closed", "unknown"]


def judge_rulesets(rulesets: Sequence[Ruleset], needed: Ruleset) -> tuple[Verdict, Ruleset]:
    """Find what becomes of a needed ruleset, and the ruleset that is, or is to be.

    Args:
        needed: Its bypass list is None where nobody knows who must be in it.
    """
    covering = [ruleset for ruleset in rulesets if _covers(ruleset, needed)]
    for ruleset in covering:
        if _lets_pass_alone(ruleset, needed):
            return "there", ruleset
    for ruleset in covering:
        if ruleset.bypass_actors is None:
            return "unknown", ruleset
    names = needed.name, needed.target
    namesakes = (ruleset for ruleset in rulesets if (ruleset.name, ruleset.target) == names)
    existing = next((ruleset for ruleset in namesakes if not ruleset.inherited), None)
    if existing is None:
        return "missing", needed
    if existing.bypass_actors is None:
        return "unknown", existing
    if needed.bypass_actors is None or needed.bypass_actors - existing.bypass_actors:
        return "closed", existing
    return "narrowed", _narrow(existing, needed)


def describe_ruleset(ruleset: Ruleset) -> str:
    """Describe a ruleset on one line."""
    rules = ", ".join(ruleset.rules)
    actors = ruleset.bypass_actors
    passing = "" if not actors else f", but for {', '.join(map(_describe_actor, sorted(actors)))}"
    off = "" if ruleset.enforcement == "active" else f"{ruleset.enforcement}: "
    without = f" without {', '.join(ruleset.exclude)}" if ruleset.exclude else ""
    return f"{off}no {rules} of {', '.join(ruleset.include)}{without}{passing}"


def _describe_actor(actor: BypassActor) -> str:
    kind = {"Integration": "App"}.get(actor.kind, actor.kind)
    return kind if actor.actor_id is None else f"{kind} {actor.actor_id}"


def _covers(ruleset: Ruleset, needed: Ruleset) -> bool:
    """Tell whether a ruleset has all rules of another, for all of its refs."""
    return (
        ruleset.target == needed.target
        and ruleset.enforcement == "active"
        and not ruleset.exclude
        and ruleset.rules.keys() >= needed.rules.keys()
        and all(_includes(ruleset, pattern) for pattern in needed.include)
    )


def _includes(ruleset: Ruleset, pattern: str) -> bool:
    return any(
        included in {"~ALL", pattern} or ("[" not in included and fnmatchcase(pattern, included))
        for included in ruleset.include
    )


def _lets_pass_alone(ruleset: Ruleset, needed: Ruleset) -> bool:
    """Tell whether just those pass who must; where nobody knows who, whether anybody does."""
    if ruleset.bypass_actors is None or needed.bypass_actors is None:
        return bool(ruleset.bypass_actors)
    return ruleset.bypass_actors == needed.bypass_actors


def _narrow(existing: Ruleset, needed: Ruleset) -> Ruleset:
    """Make a ruleset stricter, until it does what is needed."""
    further = (pattern for pattern in needed.include if not _includes(existing, pattern))
    return replace(
        existing,
        enforcement="active",
        include=(*existing.include, *further),
        exclude=(),
        rules={**needed.rules, **existing.rules},
        bypass_actors=needed.bypass_actors,
    )
