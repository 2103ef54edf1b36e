"""Operations on git's own objects: refs, tag objects, commit objects, merges of branches."""

from typing import Any

from flask import Response

from dist_sandbox.github.git import merging
from dist_sandbox.github.git.bare_repository import ZERO, Ref, is_sha
from dist_sandbox.github.git.objects import (
    account_signature,
    read_commit,
    read_tag,
    write_commit,
    write_tag,
)
from dist_sandbox.github.git.ref_changes import (
    RefUpdate,
    change_ref,
    check_rules,
    find_forbidden_workflow,
)
from dist_sandbox.github.render.git import (
    render_commit,
    render_git_commit,
    render_ref,
    render_tag_object,
)
from dist_sandbox.github.rest.calls import Call, reply
from dist_sandbox.github.rest.errors import (
    GitHubError,
    existing,
    not_accessible,
    not_found,
    validation_failed,
)
from dist_sandbox.github.rest.operations import CONTENTS_AND_WORKFLOWS, REPO, Operations
from dist_sandbox.server.request_notes import note_change

operations = Operations()


@operations.operation(f"GET {REPO}/git/matching-refs/{{ref}}", "contents=read")
def list_matching_refs(call: Call, ref: str) -> Response:
    """List every ref whose name starts with the path; an empty list where there is none."""
    refs = call.repository.git.refs(f"refs/{ref}")
    visible = [match for match in refs if not match.name.startswith("refs/pull/")]
    return reply([render_ref(match, call.repository) for match in visible])


@operations.operation(f"GET {REPO}/git/ref/{{ref}}", "contents=read")
def get_ref(call: Call, ref: str) -> Response:
    """Get one ref by its exact name."""
    return reply(render_ref(_find_ref(call, f"refs/{ref}"), call.repository))


@operations.operation(f"POST {REPO}/git/refs", CONTENTS_AND_WORKFLOWS)
def create_ref(call: Call) -> Response:
    """Make a branch or a tag."""
    name, sha = call.required_text("ref"), call.required_text("sha")
    git = call.repository.git
    if not name.startswith("refs/") or name.count("/") < 2 or not git.is_valid_ref_name(name):
        raise GitHubError(
            422, "Reference name must start with 'refs/' and contain at least three components."
        )
    _check_sha(call, name, sha)
    if git.ref(name) is not None:
        raise GitHubError(422, "Reference already exists")
    update = RefUpdate(name, ZERO, sha)
    _check_rules(call, update)
    if not change_ref(call.repository, update, call.principal):
        raise GitHubError(422, "Reference already exists")
    return reply(render_ref(_find_ref(call, name), call.repository), 201)


@operations.operation(f"PATCH {REPO}/git/refs/{{ref}}", CONTENTS_AND_WORKFLOWS)
def update_ref(call: Call, ref: str) -> Response:
    """Move a ref; only forwards unless `force` is true."""
    sha, forced = call.required_text("sha"), bool(call.flag("force"))
    git, name = call.repository.git, f"refs/{ref}"
    current = existing(git.ref(name), "Reference does not exist", status=422)
    _check_sha(call, name, sha)
    if not forced and not git.is_ancestor(current.sha, sha):
        raise GitHubError(422, "Update is not a fast forward")
    update = RefUpdate(name, current.sha, sha)
    _check_rules(call, update)
    if sha != current.sha and not change_ref(call.repository, update, call.principal):
        raise GitHubError(422, "Reference cannot be updated")
    return reply(render_ref(_find_ref(call, name), call.repository))


@operations.operation(f"DELETE {REPO}/git/refs/{{ref}}", "contents=write")
def delete_ref(call: Call, ref: str) -> Response:
    """Remove a branch or a tag."""
    name = f"refs/{ref}"
    current = existing(call.repository.git.ref(name), "Reference does not exist", status=422)
    if name == f"refs/heads/{call.repository.default_branch}":
        raise GitHubError(422, "Cannot delete the default branch")
    update = RefUpdate(name, current.sha, ZERO)
    _check_rules(call, update)
    change_ref(call.repository, update, call.principal)
    return reply(None, 204)


@operations.operation(f"GET {REPO}/git/tags/{{tag_sha}}", "contents=read")
def get_tag_object(call: Call, tag_sha: str) -> Response:
    """Get the object of an annotated tag."""
    tag = existing(read_tag(call.repository.git, tag_sha))
    return reply(render_tag_object(tag, call.repository))


@operations.operation(f"POST {REPO}/git/tags", "contents=write")
def create_tag_object(call: Call) -> Response:
    """Make the object of an annotated tag; a ref to it is made apart."""
    git = call.repository.git
    sha, kind = call.required_text("object"), call.required_text("type")
    name, message = call.required_text("tag"), call.required_text("message")
    if not is_sha(sha) or git.object_type(sha) != kind:
        raise GitHubError(422, f"Could not verify object with OID {sha}")
    if not git.is_valid_ref_name(f"refs/tags/{name}"):
        raise validation_failed("Tag", "invalid", field="tag")
    tag = write_tag(
        git,
        name=name,
        object_sha=sha,
        object_type=kind,
        tagger=call.signature("tagger"),
        message=message,
    )
    return reply(render_tag_object(tag, call.repository), 201)


@operations.operation(f"GET {REPO}/git/commits/{{commit_sha}}", "contents=read")
def get_commit_object(call: Call, commit_sha: str) -> Response:
    """Get a commit object."""
    git = call.repository.git
    if git.object_type(commit_sha) != "commit":
        raise not_found()
    return reply(render_git_commit(read_commit(git, commit_sha), call.repository))


@operations.operation(f"POST {REPO}/git/commits", CONTENTS_AND_WORKFLOWS)
def create_commit_object(call: Call) -> Response:
    """Make a commit of an existing tree; no ref points at it yet."""
    git = call.repository.git
    tree, message = call.required_text("tree"), call.required_text("message")
    parents: list[Any] = call.texts("parents") or []
    if git.object_type(tree) != "tree":
        raise GitHubError(422, "Tree SHA does not exist")
    if any(git.object_type(parent) != "commit" for parent in parents):
        raise GitHubError(422, "Parent SHA does not exist or is not a commit object")
    author = call.signature("author")
    committer = call.signature("committer") if call.body().get("committer") else author
    sha = write_commit(
        git, tree=tree, parents=parents, author=author, committer=committer, message=message
    )
    return reply(render_git_commit(read_commit(git, sha), call.repository), 201)


@operations.operation(f"POST {REPO}/merges", CONTENTS_AND_WORKFLOWS, changes=False)
def merge_branch(call: Call) -> Response:
    """Merge `head` into the branch `base` with a merge commit."""
    git = call.repository.git
    base_name, head_name = call.required_text("base"), call.required_text("head")
    base = existing(git.branch(base_name), "Base does not exist")
    head = existing(git.resolve_commit(head_name), "Head does not exist")
    if git.is_ancestor(head, base.sha):
        return reply(None, 204)
    author = account_signature(call.principal.account, call.now())
    message = call.text("commit_message") or f"Merge {head_name} into {base_name}"
    merged = merging.merge(git, base.sha, head, author=author, committer=author, message=message)
    commit = existing(merged, "Merge conflict", status=409)
    update = RefUpdate(base.name, base.sha, commit)
    check_rules(call.repository, update, call.principal)
    note_change(call.request.environ)
    change_ref(call.repository, update, call.principal)
    return reply(render_commit(read_commit(git, commit), call.repository), 201)


def _find_ref(call: Call, name: str) -> Ref:
    return existing(call.repository.git.ref(name))


def _check_sha(call: Call, name: str, sha: str) -> None:
    """Require that the object is here, and that a branch holds a commit."""
    kind = call.repository.git.object_type(sha)
    if kind is None:
        raise GitHubError(422, "Object does not exist")
    if name.startswith("refs/heads/") and kind != "commit":
        raise GitHubError(422, "Reference update failed")


def _check_rules(call: Call, update: RefUpdate) -> None:
    if find_forbidden_workflow(call.repository, update, call.principal) is not None:
        raise not_accessible("contents=write,workflows=write")
    check_rules(call.repository, update, call.principal)
