"""The JSON of refs, tags and commits."""

from typing import Any

from dist_sandbox.github.access.accounts import WEB_FLOW
from dist_sandbox.github.git.bare_repository import Ref
from dist_sandbox.github.git.objects import Commit, Signature, TagObject
from dist_sandbox.github.render.basics import node_id, render_account, timestamp
from dist_sandbox.github.state import GitHub, Repository

_UNSIGNED = {
    "verified": False,
    "reason": "unsigned",
    "signature": None,
    "payload": None,
    "verified_at": None,
}


def render_ref(ref: Ref, repository: Repository) -> dict[str, Any]:
    """Render GitHub's `git-ref`."""
    return {
        "ref": ref.name,
        "node_id": node_id("Ref", f"{repository.repository_id}:{ref.name}"),
        "url": f"{repository.api_url}/git/{ref.name}",
        "object": {
            "type": ref.object_type,
            "sha": ref.sha,
            "url": f"{repository.api_url}/git/{ref.object_type}s/{ref.sha}",
        },
    }


def render_tag_object(tag: TagObject, repository: Repository) -> dict[str, Any]:
    """Render GitHub's `git-tag`: the object of an annotated tag."""
    return {
        "node_id": node_id("Tag", tag.sha),
        "sha": tag.sha,
        "url": f"{repository.api_url}/git/tags/{tag.sha}",
        "tag": tag.name,
        "message": tag.message,
        "tagger": _render_signature(tag.tagger),
        "object": {
            "type": tag.object_type,
            "sha": tag.object_sha,
            "url": f"{repository.api_url}/git/{tag.object_type}s/{tag.object_sha}",
        },
        "verification": _UNSIGNED,
    }


def render_tag(ref: Ref, repository: Repository) -> dict[str, Any]:
    """Render GitHub's `tag`: a row of the list of tags."""
    api = repository.api_url
    name = ref.name.removeprefix("refs/tags/")
    return {
        "name": name,
        "node_id": node_id("Ref", f"{repository.repository_id}:{ref.name}"),
        "commit": {"sha": ref.commit_sha, "url": f"{api}/commits/{ref.commit_sha}"},
        "zipball_url": f"{api}/zipball/{ref.name}",
        "tarball_url": f"{api}/tarball/{ref.name}",
    }


def render_git_commit(commit: Commit, repository: Repository) -> dict[str, Any]:
    """Render GitHub's `git-commit`: the object alone."""
    api = repository.api_url
    return {
        "sha": commit.sha,
        "node_id": node_id("Commit", commit.sha),
        "url": f"{api}/git/commits/{commit.sha}",
        "html_url": f"{repository.html_url}/commit/{commit.sha}",
        "author": _render_signature(commit.author),
        "committer": _render_signature(commit.committer),
        "tree": {"sha": commit.tree_sha, "url": f"{api}/git/trees/{commit.tree_sha}"},
        "message": commit.message,
        "parents": _render_parents(commit, f"{api}/git/commits", repository),
        "verification": _UNSIGNED,
    }


def render_commit(commit: Commit, repository: Repository) -> dict[str, Any]:
    """Render GitHub's `commit`: the object with the accounts behind its addresses."""
    api = repository.api_url
    git = render_git_commit(commit, repository)
    return {
        "sha": commit.sha,
        "node_id": git["node_id"],
        "url": f"{api}/commits/{commit.sha}",
        "html_url": git["html_url"],
        "comments_url": f"{api}/commits/{commit.sha}/comments",
        "commit": {
            "url": git["url"],
            "author": git["author"],
            "committer": git["committer"],
            "message": commit.message,
            "tree": git["tree"],
            "comment_count": 0,
            "verification": _UNSIGNED,
        },
        "author": _render_author(commit.author, repository.github),
        "committer": _render_author(commit.committer, repository.github),
        "parents": _render_parents(commit, f"{api}/commits", repository),
    }


def render_head(commit: Commit) -> dict[str, Any]:
    """Render a commit as webhook payloads show it."""
    return {
        "id": commit.sha,
        "tree_id": commit.tree_sha,
        "message": commit.message,
        "timestamp": timestamp(commit.committer.timestamp),
        "author": {"name": commit.author.name, "email": commit.author.email},
        "committer": {"name": commit.committer.name, "email": commit.committer.email},
    }


def _render_parents(commit: Commit, api: str, repository: Repository) -> list[dict[str, str]]:
    page = f"{repository.html_url}/commit"
    return [
        {"sha": parent, "url": f"{api}/{parent}", "html_url": f"{page}/{parent}"}
        for parent in commit.parents
    ]


def _render_author(signature: Signature, github: GitHub) -> dict[str, Any] | None:
    """Render the account that an address in a commit belongs to."""
    if signature.email == "noreply@github.com":
        return render_account(WEB_FLOW, github)
    for account in github.accounts():
        if account.email == signature.email:
            return render_account(account, github)
    return None


def _render_signature(signature: Signature) -> dict[str, str]:
    return {
        "name": signature.name,
        "email": signature.email,
        "date": timestamp(signature.timestamp),
    }
