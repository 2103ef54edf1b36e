"""The JSON of pull requests, their labels and comments."""

from typing import Any

from dist_sandbox.github.git.objects import commits_between
from dist_sandbox.github.pull_requests.pulls import AutoMerge, Comment, Label, PullRequest
from dist_sandbox.github.pull_requests.reviews import Review
from dist_sandbox.github.render.basics import (
    node_id,
    optional_timestamp,
    render_account,
    repository_api,
    repository_page,
    timestamp,
)
from dist_sandbox.github.render.repositories import render_repository
from dist_sandbox.github.repository import Repository
from dist_sandbox.github.state import GitHub


def render_pull(pull: PullRequest, repository: Repository, github: GitHub) -> dict[str, Any]:
    """GitHub's `pull-request-simple`."""
    addresses = github.addresses
    return {
        "id": pull.pull_id,
        "node_id": node_id("PullRequest", pull.pull_id),
        **_render_links(pull, repository, github),
        "number": pull.number,
        "state": pull.state,
        "locked": False,
        "title": pull.title,
        "user": render_account(pull.author, addresses),
        "body": pull.body,
        "labels": [render_label(label, repository, github) for label in pull.labels],
        "milestone": None,
        "created_at": timestamp(pull.created_at),
        "updated_at": timestamp(pull.updated_at),
        "closed_at": optional_timestamp(pull.closed_at),
        "merged_at": optional_timestamp(pull.merged_at),
        "merge_commit_sha": pull.merge_commit_sha,
        "assignee": None,
        "assignees": [],
        "requested_reviewers": [render_account(one, addresses) for one in pull.reviewers],
        "requested_teams": [],
        "head": _render_end(pull.head, pull.head_sha, repository, github),
        "base": _render_end(pull.base, pull.base_sha, repository, github),
        "author_association": "NONE" if pull.author.kind == "Bot" else "MEMBER",
        "auto_merge": _render_auto_merge(pull.auto_merge, pull, github),
        "active_lock_reason": None,
        "draft": pull.draft,
        "merged": pull.merged,
    }


def _render_links(pull: PullRequest, repository: Repository, github: GitHub) -> dict[str, Any]:
    """The addresses around a pull request, which GitHub tells twice."""
    api = repository_api(repository, github.addresses)
    page = f"{repository_page(repository, github.addresses)}/pull/{pull.number}"
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
    pull: PullRequest,
    repository: Repository,
    github: GitHub,
    *,
    mergeable: bool | None,
    state: str,
) -> dict[str, Any]:
    """GitHub's `pull-request`.

    Args:
        mergeable: None where it is still being computed, and for closed ones.
        state: GitHub's `mergeable_state`.
    """
    commits = commits_between(repository.git, pull.base_sha, pull.head_sha)
    changed = _count_changes(repository, pull)
    merged_by = None if pull.merged_by is None else render_account(pull.merged_by, github.addresses)
    return {
        **render_pull(pull, repository, github),
        "mergeable": mergeable,
        "rebaseable": mergeable,
        "mergeable_state": state,
        "merged_by": merged_by,
        "comments": len(pull.comments),
        "review_comments": 0,
        "maintainer_can_modify": False,
        "commits": len(commits),
        **changed,
    }


def _render_auto_merge(
    armed: AutoMerge | None, pull: PullRequest, github: GitHub
) -> dict[str, Any] | None:
    if armed is None:
        return None
    return {
        "enabled_by": render_account(armed.principal.account, github.addresses),
        "merge_method": armed.method,
        "commit_title": armed.title or pull.title,
        "commit_message": armed.message or "",
    }


def render_review(
    review: Review, pull: PullRequest, repository: Repository, github: GitHub
) -> dict[str, Any]:
    """GitHub's `pull-request-review`."""
    api = repository_api(repository, github.addresses)
    page = f"{repository_page(repository, github.addresses)}/pull/{pull.number}"
    html = f"{page}#pullrequestreview-{review.review_id}"
    url = f"{api}/pulls/{pull.number}"
    return {
        "id": review.review_id,
        "node_id": node_id("PullRequestReview", review.review_id),
        "user": render_account(review.author, github.addresses),
        "body": review.body,
        "state": review.state,
        "html_url": html,
        "pull_request_url": url,
        "_links": {"html": {"href": html}, "pull_request": {"href": url}},
        "submitted_at": timestamp(review.submitted_at),
        "commit_id": review.sha,
        "author_association": "NONE" if review.author.kind == "Bot" else "MEMBER",
    }


def render_label(label: Label, repository: Repository, github: GitHub) -> dict[str, Any]:
    """GitHub's `label`."""
    api = repository_api(repository, github.addresses)
    return {
        "id": label.label_id,
        "node_id": node_id("Label", label.label_id),
        "url": f"{api}/labels/{label.name}",
        "name": label.name,
        "description": "",
        "color": "ededed",
        "default": False,
    }


def render_comment(
    comment: Comment, pull: PullRequest, repository: Repository, github: GitHub
) -> dict[str, Any]:
    """GitHub's `issue-comment`."""
    api = repository_api(repository, github.addresses)
    page = repository_page(repository, github.addresses)
    return {
        "id": comment.comment_id,
        "node_id": node_id("IssueComment", comment.comment_id),
        "url": f"{api}/issues/comments/{comment.comment_id}",
        "html_url": f"{page}/pull/{pull.number}#issuecomment-{comment.comment_id}",
        "issue_url": f"{api}/issues/{pull.number}",
        "user": render_account(comment.author, github.addresses),
        "body": comment.body,
        "created_at": timestamp(comment.created_at),
        "updated_at": timestamp(comment.created_at),
        "author_association": "NONE" if comment.author.kind == "Bot" else "MEMBER",
        "performed_via_github_app": None,
    }


def _render_end(branch: str, sha: str, repository: Repository, github: GitHub) -> dict[str, Any]:
    return {
        "label": f"{repository.owner.login}:{branch}",
        "ref": branch,
        "sha": sha,
        "user": render_account(repository.owner, github.addresses),
        "repo": render_repository(repository, github.addresses),
    }


def _count_changes(repository: Repository, pull: PullRequest) -> dict[str, int]:
    """Files and lines that differ between the merge base and the head."""
    printed = repository.git.git_or_none(
        "diff", "--numstat", "--no-renames", f"{pull.base_sha}...{pull.head_sha}", "--"
    )
    rows = [line.split("\t") for line in (printed or "").splitlines()]
    return {
        "additions": sum(int(row[0]) for row in rows if row[0].isdigit()),
        "deletions": sum(int(row[1]) for row in rows if row[1].isdigit()),
        "changed_files": len(rows),
    }
