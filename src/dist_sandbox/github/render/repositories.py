"""The JSON of repositories."""

from typing import Any

from dist_sandbox.github.access.principals import Principal
from dist_sandbox.github.render.basics import node_id, render_account, timestamp
from dist_sandbox.github.state import Repository

#: Names of the fields that hold addresses below the repository's own, and what follows it.
_BELOW = {
    "archive_url": "/{archive_format}{/ref}",
    "assignees_url": "/assignees{/user}",
    "blobs_url": "/git/blobs{/sha}",
    "branches_url": "/branches{/branch}",
    "collaborators_url": "/collaborators{/collaborator}",
    "comments_url": "/comments{/number}",
    "commits_url": "/commits{/sha}",
    "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}",
    "contributors_url": "/contributors",
    "deployments_url": "/deployments",
    "downloads_url": "/downloads",
    "events_url": "/events",
    "forks_url": "/forks",
    "git_commits_url": "/git/commits{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "hooks_url": "/hooks",
    "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}",
    "keys_url": "/keys{/key_id}",
    "labels_url": "/labels{/name}",
    "languages_url": "/languages",
    "merges_url": "/merges",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}",
    "stargazers_url": "/stargazers",
    "statuses_url": "/statuses/{sha}",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "tags_url": "/tags",
    "teams_url": "/teams",
    "trees_url": "/git/trees{/sha}",
}

_COUNTS = (
    "forks",
    "forks_count",
    "network_count",
    "open_issues",
    "open_issues_count",
    "size",
    "stargazers_count",
    "subscribers_count",
    "watchers",
    "watchers_count",
)

#: Features that no repository of the sandbox has, and those that all have.
_OFF = (
    "allow_forking",
    "archived",
    "disabled",
    "fork",
    "has_discussions",
    "has_pages",
    "has_projects",
    "has_wiki",
    "is_template",
    "web_commit_signoff_required",
)
_ON = ("has_downloads", "has_issues")
_UNSET = ("description", "homepage", "language", "license", "mirror_url")


def render_repository(repository: Repository, caller: Principal | None = None) -> dict[str, Any]:
    """Render GitHub's `full-repository`, which holds every field of its shorter forms."""
    api, page = repository.api_url, repository.html_url
    host = repository.github.addresses.github_server.partition("://")[2]
    return {
        "id": repository.repository_id,
        "node_id": node_id("Repository", repository.repository_id),
        "name": repository.name,
        "full_name": repository.full_name,
        "owner": render_account(repository.owner, repository.github),
        "private": repository.private,
        "visibility": "private" if repository.private else "public",
        "html_url": page,
        "url": api,
        **{name: f"{api}{suffix}" for name, suffix in _BELOW.items()},
        "clone_url": f"{page}.git",
        "git_url": f"git://{host}/{repository.full_name}.git",
        "ssh_url": f"ssh://git@{host}/{repository.full_name}.git",
        "svn_url": page,
        "default_branch": repository.default_branch,
        **dict.fromkeys(_COUNTS, 0),
        **dict.fromkeys(_OFF, False),
        **dict.fromkeys(_ON, True),
        **dict.fromkeys(_UNSET),
        "topics": [],
        **_render_merging(repository, caller),
        "created_at": timestamp(repository.created_at),
        "updated_at": timestamp(repository.pushed_at or repository.created_at),
        "pushed_at": timestamp(repository.pushed_at or repository.created_at),
        "permissions": _permissions(caller),
    }


def _render_merging(repository: Repository, caller: Principal | None) -> dict[str, bool]:
    """Render what only those see who may change the contents; None is GitHub's own events."""
    if caller is not None and not caller.may("contents", "write"):
        return {}
    return {
        "allow_merge_commit": repository.merging.merge,
        "allow_squash_merge": repository.merging.squash,
        "allow_rebase_merge": repository.merging.rebase,
        "allow_auto_merge": repository.merging.auto_merge,
        "delete_branch_on_merge": repository.merging.delete_branch,
    }


def _permissions(caller: Principal | None) -> dict[str, bool]:
    """Tell what the caller may do, in the old words that GitHub shows with a repository."""
    admin = caller is not None and caller.kind == "user"
    writes = caller is not None and caller.may("contents", "write")
    reads = caller is not None and caller.may("contents", "read")
    return {"admin": admin, "maintain": admin, "push": writes, "triage": writes, "pull": reads}
