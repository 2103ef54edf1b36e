"""What a promotion came to, as outputs and as a summary."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from dist_actions.errors import Level
from dist_actions.markdown import code, escape, table
from dist_actions.overview.table import EnvironmentStatus
from dist_actions.promote.gates.conditions import GateReport
from dist_actions.promote.promotion import Observed, PackageState, Promotion, PromotionPlan
from dist_actions.promote.pull_request.back_merge import BackMerge
from dist_actions.promote.pull_request.foreign_text import show_text
from dist_actions.promote.pull_request.sections import (
    dependents,
    environments,
    gate_table,
    order_packages,
    package_table,
)
from dist_actions.services.github.pulls import PullRequest
from dist_actions.services.runner import Runner

_SAME_BYTES = {None: "", True: "true", False: "false"}


@dataclass(frozen=True)
class Outcome:
    """What a run came to.

    Attributes:
        result: `created`, `updated`, `nothing`, `merged`, `armed` or `blocked`; or `conflict`,
            where the stage fails.
        reason: Why there was nothing to do, or what blocks; else empty.
        promotion: What is promoted; None where that was not decided, and so for `observed`.
        observed: Both ends.
        plan: How it is promoted; None where that was not decided.
        pull: Its pull request; None for none.
        gates: What came of the gates.
        statuses: What stands where, in the order of promotion.
        back: The way back for the target's own changes; None where it has none.
        back_pull: The pull request that was opened or updated for them.
        superseded: Numbers of older pull requests that were closed.
        conflict_files: Paths that conflict.
        notices: Paragraphs of Markdown that stand in the pull request too.
        dependencies: What this run promoted first because it is required, in this order.
    """

    result: str
    reason: str
    promotion: Promotion | None = None
    observed: Observed | None = None
    plan: PromotionPlan | None = None
    pull: PullRequest | None = None
    gates: GateReport = field(default_factory=GateReport)
    statuses: tuple[EnvironmentStatus, ...] = ()
    back: BackMerge | None = None
    back_pull: PullRequest | None = None
    superseded: tuple[int, ...] = ()
    conflict_files: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    dependencies: tuple["Outcome", ...] = ()

    @property
    def text(self) -> str:
        """Write result and reason on one line."""
        number = f"#{self.pull.number}" if self.pull else ""
        return ": ".join(part for part in (self.result, self.reason or number) if part)

    @property
    def same_bytes(self) -> bool | None:
        """Tell whether the released files fit the target afterwards; None where that is not known.

        A single package's folder is always brought to exactly what was released.
        """
        if self.plan is None or self.observed is None or self.promotion is None:
            return None
        single = self.promotion.package is not None
        return single or self.plan.brings_released_files(self.observed)


def with_dependencies(outcome: Outcome, dependencies: Sequence[Outcome]) -> Outcome:
    """Say beside why it waits what was promoted first."""
    texts = [
        f"{_subject(dependency.promotion)} {dependency.text}"
        for dependency in dependencies
        if dependency.promotion
    ]
    if not texts:
        return outcome
    reason = f"{outcome.reason}. Before it, in this run: {'; '.join(texts)}"
    return replace(outcome, reason=reason, dependencies=tuple(dependencies))


def report(outcome: Outcome, runner: Runner) -> None:
    """Set the outputs, and show the outcome as an annotation and a summary."""
    set_outputs(outcome, runner)
    promotion = outcome.promotion
    text = f"Nothing to promote: {outcome.reason}"
    if promotion:
        text = f"{_subject(promotion)} to {promotion.target.name}: {outcome.text}"
    elif outcome.result != "nothing":
        text = outcome.text
    level: Level = "warning" if outcome.result == "blocked" else "notice"
    runner.annotate(level, f"{text}.", title="promote")
    runner.add_summary(_summary(outcome))


def set_outputs(outcome: Outcome, runner: Runner) -> None:
    """Set the outputs alone, for a stage that fails."""
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
            "packages": _packages(order_packages(promotion, outcome.gates) if promotion else ()),
            "promote-first": _promote_first(outcome),
            "pr-number": str(pull.number) if pull else "",
            "pr-url": pull.url if pull else "",
            "head-sha": plan.head_sha if plan else "",
            "source-commit": observed.source_commit if observed else "",
            "expected-tree": expected,
            "own-changes": _to_json([commit.sha for commit in plan.own_changes] if plan else []),
            "conflict-files": _to_json(outcome.conflict_files),
            "same-bytes": _SAME_BYTES[outcome.same_bytes],
        }
    )


def _to_json(values: Sequence[object]) -> str:
    return json.dumps(list(values)) if values else ""


def _expected_tree(outcome: Outcome) -> str:
    """Tell what the target should hold where nothing is done: what it holds, or the release."""
    if outcome.observed is None or outcome.promotion is None:
        return ""
    single = outcome.promotion.package is not None
    return outcome.observed.target_tree if single else outcome.observed.source_tree


def _packages(states: Sequence[PackageState]) -> str:
    """Write the packages as JSON; empty in a repository of one package."""
    return _to_json(
        [
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
    )


def _promote_first(outcome: Outcome) -> str:
    """Write what must be promoted first as JSON, with what this run did for it."""
    promoted = {
        dependency.promotion.package.name: dependency
        for dependency in outcome.dependencies
        if dependency.promotion and dependency.promotion.package
    }
    entries = []
    for version in outcome.gates.packages.first:
        entry = {"name": version.project, "version": str(version.version)}
        if dependency := promoted.get(version.project):
            entry["result"] = dependency.result
            entry["pr-url"] = dependency.pull.url if dependency.pull else ""
        entries.append(entry)
    return _to_json(entries)


def _subject(promotion: Promotion) -> str:
    all_packages = promotion.packages and promotion.version is None
    return f"all packages at {promotion.tag}" if all_packages else promotion.tag


def _summary(outcome: Outcome) -> str:
    promotion = outcome.promotion
    if promotion is None:
        return f"### ⏭️ promote\n\n{escape(outcome.text)}\n"
    rows = [["from", escape(promotion.source.name)], ["to", escape(promotion.target.name)]]
    if outcome.pull:
        rows.append(["pull request", f"[#{outcome.pull.number}]({outcome.pull.url})"])
    if outcome.plan:
        rows.append(["plan", escape(outcome.plan.strategy)])
    if outcome.back_pull:
        pull = outcome.back_pull
        rows.append(["back-merge", f"[#{pull.number}]({pull.url})"])
    elif outcome.back and outcome.back.reason:
        rows.append(["back-merge", escape(outcome.back.reason)])
    if outcome.superseded:
        rows.append(["superseded", ", ".join(f"#{number}" for number in outcome.superseded)])
    heading = f"### ⏫ promote {code(promotion.tag)}"
    sections = [heading, show_text(outcome.text, 2000), table(["", ""], rows), *outcome.notices]
    if promotion.packages:
        sections.append(package_table(promotion, outcome.gates))
    sections.append(dependents(outcome.gates.packages, promotion))
    sections.append(gate_table(outcome.gates.passed_gates))
    sections.append(environments(outcome.statuses, promotion))
    return "\n\n".join(part for part in sections if part) + "\n"
