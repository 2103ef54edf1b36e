"""Open the pull request that brings the target's own changes back to the source."""

from dataclasses import dataclass

from dist_actions.identity.secret import Secret
from dist_actions.promote.history.branch_commits import EMAIL
from dist_actions.promote.planning import back_merge_branch, back_merge_title
from dist_actions.promote.preparation import Preparation
from dist_actions.promote.pull_request.body import merge_body
from dist_actions.promote.pull_request.foreign_text import show_text
from dist_actions.promote.pull_request.proposing import Proposal, Warn, propose
from dist_actions.promote.pull_request.sections import list_commits
from dist_actions.services.github.merging import Merging
from dist_actions.services.github.pulls import PullRequest, PullRequests
from dist_actions.trailers.commit_messages import BACK_MERGED_FROM, read_back_merges
from dist_actions.trailers.pull_request_body import BEGIN, END


@dataclass(frozen=True)
class BackMerge:
    """The way back for the target's own changes, as it is and as it should be.

    Attributes:
        proposal: Its pull request.
        head_sha: A commit whose merge into the source's branch brings the own changes and nothing
            else.
        tip: The commit of its branch now; empty where there is none.
        reason: Why it is left alone; empty where it is not.
    """

    proposal: Proposal
    head_sha: str
    tip: str
    reason: str = ""

    @property
    def pushes(self) -> bool:
        """Tell whether its branch has to be set."""
        return not self.reason and self.tip != self.head_sha

    @property
    def is_needed(self) -> bool:
        """Tell whether anything has to be changed."""
        return not self.reason and (self.pushes or not self.proposal.up_to_date)


def plan_back_merge(
    prepared: Preparation, pulls: PullRequests, merging: Merging
) -> BackMerge | None:
    """Find out what is to be done about the target's own changes; None where it has none.

    Somebody who solved a conflict on its branch is not undone, and neither is one who closed it.
    """
    head_sha, promotion = prepared.make_back_merge(), prepared.promotion
    if not head_sha:
        return None
    branch, base = back_merge_branch(promotion), promotion.source.branch
    pull = pulls.find(branch, base)
    part = _write_part(prepared)
    is_open = pull is not None and pull.state == "open"
    body = merge_body(pull.body, part) if pull and is_open else part
    proposal = Proposal(branch, base, back_merge_title(promotion), body, pull)
    tip = prepared.clone.tip(branch)
    reason = _reason_to_leave(prepared, proposal, head_sha, tip, merging)
    return BackMerge(proposal, head_sha, tip, reason)


def open_back_merge(
    back: BackMerge, prepared: Preparation, pulls: PullRequests, token: Secret, warn: Warn
) -> PullRequest | None:
    """Set the branch and open or update the pull request; None where the source has it all."""
    if back.pushes:
        prepared.clone.push_branch(back.proposal.head, back.head_sha, back.tip, token)
    return propose(back.proposal, pulls, warn)[1]


def _reason_to_leave(
    prepared: Preparation, proposal: Proposal, head_sha: str, tip: str, merging: Merging
) -> str:
    pull = proposal.present
    if pull and pull.head_sha == head_sha and pull.state == "closed":
        return f"#{pull.number} would bring them back, and was closed without merging"
    if pull and pull.head_sha == head_sha and pull.state == "merged":
        return f"#{pull.number} brought them back, which no release holds yet"
    if tip and tip != head_sha and not _is_own_tip(prepared, tip, merging):
        place = f"#{pull.number}" if pull and pull.state == "open" else proposal.head
        return f"somebody else works on {place}, which brings them back"
    return ""


def _is_own_tip(prepared: Preparation, tip: str, merging: Merging) -> bool:
    """Tell whether a tip is the target's own commit, or one that we made of such a commit."""
    git, target = prepared.clone.git, prepared.observed.target_commit

    def in_target(sha: str) -> bool:
        exists = git.succeeds("cat-file", "-e", f"{sha}^{{commit}}")
        return exists and git.succeeds("merge-base", "--is-ancestor", sha, target)

    if in_target(tip):
        return True
    commit = merging.commit(tip)
    sources = read_back_merges(commit.message)
    return commit.committer == EMAIL and bool(sources) and in_target(sources[-1])


def _write_part(prepared: Preparation) -> str:
    """Write our part of the pull request's text."""
    target, source = (
        show_text(environment.name, 40)
        for environment in (prepared.promotion.target, prepared.promotion.source)
    )
    parts = [
        f"Brings back to {source} what was changed in {target} alone. Until it is merged and "
        f"released, what is promoted to {target} is not byte for byte what {source} released.",
        "**How to merge:** a merge commit or a squash. A conflict is solved on this branch; "
        "dist-actions then leaves it alone.",
        list_commits(prepared.observed.own_changes),
        f"{BACK_MERGED_FROM}: {prepared.observed.target_commit}\n{END}",
    ]
    return f"{BEGIN}\n" + "\n\n".join(part for part in parts if part)
