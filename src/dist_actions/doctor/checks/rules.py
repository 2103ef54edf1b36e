"""Checks of rulesets and merge settings; pure."""

from collections.abc import Iterator

from dist_actions.doctor.facts import Facts, known
from dist_actions.doctor.findings import Check, NotCheckedError, Problem
from dist_actions.errors import DOCUMENTATION
from dist_actions.pipeline.ref_patterns import matches
from dist_actions.repository_settings.expected import MADE_BY_THE_BOT
from dist_actions.repository_settings.tag_rules import describe_ruleset, judge_rulesets
from dist_actions.repository_settings.values import Ruleset

#: Rules by which a push to promote/… is refused.
_REFUSING = frozenset(
    {"creation", "update", "non_fast_forward", "pull_request", "merge_queue", "required_signatures"}
)
_BUTTONS = frozenset({"merge", "squash"})
_TAGS, _BRANCHES = "setup.md#rules-for-tags", "setup.md#rules-for-branches"


def find_missing_tag_rules(facts: Facts) -> Iterator[Problem]:
    """Find tags that others than the bot make, or that can be moved."""
    repository, rulesets = known(facts.settings).github_repository, _rulesets(facts)
    for needed in known(facts.expected).rulesets:
        verdict, ruleset = judge_rulesets(rulesets, needed)
        if verdict == "unknown":
            raise NotCheckedError(f"the token may not read who may bypass {ruleset.name!r}")
        lacks_rules = bool(needed.rules.keys() - ruleset.rules.keys())
        is_off = ruleset.enforcement != "active" or lacks_rules
        if verdict in {"missing", "narrowed"} or (verdict == "closed" and is_off):
            is_creation = needed.name == MADE_BY_THE_BOT
            file = "tags-made-by-the-bot.json" if is_creation else "tags-never-move.json"
            yield Problem(
                f"No ruleset says: {describe_ruleset(needed)}.",
                "anybody who may push can make a tag, and so a release."
                if is_creation
                else "a tag can be moved to another commit after its release.",
                "`dist-actions init --apply` makes it; or, with the file of "
                f"{DOCUMENTATION}/setup.md, "
                f"`gh api --method POST repos/{repository}/rulesets --input {file}`",
            )


def find_blocked_bot(facts: Facts) -> Iterator[Problem]:
    """Find rulesets by which the automation bot cannot make tags."""
    tags = _own_tags(facts)
    for ruleset in _rulesets(facts):
        if ruleset.target != "tag" or ruleset.enforcement != "active":
            continue
        if "creation" not in ruleset.rules or not any(_includes(ruleset, tag) for tag in tags):
            continue
        if ruleset.bypass_actors is None:
            raise NotCheckedError(f"the token may not read who may bypass {ruleset.name!r}")
        if not any(actor.kind == "Integration" for actor in ruleset.bypass_actors):
            yield Problem(
                f"The ruleset {ruleset.name!r} lets no App make tags.",
                "auto-tag is refused.",
                f"in Settings → Rules → {ruleset.name} add the automation bot to the bypass list",
            )


def find_unmergeable_promotions(facts: Facts) -> Iterator[Problem]:
    """Find branches into which no promotion can be merged."""
    _ = facts.promoting_workflows
    rules = known(facts.rules)
    targets = [stage.branch for stage in facts.pipeline.environments.stages[1:]]
    closed = [name for name in targets if name in rules and not rules[name].methods & _BUTTONS]
    if closed:
        yield Problem(
            f"Pull requests into {', '.join(closed)} can neither be merged nor squashed.",
            "the link commit of a promotion cannot be rebased.",
            "`gh repo edit --enable-merge-commit --enable-squash-merge`; with a rule for linear "
            "history squash merges are what remains",
        )


def find_disabled_auto_merge(facts: Facts) -> Iterator[Problem]:
    """Find workflows that want GitHub to merge, which the repository does not allow."""
    waiting = [
        (workflow, step)
        for workflow in facts.promoting_workflows
        for _, step in workflow.steps_of("promote")
        if step.inputs.get("mode") == "auto-merge"
    ]
    rules = known(facts.rules) if waiting else {}
    for workflow, step in waiting:
        if rules and not any(branch.auto_merge for branch in rules.values()):
            yield Problem(
                f"{workflow.path} has `mode: auto-merge`, which the repository does not allow.",
                "the pull request stays open until somebody merges it.",
                "`gh repo edit --enable-auto-merge`",
                step.place.at("mode"),
            )


def find_refused_promotion_branches(facts: Facts) -> Iterator[Problem]:
    """Find rules by which the bot cannot push the branches of promotions."""
    _ = facts.promoting_workflows
    refusing = sorted(known(facts.promotion_rules) & _REFUSING)
    if refusing:
        yield Problem(
            f"The branches promote/** have the rules {', '.join(refusing)}.",
            "the automation bot cannot push what it promotes.",
            "exclude refs/heads/promote/** from that ruleset, or add the bot to its bypass list",
        )


def _rulesets(facts: Facts) -> tuple[Ruleset, ...]:
    rulesets = known(facts.settings).rulesets
    if rulesets is None:
        raise NotCheckedError("the token may not read the rulesets")
    return rulesets


def _own_tags(facts: Facts) -> list[str]:
    forms = [package.tags for package in facts.project.packages if package.tags]
    return [f"{form.prefix}1.2.3{suffix}" for form in forms for suffix in form.suffixes]


def _includes(ruleset: Ruleset, tag: str) -> bool:
    ref = f"refs/tags/{tag}"
    included, excluded = (
        any(pattern == "~ALL" or matches(pattern, ref) for pattern in patterns)
        for patterns in (ruleset.include, ruleset.exclude)
    )
    return included and not excluded


CHECKS = (
    Check(
        "tag-rules",
        "Only the bot makes tags, and nobody moves them",
        "warning",
        find_missing_tag_rules,
        _TAGS,
    ),
    Check("bot-may-tag", "The automation bot may make tags", "error", find_blocked_bot, _TAGS),
    Check(
        "promotions-mergeable",
        "Promotions can be merged",
        "error",
        find_unmergeable_promotions,
        _BRANCHES,
    ),
    Check(
        "auto-merge",
        "GitHub may merge where a workflow wants it",
        "error",
        find_disabled_auto_merge,
        "promotion.md#merging-by-itself",
    ),
    Check(
        "promotion-branches",
        "The bot may push the branches of promotions",
        "error",
        find_refused_promotion_branches,
        _BRANCHES,
    ),
)
