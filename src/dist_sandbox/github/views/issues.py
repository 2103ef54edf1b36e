"""Operations that GitHub keeps under issues, which pull requests are too."""

from typing import Any

from flask import Response

from dist_sandbox.github.pull_requests.pulls import Comment, Label, PullRequest
from dist_sandbox.github.render.pulls import render_comment, render_label
from dist_sandbox.github.render.webhooks import announce_pull
from dist_sandbox.github.rest.calls import Call, reply
from dist_sandbox.github.rest.errors import GitHubError, missing_value
from dist_sandbox.github.rest.operations import REPO, Operations

operations = Operations()

_ISSUE = f"{REPO}/issues/{{issue_number}}"
#: Characters of a body. Spec: error "body is too long (maximum is 65536 characters)".
_MAX_BODY = 65_536


@operations.operation(f"GET {_ISSUE}/comments", "issues=read; pull_requests=read")
def list_comments(call: Call, issue_number: int) -> Response:
    """List the comments on a pull request, oldest first."""
    pull = call.find_pull(issue_number)
    return reply([render_comment(comment, pull, call.repository) for comment in pull.comments])


@operations.operation(f"POST {_ISSUE}/comments", "issues=write; pull_requests=write")
def create_comment(call: Call, issue_number: int) -> Response:
    """Add a comment to a pull request."""
    pull, body = call.find_pull(issue_number), call.required_text("body")
    if len(body) > _MAX_BODY:
        raise GitHubError(422, f"body is too long (maximum is {_MAX_BODY} characters)")
    comment = Comment(call.github.next_id(), call.principal.account, body, call.now())
    pull.comments.append(comment)
    return reply(render_comment(comment, pull, call.repository), 201)


@operations.operation(f"GET {_ISSUE}/labels", "issues=read; pull_requests=read")
def list_labels(call: Call, issue_number: int) -> Response:
    """List the labels of a pull request."""
    return _reply_labels(call, call.find_pull(issue_number))


@operations.operation(f"POST {_ISSUE}/labels", "issues=write; pull_requests=write")
def add_labels(call: Call, issue_number: int) -> Response:
    """Add labels to a pull request; unknown ones are made."""
    pull = call.find_pull(issue_number)
    for name in _read_names(call):
        label = call.repository.labels.get(name.lower())
        if label is None:
            label = Label(call.github.next_id(), name)
            call.repository.labels[name.lower()] = label
        if label not in pull.labels:
            pull.labels.append(label)
            announce_pull(call.repository, pull, "labeled", call.principal)
    return _reply_labels(call, pull)


def _read_names(call: Call) -> list[str]:
    """Read names of labels: `{"labels": […]}`, or the list alone as PyGithub sends it."""
    document: Any = call.json()
    names = document.get("labels") if isinstance(document, dict) else document
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise missing_value("labels")
    return names


def _reply_labels(call: Call, pull: PullRequest) -> Response:
    return reply([render_label(label, call.repository) for label in pull.labels])
