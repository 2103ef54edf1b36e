"""Bring a decided promotion about on GitHub: what is right already is left alone.

All is read before, so that a run with nothing to do needs no token that may write. Of what is
written, each step can be found done by a rerun, and the merge comes last.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from dist_actions.abbreviation import short_sha
from dist_actions.identity.credentials import WriterCredentials, require_credentials
from dist_actions.promote.history.branch_commits import EMAIL
from dist_actions.promote.inputs import PromoteInputs
from dist_actions.promote.outcome import Outcome
from dist_actions.promote.preparation import Preparation
from dist_actions.promote.promotion import Commit, PromotionPlan
from dist_actions.promote.pull_request.back_merge import BackMerge, open_back_merge, plan_back_merge
from dist_actions.promote.pull_request.body import fill_template, merge_body
from dist_actions.promote.pull_request.merging import Merger
from dist_actions.promote.pull_request.proposing import Proposal, Warn, propose
from dist_actions.promote.pull_request.superseding import older_promotions, supersede
from dist_actions.services.github.client import GitHubClient
from dist_actions.services.github.merging import Merging
from dist_actions.services.github.pulls import PullRequest, PullRequests
from dist_actions.services.github.refusals import RefusedError
from dist_actions.services.github.session import GitHubSession, Writer
from dist_actions.trailers.commit_messages import FROM

#: The only input `mode` in which something is merged.
AUTO_MERGE = "auto-merge"


@dataclass(frozen=True)
class PendingChanges:
    """All that is to be changed: what is pushed, merged, superseded and brought back."""

    proposal: Proposal
    pushes: bool
    merges: bool
    older: tuple[PullRequest, ...] = ()
    back: BackMerge | None = None

    @property
    def is_needed(self) -> bool:
        """Tell whether there is anything to do."""
        back = self.back is not None and self.back.is_needed
        proposes = self.pushes or not self.proposal.up_to_date
        return proposes or self.merges or bool(self.older) or back

    @property
    def permissions(self) -> dict[str, str]:
        """List the permissions that these changes need."""
        writes = self.pushes or self.merges or self.older or (self.back and self.back.pushes)
        return {"pull_requests": "write", **({"contents": "write"} if writes else {})}


@dataclass(frozen=True)
class Execution:
    """Carries out one promotion.

    `job` is GitHub as the job's token sees it, for reading; `planned` is the outcome as far as it
    is decided; `body` is our part of the pull request's text.
    """

    session: GitHubSession
    job: GitHubClient
    inputs: PromoteInputs
    prepared: Preparation
    planned: Outcome
    plan: PromotionPlan
    body: str
    merger: Callable[[GitHubClient], Merger]
    warn: Warn

    def run(self) -> Outcome:
        """Carry it out, as far as nobody else stands in its way."""
        promotion = self.prepared.promotion
        head = self.prepared.clone.head(promotion)
        moved = head is None or head.sha != self.plan.head_sha
        if head and moved and not self._is_own_head(head):
            reason = f"somebody else pushed {short_sha(head.sha)} to its branch"
            return replace(self.planned, result="blocked", reason=reason)
        pulls = PullRequests(self.job)
        pull = pulls.find(promotion.branch, promotion.target.branch)
        if pull and pull.state == "closed":
            reason = f"#{pull.number} was closed without merging"
            return replace(self.planned, result="blocked", reason=reason, pull=pull)
        return self._act(self._plan_changes(pull, moved, pulls), pull)

    def _is_own_head(self, head: Commit) -> bool:
        """Tell whether we made the branch's tip; who amends a commit becomes its committer."""
        if self.prepared.is_own_head(head):
            return True
        committer = self.prepared.clone.git.run("show", "-s", "--format=%ce", head.sha)
        source = self.prepared.observed.source_commit
        return committer == EMAIL and f"\n{FROM}: {source}\n" in head.message

    def _plan_changes(
        self, pull: PullRequest | None, pushes: bool, pulls: PullRequests
    ) -> PendingChanges:
        promotion, observed = self.prepared.promotion, self.prepared.observed
        is_open = pull is not None and pull.state == "open"
        body = self._new_body()
        if pull and is_open:
            body = merge_body(pull.body, self.body)
        proposal = Proposal(
            head=promotion.branch,
            base=promotion.target.branch,
            title=promotion.title,
            body=body,
            present=pull,
            labels=self.inputs.labels,
            reviewers=self.inputs.reviewers,
            draft=self.inputs.draft,
        )
        merges = self.inputs.mode == AUTO_MERGE
        if merges and pull and is_open and not pushes:
            merges = not self.merger(self.job).is_queued(pull)
        older = older_promotions(pulls.open_into(promotion.target.branch), promotion, observed)
        back = plan_back_merge(self.prepared, pulls, Merging(self.job))
        return PendingChanges(proposal, pushes, merges, older, back)

    def _new_body(self) -> str:
        return fill_template(self.inputs.body_template, self.prepared.promotion, self.body)

    def _act(self, changes: PendingChanges, pull: PullRequest | None) -> Outcome:
        planned = replace(self.planned, back=changes.back, pull=pull)
        if not changes.is_needed and pull:
            if self.inputs.mode == AUTO_MERGE:
                return replace(planned, result="armed", reason=f"#{pull.number} is armed already")
            return replace(planned, result="nothing", reason=f"#{pull.number} is up to date")
        if self.inputs.dry_run or self.inputs.mode == "plan":
            return replace(planned, result="nothing", reason="this run only plans")
        credentials = self.inputs.credentials
        require_credentials(credentials, "open pull requests")
        outcome = self.session.write(
            credentials, changes.permissions, lambda writer: self._write(writer, changes, planned)
        )
        self._warn_of_job_token(credentials, outcome)
        return outcome

    def _write(self, writer: Writer, changes: PendingChanges, planned: Outcome) -> Outcome:
        prepared, pulls = self.prepared, PullRequests(writer.client)
        if changes.pushes:
            prepared.clone.push(self.plan.head_sha, prepared.promotion, writer.token)
        result, pull = propose(changes.proposal, pulls, self.warn)
        if pull is None:
            reason = "the target holds this commit by now"
            return replace(planned, result="nothing", reason=reason, pull=None)
        if result == "nothing" and changes.pushes:
            result = "updated"
        reason = f"#{pull.number} is up to date" if result == "nothing" else ""
        outcome = replace(planned, result=result, reason=reason, pull=pull)
        merging = Merging(writer.client)
        if changes.back and changes.back.is_needed:
            back = open_back_merge(changes.back, prepared, pulls, writer.token, self.warn)
            outcome = replace(outcome, back_pull=back)
        if self.inputs.mode == AUTO_MERGE and not changes.merges:
            outcome = replace(outcome, result="armed", reason=f"#{pull.number} is armed already")
        for old in changes.older:
            self._supersede(old, pull, pulls, merging)
            outcome = replace(outcome, superseded=(*outcome.superseded, old.number))
        if changes.merges:
            head = replace(pull, head_sha=self.plan.head_sha)
            merge_result, reason = self.merger(writer.client).merge(head)
            return replace(outcome, result=merge_result, reason=reason)
        return outcome

    def _supersede(
        self, old: PullRequest, new: PullRequest, pulls: PullRequests, merging: Merging
    ) -> None:
        try:
            supersede(old, new, self.prepared.observed, pulls, merging)
        except RefusedError as error:
            pulls.close(old)
            self.warn(f"The branch {old.head} could not be deleted: {error.message}.")

    def _warn_of_job_token(self, credentials: WriterCredentials, outcome: Outcome) -> None:
        if not credentials.job_token:
            return
        if outcome.result in {"merged", "armed"}:
            self.warn(
                "The job's own token merges it, whose events start no workflow: nothing is tagged "
                f"or released in {self.prepared.promotion.target.name} by itself. "
                "Fix: give a GitHub App's client-id and private-key."
            )
        elif outcome.result == "created":
            self.warn(
                "The pull request was opened with the job's own token, whose events start no "
                "workflow, its checks neither. Fix: give a GitHub App's client-id and private-key."
            )
