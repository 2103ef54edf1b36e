"""What a promotion came to, as outputs and as a summary."""

from dataclasses import dataclass

from dist_actions.edges.github_pulls import PullRequest
from dist_actions.edges.runner import Runner
from dist_actions.errors import Level
from dist_actions.markdown import code, escape, table
from dist_actions.promote.planning import Observed, Promotion, Strategy


@dataclass(frozen=True)
class Outcome:
    """What a run came to.

    Attributes:
        result: `created`, `updated`, `nothing` or `blocked`.
        reason: Why there was nothing to do, or what blocks; else empty.
        head_sha: Commit of the promotion's branch; empty where none was chosen.
    """

    result: str
    reason: str
    promotion: Promotion | None = None
    observed: Observed | None = None
    strategy: Strategy | None = None
    head_sha: str = ""
    pull: PullRequest | None = None

    @property
    def text(self) -> str:
        """Result and reason on one line."""
        where = f"#{self.pull.number}" if self.pull else ""
        return ": ".join(part for part in (self.result, self.reason or where) if part)


def report(outcome: Outcome, runner: Runner) -> None:
    """Set the outputs, and show the outcome as an annotation and a summary."""
    promotion, observed, pull = outcome.promotion, outcome.observed, outcome.pull
    runner.set_outputs(
        {
            "result": outcome.result,
            "reason": outcome.reason,
            "plan": outcome.strategy or "",
            "version": str(promotion.version) if promotion else "",
            "pr-number": str(pull.number) if pull else "",
            "pr-url": pull.url if pull else "",
            "head-sha": outcome.head_sha,
            "source-commit": observed.source_commit if observed else "",
            "expected-tree": observed.source_tree if observed else "",
        }
    )
    subject = f"{promotion.tag} to {promotion.target.name}" if promotion else "Nothing"
    level: Level = "warning" if outcome.result == "blocked" else "notice"
    runner.annotate(level, f"{subject}: {outcome.text}.", title="promote")
    runner.add_summary(_summary(outcome))


def _summary(outcome: Outcome) -> str:
    promotion = outcome.promotion
    if promotion is None:
        return f"### ⏭️ promote\n\n{escape(outcome.text)}\n"
    rows = [["from", escape(promotion.source.name)], ["to", escape(promotion.target.name)]]
    if outcome.pull:
        rows.append(["pull request", f"[#{outcome.pull.number}]({outcome.pull.url})"])
    if outcome.strategy:
        rows.append(["plan", escape(outcome.strategy)])
    heading = f"### ⏫ promote {code(promotion.tag)}"
    return f"{heading}\n\n{escape(outcome.text)}\n\n{table(['', ''], rows)}\n"
