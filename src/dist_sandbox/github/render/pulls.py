"""The JSON of pull requests, their labels and comments."""

from typing import Any

from dist_sandbox.github.git.objects import commits_between
from dist_sandbox.github.pull_requests.mergeability import merge_state
from dist_sandbox.github.pull_requests.pulls import AutoMerge, Comment, Label, PullRequest, Review
from dist_sandbox.github.render.basics import (
    association,
    node_id,
    optional_timestamp,
    render_account,
    timestamp,
)
from dist_sandbox.github.render.repositories import render_repository
from dist_sandbox.github.state import GitHub, Repository


def render_pull(pull: PullRequest, repository: Repository) -> dict[str, Any]:
    """Render GitHub's `pull-request-simple`."""
    github = repository.github
    return {
        "id": pull.pull_id,
        "node_id": node_id("PullRequest", pull.pull_id),
        **_render_links(pull, repository),
        "number": pull.number,
        "state": pull.state,
        "locked": False,
        "title": pull.title,
        "user": render_account(pull.author, github),
        "body": pull.body,
        "labels": [render_label(label, repository) for label in pull.labels],
        "milestone": None,
        "created_at": timestamp(pull.created_at),
        "updated_at": timestamp(pull.updated_at),
        "closed_at": optional_timestamp(pull.closed_at),
        "merged_at": optional_timestamp(pull.merged_at),
        "merge_commit_sha": pull.merge_commit_sha,
        "assignee": None,
        "assignees": [],
        "requested_reviewers": [render_account(reviewer, github) for reviewer in pull.reviewers],
        "requested_teams": [],
        "head": _render_end(pull.head, pull.head_sha, repository),
        "base": _render_end(pull.base, pull.base_sha, repository),
        "author_association": association(pull.author),
        "auto_merge": _render_auto_merge(pull.auto_merge, pull, github),
        "active_lock_reason": None,
        "draft": pull.draft,
        "merged": pull.merged,
    }


def _render_links(pull: PullRequest, repository: Repository) -> dict[str, Any]:
    """Render the addresses around a pull request, which GitHub shows twice."""
    api = repository.api_url
    page = f"{repository.html_url}/pull/{pull.number}"
    url, issue = f"{api}/pulls/{pull.number}", f"{api}/issues/{pull.number}"
    links = {
        "html": page,
        "issue": issue,
        "commits": f"{url}/commits",
        "review_comments": f"{url}/comments",
        "review_comment": f"{api}/pulls/comments{{/number}}",
        "comments": f"{issue}/comments",
        "statuses": f"{api}/statuses/{pull.head_sha}",
    }
    return {
        "url": url,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        **{f"{name}_url": address for name, address in links.items()},
        "_links": {
            "self": {"href": url},
            **{name: {"href": address} for name, address in links.items()},
        },
    }


def render_full_pull(
    pull: PullRequest, repository: Repository, *, mergeable: bool | None = None
) -> dict[str, Any]:
    """Render GitHub's `pull-request`.

    Args:
        mergeable: None where it is still being computed, and for closed ones.
    """
    merger = pull.merged_by
    commits = commits_between(repository.git, pull.base_sha, pull.head_sha)
    return {
        **render_pull(pull, repository),
        "mergeable": mergeable,
        "rebaseable": mergeable,
        "mergeable_state": merge_state(repository, pull, mergeable),
        "merged_by": None if merger is None else render_account(merger, repository.github),
        "comments": len(pull.comments),
        "review_comments": 0,
        "maintainer_can_modify": False,
        "commits": len(commits),
        **_count_changes(repository, pull),
    }


def _render_auto_merge(
    armed: AutoMerge | None, pull: PullRequest, github: GitHub
) -> dict[str, Any] | None:
    if armed is None:
        return None
    return {
        "enabled_by": render_account(armed.principal.account, github),
        "merge_method": armed.method,
        "commit_title": armed.title or pull.title,
        "commit_message": armed.message or "",
    }


def render_review(review: Review, pull: PullRequest, repository: Repository) -> dict[str, Any]:
    """Render GitHub's `pull-request-review`."""
    page = f"{repository.html_url}/pull/{pull.number}"
    html = f"{page}#pullrequestreview-{review.review_id}"
    url = f"{repository.api_url}/pulls/{pull.number}"
    return {
        "id": review.review_id,
        "node_id": node_id("PullRequestReview", review.review_id),
        "user": render_account(review.author, repository.github),
        "body": review.body,
        "state": review.state,
        "html_url": html,
        "pull_request_url": url,
        "_links": {"html": {"href": html}, "pull_request": {"href": url}},
        "submitted_at": timestamp(review.submitted_at),
        "commit_id": review.sha,
        "author_association": association(review.author),
    }


def render_label(label: Label, repository: Repository) -> dict[str, Any]:
    """Render GitHub's `label`."""
    return {
        "id": label.label_id,
        "node_id": node_id("Label", label.label_id),
        "url": f"{repository.api_url}/labels/{label.name}",
        "name": label.name,
        "description": "",
        "color": "ededed",
        "default": False,
    }


def render_comment(comment: Comment, pull: PullRequest, repository: Repository) -> dict[str, Any]:
    """Render GitHub's `issue-comment`."""
    return {
        "id": comment.comment_id,
        "node_id": node_id("IssueComment", comment.comment_id),
        "url": f"{repository.api_url}/issues/comments/{comment.comment_id}",
        "html_url": f"{repository.html_url}/pull/{pull.number}#issuecomment-{comment.comment_id}",
        "issue_url": f"{repository.api_url}/issues/{pull.number}",
        "user": render_account(comment.author, repository.github),
        "body": comment.body,
        "created_at": timestamp(comment.created_at),
        "updated_at": timestamp(comment.created_at),
        "author_association": association(comment.author),
        "performed_via_github_app": None,
    }


def _render_end(branch: str, sha: str, repository: Repository) -> dict[str, Any]:
    return {
        "label": f"{repository.owner.login}:{branch}",
        "ref": branch,
        "sha": sha,
        "user": render_account(repository.owner, repository.github),
        "repo": render_repository(repository),
    }


def _count_changes(repository: Repository, pull: PullRequest) -> dict[str, int]:
    """Count the files and lines that differ between the merge base and the head."""
    printed = repository.git.git_or_none(
        "diff", "--numstat", "--no-renames", f"{pull.base_sha}...{pull.head_sha}", "--"
    )
    rows = [line.split("\t") for line in (printed or "").splitlines()]
    return {
        "additions": sum(int(row[0]) for row in rows if row[0].isdigit()),
        "deletions": sum(int(row[1]) for row in rows if row[1].isdigit()),
        "changed_files": len(rows),
    }
