"""Brings a decided promotion about on GitHub: what is right already is left alone.

All is read before, so that a run with nothing to do needs no token that may write. Of what is
written, each step can be found done by a rerun, and the merge comes last.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from dist_actions.identity.credentials import WriterCredentials, require_credentials
from dist_actions.promote.history.branch_commits import EMAIL
from dist_actions.promote.inputs import Inputs
from dist_actions.promote.outcome import Outcome
from dist_actions.promote.preparation import Preparation
from dist_actions.promote.promotion import Commit
from dist_actions.promote.pull_request.back_merge import BackMerging, bring_back, look_back
from dist_actions.promote.pull_request.body import from_template, merged_body
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
class Intent:
    """All that is to be changed.

    Attributes:
        pushes: Whether the promotion's branch has to be set.
        merges: Whether the pull request is to be merged, or armed.
        older: Promotions that this one supersedes.
        back: The way back for the target's own changes; None where it has none.
    """

    proposal: Proposal
    pushes: bool
    merges: bool
    older: tuple[PullRequest, ...] = ()
    back: BackMerging | None = None

    @property
    def changes_anything(self) -> bool:
        """Whether there is anything to do."""
        back = self.back is not None and self.back.is_needed
        proposes = self.pushes or not self.proposal.up_to_date
        return proposes or self.merges or bool(self.older) or back

    @property
    def permissions(self) -> dict[str, str]:
        """All that a token needs for it."""
        writes = self.pushes or self.merges or self.older or (self.back and self.back.pushes)
        return {"pull_requests": "write", **({"contents": "write"} if writes else {})}


@dataclass(frozen=True)
class Execution:
    """Carries out one promotion.

    Attributes:
        job: GitHub as the job's token sees it, for reading.
        merger: Makes of a client what merges; None where nothing is merged.
        planned: The outcome as far as it is decided.
        body: Our part of the pull request's text.
    """

    session: GitHubSession
    job: GitHubClient
    inputs: Inputs
    prepared: Preparation
    planned: Outcome
    body: str
    merger: Callable[[GitHubClient], Merger]
    warn: Warn

    def run(self) -> Outcome:
        """Do it."""
        plan, promotion = self.planned.plan, self.prepared.promotion
        if plan is None:
            raise ValueError("only what has a plan is carried out")
        head = self.prepared.head()
        moved = head is None or head.sha != plan.head_sha
        if head and moved and not self._is_our_work(head):
            reason = f"somebody else pushed {head.sha[:7]} to its branch"
            return replace(self.planned, result="blocked", reason=reason)
        pulls = PullRequests(self.job)
        pull = pulls.find(promotion.branch, promotion.target.branch)
        if pull and pull.state == "closed":
            reason = f"#{pull.number} was closed without merging"
            return replace(self.planned, result="blocked", reason=reason, pull=pull)
        return self._act(self._intend(pull, moved, pulls), pull)

    def _is_our_work(self, head: Commit) -> bool:
        """Whether a branch's tip is a commit that we made; who amends one becomes its committer."""
        if self.prepared.is_ours(head):
            return True
        committer = self.prepared.histories.git.run("show", "-s", "--format=%ce", head.sha)
        source = self.prepared.observed.source_commit
        return committer == EMAIL and f"\n{FROM}: {source}\n" in head.message

    def _intend(self, pull: PullRequest | None, pushes: bool, pulls: PullRequests) -> Intent:
        promotion, observed = self.prepared.promotion, self.prepared.observed
        is_open = pull is not None and pull.state == "open"
        body = merged_body(pull.body, self.body) if pull and is_open else self._new_body()
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
        back = look_back(self.prepared, pulls, Merging(self.job))
        return Intent(proposal, pushes, merges, older, back)

    def _new_body(self) -> str:
        return from_template(self.inputs.body_template, self.prepared.promotion, self.body)

    def _act(self, intent: Intent, pull: PullRequest | None) -> Outcome:
        planned = replace(self.planned, back=intent.back, pull=pull)
        if not intent.changes_anything and pull:
            if self.inputs.mode == AUTO_MERGE:
                return replace(planned, result="armed", reason=f"#{pull.number} is armed already")
            return replace(planned, result="nothing", reason=f"#{pull.number} is up to date")
        if self.inputs.dry_run or self.inputs.mode == "plan":
            return replace(planned, result="nothing", reason="this run only plans")
        credentials = self.inputs.credentials
        require_credentials(credentials, "open pull requests")
        outcome = self.session.write(
            credentials, intent.permissions, lambda writer: self._write(writer, intent, planned)
        )
        self._warn_of_job_token(credentials, outcome)
        return outcome

    def _write(self, writer: Writer, intent: Intent, planned: Outcome) -> Outcome:
        plan, promotion = planned.plan, self.prepared.promotion
        if plan is None:
            raise ValueError("only what has a plan is carried out")
        histories, pulls = self.prepared.histories, PullRequests(writer.client)
        if intent.pushes:
            histories.push(plan.head_sha, promotion, writer.token)
        done, pull = propose(intent.proposal, pulls, self.warn)
        if pull is None:
            reason = "the target holds this commit by now"
            return replace(planned, result="nothing", reason=reason, pull=None)
        done = "updated" if done == "nothing" and intent.pushes else done
        reason = f"#{pull.number} is up to date" if done == "nothing" else ""
        outcome = replace(planned, result=done, reason=reason, pull=pull)
        merging = Merging(writer.client)
        if intent.back and intent.back.is_needed:
            back = bring_back(intent.back, self.prepared, pulls, writer.token, self.warn)
            outcome = replace(outcome, back_pull=back)
        if self.inputs.mode == AUTO_MERGE and not intent.merges:
            outcome = replace(outcome, result="armed", reason=f"#{pull.number} is armed already")
        for old in intent.older:
            outcome = self._supersede(old, outcome, pulls, merging)
        if intent.merges:
            merged = self.merger(writer.client).merge(replace(pull, head_sha=plan.head_sha))
            return replace(outcome, result=merged.result, reason=merged.reason)
        return outcome

    def _supersede(
        self, old: PullRequest, outcome: Outcome, pulls: PullRequests, merging: Merging
    ) -> Outcome:
        if outcome.pull is None:
            raise ValueError("there is a newer pull request")
        try:
            supersede(old, outcome.pull, self.prepared.observed, pulls, merging)
        except RefusedError as error:
            pulls.close(old)
            self.warn(f"The branch {old.head} could not be deleted: {error.message}.")
        return replace(outcome, superseded=(*outcome.superseded, old.number))

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
