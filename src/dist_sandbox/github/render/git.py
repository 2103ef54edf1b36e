"""The JSON of refs, tags and commits."""

from collections.abc import Iterable
from typing import Any

from dist_sandbox.github.access.accounts import WEB_FLOW, Account
from dist_sandbox.github.git.bare_repository import Ref
from dist_sandbox.github.git.objects import Commit, Signature, TagObject
from dist_sandbox.github.render.basics import (
    node_id,
    render_account,
    repository_api,
    repository_page,
    timestamp,
)
from dist_sandbox.github.repository import Repository
from dist_sandbox.github.state import GitHub

_UNSIGNED = {
    "verified": False,
    "reason": "unsigned",
    "signature": None,
    "payload": None,
    "verified_at": None,
}


def render_ref(ref: Ref, repository: Repository, github: GitHub) -> dict[str, Any]:
    """GitHub's `git-ref`."""
    api = repository_api(repository, github.addresses)
    return {
        "ref": ref.name,
        "node_id": node_id("Ref", f"{repository.repository_id}:{ref.name}"),
        "url": f"{api}/git/{ref.name}",
        "object": {
            "type": ref.object_type,
            "sha": ref.sha,
            "url": f"{api}/git/{ref.object_type}s/{ref.sha}",
        },
    }


def render_tag_object(tag: TagObject, repository: Repository, github: GitHub) -> dict[str, Any]:
    """GitHub's `git-tag`: the object of an annotated tag."""
    api = repository_api(repository, github.addresses)
    return {
        "node_id": node_id("Tag", tag.sha),
        "sha": tag.sha,
        "url": f"{api}/git/tags/{tag.sha}",
        "tag": tag.name,
        "message": tag.message,
        "tagger": _render_signature(tag.tagger),
        "object": {
            "type": tag.object_type,
            "sha": tag.object_sha,
            "url": f"{api}/git/{tag.object_type}s/{tag.object_sha}",
        },
        "verification": _UNSIGNED,
    }


def render_tag(ref: Ref, repository: Repository, github: GitHub) -> dict[str, Any]:
    """GitHub's `tag`: a row of the list of tags."""
    api = repository_api(repository, github.addresses)
    name = ref.name.removeprefix("refs/tags/")
    return {
        "name": name,
        "node_id": node_id("Ref", f"{repository.repository_id}:{ref.name}"),
        "commit": {"sha": ref.commit_sha, "url": f"{api}/commits/{ref.commit_sha}"},
        "zipball_url": f"{api}/zipball/{ref.name}",
        "tarball_url": f"{api}/tarball/{ref.name}",
    }


def render_git_commit(commit: Commit, repository: Repository, github: GitHub) -> dict[str, Any]:
    """GitHub's `git-commit`: the object alone."""
    api = repository_api(repository, github.addresses)
    page = repository_page(repository, github.addresses)
    return {
        "sha": commit.sha,
        "node_id": node_id("Commit", commit.sha),
        "url": f"{api}/git/commits/{commit.sha}",
        "html_url": f"{page}/commit/{commit.sha}",
        "author": _render_signature(commit.author),
        "committer": _render_signature(commit.committer),
        "tree": {"sha": commit.tree_sha, "url": f"{api}/git/trees/{commit.tree_sha}"},
        "message": commit.message,
        "parents": [
            {
                "sha": parent,
                "url": f"{api}/git/commits/{parent}",
                "html_url": f"{page}/commit/{parent}",
            }
            for parent in commit.parents
        ],
        "verification": _UNSIGNED,
    }


def render_commit(commit: Commit, repository: Repository, github: GitHub) -> dict[str, Any]:
    """GitHub's `commit`: the object with the accounts behind its addresses."""
    api = repository_api(repository, github.addresses)
    page = repository_page(repository, github.addresses)
    git = render_git_commit(commit, repository, github)
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
        "author": _render_author(commit.author, github),
        "committer": _render_author(commit.committer, github),
        "parents": [
            {
                "sha": parent,
                "url": f"{api}/commits/{parent}",
                "html_url": f"{page}/commit/{parent}",
            }
            for parent in commit.parents
        ],
    }


def render_head(commit: Commit) -> dict[str, Any]:
    """A commit as webhook payloads show it."""
    return {
        "id": commit.sha,
        "tree_id": commit.tree_sha,
        "message": commit.message,
        "timestamp": timestamp(commit.committer.timestamp),
        "author": {"name": commit.author.name, "email": commit.author.email},
        "committer": {"name": commit.committer.name, "email": commit.committer.email},
    }


def find_account(signature: Signature, accounts: Iterable[Account]) -> Account | None:
    """The account that an address in a commit belongs to."""
    if signature.email == "noreply@github.com":
        return WEB_FLOW
    return next((one for one in accounts if one.email == signature.email), None)


def _render_author(signature: Signature, github: GitHub) -> dict[str, Any] | None:
    account = find_account(signature, github.accounts())
    return None if account is None else render_account(account, github.addresses)


def _render_signature(signature: Signature) -> dict[str, str]:
    return {
        "name": signature.name,
        "email": signature.email,
        "date": timestamp(signature.timestamp),
    }
