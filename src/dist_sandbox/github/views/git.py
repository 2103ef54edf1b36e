"""Operations on git's own objects: refs, tag objects, commit objects."""

from typing import Any

from flask import Response

from dist_sandbox.github.git.bare_repository import ZERO, Ref, is_sha
from dist_sandbox.github.git.objects import read_commit, read_tag, write_commit, write_tag
from dist_sandbox.github.git.ref_changes import (
    RefUpdate,
    announce,
    find_forbidden_workflow,
    violations,
)
from dist_sandbox.github.git.signatures import read_signature
from dist_sandbox.github.render.git import render_git_commit, render_ref, render_tag_object
from dist_sandbox.github.rest.calls import Call, reply
from dist_sandbox.github.rest.errors import (
    ApiError,
    not_accessible,
    not_found,
    rules_violated,
    validation_failed,
)
from dist_sandbox.github.rest.operations import Operations

operations = Operations()


@operations.operation("GET /repos/{owner}/{repo}/git/matching-refs/{ref}")
def list_matching_refs(call: Call, ref: str) -> Response:
    """Every ref whose name starts with the path; an empty list where there is none."""
    found = call.repository.git.refs(f"refs/{ref}")
    shown = [one for one in found if not one.name.startswith("refs/pull/")]
    return reply([render_ref(one, call.repository, call.github) for one in shown])


@operations.operation("GET /repos/{owner}/{repo}/git/ref/{ref}")
def get_ref(call: Call, ref: str) -> Response:
    """One ref by its exact name."""
    return reply(render_ref(_existing_ref(call, f"refs/{ref}"), call.repository, call.github))


@operations.operation("POST /repos/{owner}/{repo}/git/refs")
def create_ref(call: Call) -> Response:
    """Make a branch or a tag."""
    name, sha = call.required_text("ref"), call.required_text("sha")
    git = call.repository.git
    if not name.startswith("refs/") or name.count("/") < 2 or not git.is_valid_ref_name(name):
        raise ApiError(
            422, "Reference name must start with 'refs/' and contain at least three components."
        )
    _check_sha(call, name, sha)
    if git.ref(name) is not None:
        raise ApiError(422, "Reference already exists")
    update = RefUpdate(name, ZERO, sha)
    _check_rules(call, update)
    if not git.update_ref(name, sha, old=ZERO):
        raise ApiError(422, "Reference already exists")
    announce(call.github, call.repository, [update], call.principal)
    return reply(render_ref(_existing_ref(call, name), call.repository, call.github), 201)


@operations.operation("PATCH /repos/{owner}/{repo}/git/refs/{ref}")
def update_ref(call: Call, ref: str) -> Response:
    """Move a ref; only forwards unless `force` is true."""
    sha, forced = call.required_text("sha"), bool(call.flag("force"))
    git, name = call.repository.git, f"refs/{ref}"
    found = git.ref(name)
    if found is None:
        raise ApiError(422, "Reference does not exist")
    _check_sha(call, name, sha)
    if not forced and not git.is_ancestor(found.sha, sha):
        raise ApiError(422, "Update is not a fast forward")
    update = RefUpdate(name, found.sha, sha)
    _check_rules(call, update)
    if not git.update_ref(name, sha, old=found.sha):
        raise ApiError(422, "Reference cannot be updated")
    if sha != found.sha:
        announce(call.github, call.repository, [update], call.principal)
    return reply(render_ref(_existing_ref(call, name), call.repository, call.github))


@operations.operation("DELETE /repos/{owner}/{repo}/git/refs/{ref}")
def delete_ref(call: Call, ref: str) -> Response:
    """Remove a branch or a tag."""
    name = f"refs/{ref}"
    found = call.repository.git.ref(name)
    if found is None:
        raise ApiError(422, "Reference does not exist")
    if name == f"refs/heads/{call.repository.default_branch}":
        raise ApiError(422, "Cannot delete the default branch")
    update = RefUpdate(name, found.sha, ZERO)
    _check_rules(call, update)
    call.repository.git.delete_ref(name)
    announce(call.github, call.repository, [update], call.principal)
    return reply(None, 204)


@operations.operation("GET /repos/{owner}/{repo}/git/tags/{tag_sha}")
def get_tag_object(call: Call, tag_sha: str) -> Response:
    """The object of an annotated tag."""
    tag = read_tag(call.repository.git, tag_sha)
    if tag is None:
        raise not_found()
    return reply(render_tag_object(tag, call.repository, call.github))


@operations.operation("POST /repos/{owner}/{repo}/git/tags")
def create_tag_object(call: Call) -> Response:
    """Make the object of an annotated tag; a ref to it is made apart."""
    git = call.repository.git
    sha, kind = call.required_text("object"), call.required_text("type")
    name, message = call.required_text("tag"), call.required_text("message")
    if not is_sha(sha) or git.object_type(sha) != kind:
        raise ApiError(422, f"Could not verify object with OID {sha}")
    if not git.is_valid_ref_name(f"refs/tags/{name}"):
        raise validation_failed("Tag", "invalid", field="tag")
    tag = write_tag(
        git,
        name=name,
        object_sha=sha,
        object_type=kind,
        tagger=read_signature(call, "tagger"),
        message=message,
    )
    return reply(render_tag_object(tag, call.repository, call.github), 201)


@operations.operation("GET /repos/{owner}/{repo}/git/commits/{commit_sha}")
def get_commit_object(call: Call, commit_sha: str) -> Response:
    """A commit object."""
    git = call.repository.git
    if git.object_type(commit_sha) != "commit":
        raise not_found()
    return reply(render_git_commit(read_commit(git, commit_sha), call.repository, call.github))


@operations.operation("POST /repos/{owner}/{repo}/git/commits")
def create_commit_object(call: Call) -> Response:
    """Make a commit of an existing tree; no ref points at it yet."""
    git = call.repository.git
    tree, message = call.required_text("tree"), call.required_text("message")
    parents: list[Any] = call.texts("parents") or []
    if git.object_type(tree) != "tree":
        raise ApiError(422, "Tree SHA does not exist")
    if any(git.object_type(parent) != "commit" for parent in parents):
        raise ApiError(422, "Parent SHA does not exist or is not a commit object")
    author = read_signature(call, "author")
    committer = read_signature(call, "committer") if call.body().get("committer") else author
    sha = write_commit(
        git, tree=tree, parents=parents, author=author, committer=committer, message=message
    )
    return reply(render_git_commit(read_commit(git, sha), call.repository, call.github), 201)


def _existing_ref(call: Call, name: str) -> Ref:
    ref = call.repository.git.ref(name)
    if ref is None:
        raise not_found()
    return ref


def _check_sha(call: Call, name: str, sha: str) -> None:
    """The object must be here, and a branch must hold a commit."""
    kind = call.repository.git.object_type(sha)
    if kind is None:
        raise ApiError(422, "Object does not exist")
    if name.startswith("refs/heads/") and kind != "commit":
        raise ApiError(422, "Reference update failed")


def _check_rules(call: Call, update: RefUpdate) -> None:
    if find_forbidden_workflow(call.repository, update, call.principal) is not None:
        raise not_accessible("contents=write,workflows=write")
    broken = violations(call.repository, update, call.principal)
    if broken:
        raise rules_violated(broken)
