"""Operations on a repository as a whole: itself, its branches and its tags."""

from flask import Response

from dist_sandbox.github.git.objects import read_commit
from dist_sandbox.github.pull_requests.mergeability import is_protected
from dist_sandbox.github.render.basics import repository_api, repository_page
from dist_sandbox.github.render.branch_protection import render_summary
from dist_sandbox.github.render.git import render_commit, render_tag
from dist_sandbox.github.render.repositories import render_repository
from dist_sandbox.github.rest.calls import Call, reply
from dist_sandbox.github.rest.errors import ApiError
from dist_sandbox.github.rest.operations import Operations
from dist_sandbox.github.rest.pagination import page_of, reply_page

operations = Operations()

_REPO = "/repos/{owner}/{repo}"


@operations.operation(f"GET {_REPO}")
def get_repository(call: Call) -> Response:
    """The repository."""
    return reply(render_repository(call.repository, call.world.addresses, call.principal))


@operations.operation(f"GET {_REPO}/branches")
def list_branches(call: Call) -> Response:
    """Every branch, by name."""
    every = list(call.repository.git.refs("refs/heads/"))
    api = repository_api(call.repository, call.world.addresses)
    shown = [
        {
            "name": one.name.removeprefix("refs/heads/"),
            "commit": {"sha": one.sha, "url": f"{api}/commits/{one.sha}"},
            "protected": is_protected(call.repository, one.name.removeprefix("refs/heads/")),
        }
        for one in page_of(call, every)
    ]
    return reply_page(call, shown, total=len(every))


@operations.operation(f"GET {_REPO}/branches/{{branch}}")
def get_branch(call: Call, branch: str) -> Response:
    """One branch, with its commit."""
    ref = call.repository.git.branch(branch)
    if ref is None:
        raise ApiError(404, "Branch not found")
    api = repository_api(call.repository, call.world.addresses)
    page = repository_page(call.repository, call.world.addresses)
    commit = read_commit(call.repository.git, ref.sha)
    return reply(
        {
            "name": branch,
            "commit": render_commit(commit, call.repository, call.github),
            "_links": {"self": f"{api}/branches/{branch}", "html": f"{page}/tree/{branch}"},
            "protected": is_protected(call.repository, branch),
            "protection": render_summary(call.repository.protections.get(branch)),
            "protection_url": f"{api}/branches/{branch}/protection",
        }
    )


@operations.operation(f"GET {_REPO}/tags")
def list_tags(call: Call) -> Response:
    """Every tag, newest version first as git compares versions."""
    names = call.repository.git.git(
        "for-each-ref", "--sort=-version:refname", "--format=%(refname)", "refs/tags/"
    )
    every = names.splitlines()
    refs = [call.repository.git.ref(name) for name in page_of(call, every)]
    shown = [render_tag(one, call.repository, call.github) for one in refs if one is not None]
    return reply_page(call, shown, total=len(every))
