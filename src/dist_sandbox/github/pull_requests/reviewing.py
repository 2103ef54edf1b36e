"""Adds reviews to pull requests, by GitHub's rules of who may say what.

Spec: https://docs.github.com/rest/pulls/reviews#create-a-review-for-a-pull-request
"""

from dataclasses import dataclass

from dist_sandbox.github.access.principals import Principal
from dist_sandbox.github.pull_requests.events import announce_pull
from dist_sandbox.github.pull_requests.pulls import PullRequest
from dist_sandbox.github.pull_requests.reviews import APPROVED, CHANGES_REQUESTED, COMMENTED, Review
from dist_sandbox.github.render.pulls import render_review
from dist_sandbox.github.repository import Repository
from dist_sandbox.github.rest.errors import ApiError
from dist_sandbox.github.state import GitHub

_STATES = {"APPROVE": APPROVED, "REQUEST_CHANGES": CHANGES_REQUESTED, "COMMENT": COMMENTED}


@dataclass(frozen=True)
class Said:
    """What a reviewer says.

    Attributes:
        event: `APPROVE`, `REQUEST_CHANGES` or `COMMENT`.
        sha: The commit that was looked at; None for the head.
    """

    event: str
    body: str = ""
    sha: str | None = None


def add_review(
    github: GitHub, repository: Repository, pull: PullRequest, said: Said, by: Principal
) -> Review:
    """Add a review; whoever opened the pull request only comments.

    Raises:
        ApiError: 422 for an unknown event, and for who may not say this.
    """
    if said.event not in _STATES:
        text = f"{said.event} is not a member of {list(_STATES)}."
        raise ApiError(422, f"Invalid request.\n\n{text}")
    if said.event != "COMMENT" and by.account.login == pull.author.login:
        verb = "approve" if said.event == "APPROVE" else "request changes on"
        raise _refused(f"Can not {verb} your own pull request")
    if said.event == "APPROVE" and by.kind == "job" and not repository.actions_may_open_pulls:
        raise _refused("GitHub Actions is not permitted to approve pull requests.")
    review = Review(
        review_id=github.next_id(),
        author=by.account,
        state=_STATES[said.event],
        body=said.body,
        sha=said.sha or pull.head_sha,
        submitted_at=github.clock.now(),
    )
    pull.reviews.append(review)
    rendered = render_review(review, pull, repository, github)
    told = {"review": {**rendered, "state": review.state.lower()}}
    announce_pull(
        github, repository, pull, "submitted", by, name="pull_request_review", further=told
    )
    return review


def _refused(text: str) -> ApiError:
    return ApiError(422, "Unprocessable Entity", errors=[text])
