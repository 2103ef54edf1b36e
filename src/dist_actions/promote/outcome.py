"""What a promotion came to, as outputs and as a summary."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from dist_actions.edges.github_pulls import PullRequest
from dist_actions.edges.runner import Runner
from dist_actions.errors import Level
from dist_actions.markdown import code, escape, table
from dist_actions.promote.body import package_table
from dist_actions.promote.promotion import Observed, PackageState, Plan, Promotion


@dataclass(frozen=True)
class Outcome:
    """What a run came to.

    Attributes:
        result: `created`, `updated`, `nothing` or `blocked`.
        reason: Why there was nothing to do, or what blocks; else empty.
        plan: How it is promoted; None where that was not decided.
    """

    result: str
    reason: str
    promotion: Promotion | None = None
    observed: Observed | None = None
    plan: Plan | None = None
    pull: PullRequest | None = None

    @property
    def text(self) -> str:
        """Result and reason on one line."""
        where = f"#{self.pull.number}" if self.pull else ""
        return ": ".join(part for part in (self.result, self.reason or where) if part)


def report(outcome: Outcome, runner: Runner) -> None:
    """Set the outputs, and show the outcome as an annotation and a summary."""
    promotion, observed, plan = outcome.promotion, outcome.observed, outcome.plan
    pull = outcome.pull
    version = promotion.version if promotion else None
    package = promotion.package if promotion else None
    expected = plan.expected_tree if plan else _expected_tree(outcome)
    runner.set_outputs(
        {
            "result": outcome.result,
            "reason": outcome.reason,
            "plan": plan.strategy if plan else "",
            "version": str(version) if version else "",
            "package": package.name if package else "",
            "packages": _packages(promotion.packages if promotion else ()),
            "pr-number": str(pull.number) if pull else "",
            "pr-url": pull.url if pull else "",
            "head-sha": plan.head_sha if plan else "",
            "source-commit": observed.source_commit if observed else "",
            "expected-tree": expected,
        }
    )
    subject = f"{_what(promotion)} to {promotion.target.name}" if promotion else "Nothing"
    level: Level = "warning" if outcome.result == "blocked" else "notice"
    runner.annotate(level, f"{subject}: {outcome.text}.", title="promote")
    runner.add_summary(_summary(outcome))


def _expected_tree(outcome: Outcome) -> str:
    """What the target should hold where nothing is to be done: what it holds, or the release."""
    if outcome.observed is None or outcome.promotion is None:
        return ""
    single = outcome.promotion.package is not None
    return outcome.observed.target_tree if single else outcome.observed.source_tree


def _packages(states: Sequence[PackageState]) -> str:
    """The packages as JSON; empty in a repository of one package."""
    listed = [
        {
            "name": state.package.name,
            "path": state.package.path,
            "version": str(state.version) if state.version else "",
            "tag": state.tag,
            "from": str(state.before) if state.before else "",
            "promoted": state.moves,
        }
        for state in states
    ]
    return json.dumps(listed) if listed else ""


def _what(promotion: Promotion) -> str:
    everything = promotion.packages and promotion.version is None
    return f"all packages at {promotion.tag}" if everything else promotion.tag


def _summary(outcome: Outcome) -> str:
    promotion = outcome.promotion
    if promotion is None:
        return f"### ⏭️ promote\n\n{escape(outcome.text)}\n"
    rows = [["from", escape(promotion.source.name)], ["to", escape(promotion.target.name)]]
    if outcome.pull:
        rows.append(["pull request", f"[#{outcome.pull.number}]({outcome.pull.url})"])
    if outcome.plan:
        rows.append(["plan", escape(outcome.plan.strategy)])
    heading = f"### ⏫ promote {code(promotion.tag)}"
    sections = [heading, escape(outcome.text), table(["", ""], rows)]
    if promotion.packages:
        sections.append(package_table(promotion))
    return "\n\n".join(sections) + "\n"
