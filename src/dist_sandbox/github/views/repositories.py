"""Operations on a repository as a whole: itself, its branches and its tags."""

from typing import Any

from flask import Response

from dist_sandbox.github.git.bare_repository import Ref
from dist_sandbox.github.git.objects import read_commit
from dist_sandbox.github.pull_requests.mergeability import is_protected
from dist_sandbox.github.render.git import render_commit, render_tag
from dist_sandbox.github.render.repositories import render_repository
from dist_sandbox.github.rest.calls import Call, reply
from dist_sandbox.github.rest.errors import existing, not_a_member
from dist_sandbox.github.rest.operations import REPO, Operations
from dist_sandbox.github.rest.pagination import page_of, reply_list, reply_page
from dist_sandbox.github.state import Repository
from dist_sandbox.github.views.branch_protection import render_summary

operations = Operations()

_PERMISSIONS = ("read", "write")


@operations.operation(f"GET {REPO}", "metadata=read")
def get_repository(call: Call) -> Response:
    """Get the repository."""
    return reply(render_repository(call.repository, call.principal))


@operations.operation(f"GET {REPO}/branches", "contents=read")
def list_branches(call: Call) -> Response:
    """List every branch, by name."""
    return reply_list(call, list(call.repository.git.refs("refs/heads/")), _render_branch)


@operations.operation(f"GET {REPO}/branches/{{branch}}", "contents=read")
def get_branch(call: Call, branch: str) -> Response:
    """Get one branch, with its commit."""
    ref = existing(call.repository.git.branch(branch), "Branch not found")
    api, page = call.repository.api_url, call.repository.html_url
    commit = read_commit(call.repository.git, ref.sha)
    return reply(
        {
            "name": branch,
            "commit": render_commit(commit, call.repository),
            "_links": {"self": f"{api}/branches/{branch}", "html": f"{page}/tree/{branch}"},
            "protected": is_protected(call.repository, branch),
            "protection": render_summary(call.repository.protections.get(branch)),
            "protection_url": f"{api}/branches/{branch}/protection",
        }
    )


@operations.operation(f"GET {REPO}/tags", "metadata=read")
def list_tags(call: Call) -> Response:
    """List every tag, newest version first as git compares versions."""
    printed = call.repository.git.git(
        "for-each-ref", "--sort=-version:refname", "--format=%(refname)", "refs/tags/"
    )
    names = printed.splitlines()
    refs = [call.repository.git.ref(name) for name in page_of(call, names)]
    page = [render_tag(ref, call.repository) for ref in refs if ref is not None]
    return reply_page(call, page, total=len(names))


@operations.operation(f"GET {REPO}/actions/permissions/workflow", "administration=read")
def get_workflow_permissions(call: Call) -> Response:
    """Get what the job token may do by default."""
    return reply(
        {
            "default_workflow_permissions": call.repository.default_permissions,
            "can_approve_pull_request_reviews": call.repository.actions_may_open_pulls,
        }
    )


@operations.operation(f"PUT {REPO}/actions/permissions/workflow", "administration=write")
def put_workflow_permissions(call: Call) -> Response:
    """Set what the job token may do by default; what is not named stays."""
    repository = call.repository
    default = call.text("default_workflow_permissions") or repository.default_permissions
    if default not in _PERMISSIONS:
        raise not_a_member(default, _PERMISSIONS)
    approving = call.flag("can_approve_pull_request_reviews")
    repository.default_permissions = default
    if approving is not None:
        repository.actions_may_open_pulls = approving
    return reply(None, 204)


def _render_branch(ref: Ref, repository: Repository) -> dict[str, Any]:
    """Render GitHub's `short-branch`."""
    name = ref.name.removeprefix("refs/heads/")
    return {
        "name": name,
        "commit": {"sha": ref.sha, "url": f"{repository.api_url}/commits/{ref.sha}"},
        "protected": is_protected(repository, name),
    }
