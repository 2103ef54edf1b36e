"""Operations on what reviewers say of pull requests, and on the files that these change.

Spec: https://docs.github.com/rest/pulls/reviews
"""

from flask import Response

from dist_sandbox.github.git.diffs import list_changes
from dist_sandbox.github.pull_requests.reviewing import Said, add_review
from dist_sandbox.github.render.pulls import render_review
from dist_sandbox.github.rest.calls import Call, find_pull, reply
from dist_sandbox.github.rest.operations import Operations
from dist_sandbox.github.rest.pagination import page_of, reply_page
from dist_sandbox.github.views.commits import render_change

operations = Operations()

_PULL = "/repos/{owner}/{repo}/pulls/{pull_number}"
#: Files that GitHub shows of one pull request. Source: the description of the operation.
_MAX_FILES = 3000


@operations.operation(f"GET {_PULL}/reviews")
def list_reviews(call: Call, pull_number: int) -> Response:
    """The reviews of a pull request, oldest first."""
    pull = find_pull(call, pull_number)
    page = page_of(call, pull.reviews)
    shown = [render_review(one, pull, call.repository, call.github) for one in page]
    return reply_page(call, shown, total=len(pull.reviews))


@operations.operation(f"POST {_PULL}/reviews")
def create_review(call: Call, pull_number: int) -> Response:
    """Approve, ask for changes or comment; whoever wrote it only comments."""
    pull = find_pull(call, pull_number)
    said = Said(call.required_text("event"), call.text("body") or "", call.text("commit_id"))
    review = add_review(call.github, call.repository, pull, said, call.principal)
    return reply(render_review(review, pull, call.repository, call.github))


@operations.operation(f"GET {_PULL}/files")
def list_files(call: Call, pull_number: int) -> Response:
    """The files that a pull request changes, compared with where it left the base."""
    pull, git = find_pull(call, pull_number), call.repository.git
    fork = git.git_or_none("merge-base", pull.base_sha, pull.head_sha) or pull.base_sha
    every = list_changes(git, fork, pull.head_sha)[:_MAX_FILES]
    shown = [render_change(call, one, pull.head_sha) for one in page_of(call, every)]
    return reply_page(call, shown, total=len(every))
