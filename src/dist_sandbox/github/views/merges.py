"""The operation that merges one branch into another without a pull request."""

from flask import Response

from dist_sandbox.github.git import merging
from dist_sandbox.github.git.objects import read_commit
from dist_sandbox.github.git.ref_changes import RefUpdate, announce, violations
from dist_sandbox.github.git.signatures import account_signature
from dist_sandbox.github.render.git import render_commit
from dist_sandbox.github.rest.calls import Call, reply
from dist_sandbox.github.rest.errors import ApiError, rules_violated
from dist_sandbox.github.rest.operations import Operations

operations = Operations()


@operations.operation("POST /repos/{owner}/{repo}/merges", changes=False)
def merge_branch(call: Call) -> Response:
    """Merge `head` into the branch `base` with a merge commit."""
    git = call.repository.git
    base_name, head_name = call.required_text("base"), call.required_text("head")
    base, head = git.branch(base_name), git.resolve_commit(head_name)
    if base is None:
        raise ApiError(404, "Base does not exist")
    if head is None:
        raise ApiError(404, "Head does not exist")
    if git.is_ancestor(head, base.sha):
        return reply(None, 204)
    who = account_signature(call.principal.account, call.world.clock.now())
    message = call.text("commit_message") or f"Merge {head_name} into {base_name}"
    commit = merging.merge(git, base.sha, head, author=who, committer=who, message=message)
    if commit is None:
        raise ApiError(409, "Merge conflict")
    update = RefUpdate(base.name, base.sha, commit)
    broken = violations(call.repository, update, call.principal)
    if broken:
        raise rules_violated(broken)
    git.update_ref(base.name, commit, old=base.sha)
    call.note_change()
    announce(call.github, call.repository, [update], call.principal)
    return reply(render_commit(read_commit(git, commit), call.repository, call.github), 201)
