"""Add reviews to pull requests, by GitHub's rules of who may say what.

Spec: https://docs.github.com/rest/pulls/reviews#create-a-review-for-a-pull-request
"""

from dataclasses import dataclass

from dist_sandbox.github.access.principals import Principal
from dist_sandbox.github.pull_requests.pulls import (
    APPROVED,
    CHANGES_REQUESTED,
    COMMENTED,
    PullRequest,
    Review,
)
from dist_sandbox.github.render.pulls import render_review
from dist_sandbox.github.render.webhooks import announce_pull
from dist_sandbox.github.rest.errors import GitHubError, not_a_member
from dist_sandbox.github.state import Repository

_STATES = {"APPROVE": APPROVED, "REQUEST_CHANGES": CHANGES_REQUESTED, "COMMENT": COMMENTED}


@dataclass(frozen=True)
class ReviewSubmission:
    """What a reviewer says: `APPROVE`, `REQUEST_CHANGES` or `COMMENT`, of a commit or the head."""

    event: str
    body: str = ""
    sha: str | None = None


def add_review(
    repository: Repository, pull: PullRequest, submission: ReviewSubmission, by: Principal
) -> Review:
    """Add a review; whoever opened the pull request only comments.

    Raises:
        GitHubError: 422 for an unknown event, and for who may not say this.
    """
    if submission.event not in _STATES:
        raise not_a_member(submission.event, _STATES)
    if submission.event != "COMMENT" and by.account.login == pull.author.login:
        verb = "approve" if submission.event == "APPROVE" else "request changes on"
        raise _refused(f"Can not {verb} your own pull request")
    if submission.event == "APPROVE" and by.kind == "job" and not repository.actions_may_open_pulls:
        raise _refused("GitHub Actions is not permitted to approve pull requests.")
    review = Review(
        review_id=repository.github.next_id(),
        author=by.account,
        state=_STATES[submission.event],
        body=submission.body,
        sha=submission.sha or pull.head_sha,
        submitted_at=repository.github.clock.now(),
    )
    pull.reviews.append(review)
    body = {**render_review(review, pull, repository), "state": review.state.lower()}
    announce_pull(
        repository, pull, "submitted", by, name="pull_request_review", further={"review": body}
    )
    return review


def _refused(text: str) -> GitHubError:
    return GitHubError(422, "Unprocessable Entity", errors=[text])
