"""Opens the pull request that brings the target's own changes back to the source."""

from dataclasses import dataclass

from dist_actions.errors import PromotionError
from dist_actions.identity.secret import Secret
from dist_actions.markdown import code
from dist_actions.promote.history.branch_commits import EMAIL
from dist_actions.promote.preparation import Preparation
from dist_actions.promote.promotion import BackMerge, Commit, Plan, Promotion
from dist_actions.promote.pull_request.body import merged_body
from dist_actions.promote.pull_request.foreign_text import shown
from dist_actions.promote.pull_request.proposing import Proposal, Warn, propose
from dist_actions.services.github.merging import Merging
from dist_actions.services.github.pulls import PullRequest, PullRequests
from dist_actions.trailers.commit_messages import BACK_MERGED_FROM
from dist_actions.trailers.pull_request_body import BEGIN, END

TRAILER = f"{BACK_MERGED_FROM}: "
_LISTED = 50
_SUBJECT_CHARACTERS = 200


@dataclass(frozen=True)
class BackMerging:
    """The way back as it is, and as it should be.

    Attributes:
        tip: The commit of its branch now; empty where there is none.
        reason: Why it is left alone; empty where it is not.
    """

    back: BackMerge
    proposal: Proposal
    tip: str
    reason: str = ""

    @property
    def pushes(self) -> bool:
        """Whether its branch has to be set."""
        return not self.reason and self.tip != self.back.head_sha

    @property
    def is_needed(self) -> bool:
        """Whether anything has to be changed."""
        return not self.reason and (self.pushes or not self.proposal.up_to_date)


def refuse_own_changes_left(promotion: Promotion, plan: Plan) -> None:
    """Stop where the target has changes of its own, because the workflow asks for that.

    Raises:
        PromotionError: It has.
    """
    if not plan.own_changes:
        return
    listed = "; ".join(f"{one.sha[:7]} {one.subject}" for one in plan.own_changes[:_LISTED])
    target, source = promotion.target.branch, promotion.source.branch
    raise PromotionError(
        f"{target} has changes of its own: {listed}.",
        why=f"they were never on {source}, and on-own-changes is fail.",
        fix=f"merge {target} into {source}, release, and promote that version; or set "
        "on-own-changes to back-merge-pr, which keeps them and opens that pull request.",
        anchor="own-changes",
    )


def look_back(prepared: Preparation, pulls: PullRequests, merging: Merging) -> BackMerging | None:
    """What is to be done about the target's own changes; None where it has none.

    Somebody who solved a conflict on its branch is not undone, and neither is one who closed it.
    """
    back = prepared.back_merge()
    if back is None:
        return None
    pull = pulls.find(back.branch, back.base)
    ours = _body(prepared, back)
    is_open = pull is not None and pull.state == "open"
    body = merged_body(pull.body, ours) if pull and is_open else ours
    proposal = Proposal(back.branch, back.base, back.title, body, pull)
    tip = prepared.histories.tip(back.branch)
    return BackMerging(back, proposal, tip, _reason(prepared, back, pull, tip, merging))


def bring_back(
    wanted: BackMerging, prepared: Preparation, pulls: PullRequests, token: Secret, warn: Warn
) -> PullRequest | None:
    """Set the branch and open or update the pull request; None where the source has it all."""
    if wanted.pushes:
        prepared.histories.push_branch(wanted.back.branch, wanted.back.head_sha, wanted.tip, token)
    return propose(wanted.proposal, pulls, warn)[1]


def _reason(
    prepared: Preparation,
    back: BackMerge,
    pull: PullRequest | None,
    tip: str,
    merging: Merging,
) -> str:
    if pull and pull.head_sha == back.head_sha and pull.state == "closed":
        return f"#{pull.number} would bring them back, and was closed without merging"
    if pull and pull.head_sha == back.head_sha and pull.state == "merged":
        return f"#{pull.number} brought them back, which no release holds yet"
    if tip and tip != back.head_sha and not _is_our_work(prepared, tip, merging):
        where = f"#{pull.number}" if pull and pull.state == "open" else back.branch
        return f"somebody else works on {where}, which brings them back"
    return ""


def _is_our_work(prepared: Preparation, tip: str, merging: Merging) -> bool:
    """Whether a tip is the target's own commit, or one that we made of such a commit."""
    git, target = prepared.histories.git, prepared.observed.target_commit

    def in_target(sha: str) -> bool:
        known = git.succeeds("cat-file", "-e", f"{sha}^{{commit}}")
        return known and git.succeeds("merge-base", "--is-ancestor", sha, target)

    if in_target(tip):
        return True
    commit = merging.commit(tip)
    lines = [line for line in commit.message.splitlines() if line.startswith(TRAILER)]
    source = lines[-1].removeprefix(TRAILER).strip() if lines else ""
    return commit.committer == EMAIL and bool(source) and in_target(source)


def _body(prepared: Preparation, back: BackMerge) -> str:
    promotion, target = prepared.promotion, prepared.observed.target_commit
    here, there = (shown(one.name, 40) for one in (promotion.target, promotion.source))
    listed = [_entry(one) for one in back.commits[:_LISTED]]
    more = len(back.commits) - len(listed)
    parts = [
        f"Brings back to {there} what was changed in {here} alone. Until it is merged and "
        f"released, what is promoted to {here} is not byte for byte what {there} released.",
        "**How to merge:** a merge commit or a squash. A conflict is solved on this branch; "
        "dist-actions then leaves it alone.",
        "\n".join([*listed, *([f"- and {more} more"] if more > 0 else [])]),
        f"{TRAILER}{target}\n{END}",
    ]
    return f"{BEGIN}\n" + "\n\n".join(part for part in parts if part)


def _entry(commit: Commit) -> str:
    return f"- {code(commit.sha[:7])} {shown(commit.subject, _SUBJECT_CHARACTERS)}"
