"""Operations on commits: lists, single ones, comparisons, and the files in them."""

import base64
from typing import Any

from flask import Response

from dist_sandbox.github.git.diffs import EMPTY_TREE, FileChange, list_changes
from dist_sandbox.github.git.objects import Commit, commits_between, read_commit
from dist_sandbox.github.pull_requests.commits import pulls_of_commit
from dist_sandbox.github.render.basics import repository_api, repository_page
from dist_sandbox.github.render.git import render_commit
from dist_sandbox.github.render.pulls import render_pull
from dist_sandbox.github.rest.calls import Call, reply
from dist_sandbox.github.rest.errors import ApiError, not_found
from dist_sandbox.github.rest.operations import Operations
from dist_sandbox.github.rest.pagination import page_of, reply_page

operations = Operations()

_REPO = "/repos/{owner}/{repo}"
#: GitHub's limits of one comparison.
_MAX_COMMITS, _MAX_FILES = 250, 300


@operations.operation(f"GET {_REPO}/commits")
def list_commits(call: Call) -> Response:
    """The history of a branch, newest first."""
    start = _resolve(call, call.query.get("sha") or call.repository.default_branch)
    limits = [f"--{name}={call.query[name]}" for name in ("since", "until") if name in call.query]
    path = call.query.get("path")
    shas = call.repository.git.git(
        "rev-list", *limits, start, "--", *([path] if path else [])
    ).splitlines()
    page = page_of(call, shas)
    commits = [read_commit(call.repository.git, sha) for sha in page]
    return reply_page(call, [_render(call, one) for one in commits], total=len(shas))


@operations.operation(f"GET {_REPO}/commits/{{ref}}")
def get_commit(call: Call, ref: str) -> Response:
    """One commit by branch, tag or object name, with its files."""
    git = call.repository.git
    sha = git.resolve_commit(ref)
    if sha is None:
        raise ApiError(422, f"No commit found for SHA: {ref}")
    if call.request.headers.get("Accept", "").startswith("application/vnd.github.sha"):
        return Response(sha, content_type="application/vnd.github.sha; charset=utf-8")
    commit = read_commit(git, sha)
    changes = list_changes(git, commit.parents[0] if commit.parents else EMPTY_TREE, sha)
    added, removed = sum(one.additions for one in changes), sum(one.deletions for one in changes)
    return reply(
        {
            **_render(call, commit),
            "stats": {"additions": added, "deletions": removed, "total": added + removed},
            "files": [render_change(call, one, sha) for one in changes[:_MAX_FILES]],
        }
    )


@operations.operation(f"GET {_REPO}/commits/{{commit_sha}}/pulls")
def list_commit_pulls(call: Call, commit_sha: str) -> Response:
    """The pull requests that brought a commit, or that hold it while open."""
    found = pulls_of_commit(call.repository, _resolve(call, commit_sha))
    shown = [render_pull(one, call.repository, call.github) for one in page_of(call, found)]
    return reply_page(call, shown, total=len(found))


@operations.operation(f"GET {_REPO}/compare/{{basehead}}")
def compare(call: Call, basehead: str) -> Response:
    """What `head` has that `base` lacks, as `base...head`."""
    base_name, dots, head_name = basehead.partition("...")
    if not dots:
        raise not_found()
    git = call.repository.git
    base, head = _resolve(call, _own(call, base_name)), _resolve(call, _own(call, head_name))
    fork = git.git_or_none("merge-base", base, head)
    if fork is None:
        raise ApiError(404, f"No common ancestor between {base_name} and {head_name}.")
    ahead = commits_between(git, base, head)
    behind = int(git.git("rev-list", "--count", base, f"^{head}"))
    changes = list_changes(git, fork, head)
    size = int(call.query.get("per_page", _MAX_COMMITS))
    start = (int(call.query.get("page", 1)) - 1) * size
    return reply(
        {
            **_comparison_links(call, basehead),
            "base_commit": _render(call, read_commit(git, base)),
            "merge_base_commit": _render(call, read_commit(git, fork)),
            "status": _status(len(ahead), behind),
            "ahead_by": len(ahead),
            "behind_by": behind,
            "total_commits": len(ahead),
            "commits": [_render(call, one) for one in ahead[start : start + size]],
            "files": [render_change(call, one, head) for one in changes[:_MAX_FILES]],
        }
    )


@operations.operation(f"GET {_REPO}/contents/{{path}}")
def get_contents(call: Call, path: str) -> Response:
    """A file or the list of a folder, at a ref."""
    git = call.repository.git
    sha = _resolve(call, call.query.get("ref") or call.repository.default_branch)
    clean = path.strip("/")
    kind = git.git_or_none("cat-file", "-t", f"{sha}:{clean}")
    if kind == "tree":
        listed = git.git("ls-tree", "-l", "-z", f"{sha}:{clean}")
        entries = [entry.split(None, 4) for entry in listed.split("\0") if entry]
        prefix = f"{clean}/" if clean else ""
        return reply(
            [
                _entry(call, prefix + one[4], kind=one[1], sha=one[2], size=one[3], ref=sha)
                for one in entries
            ]
        )
    if kind != "blob":
        raise not_found()
    content = git.read("cat-file", "blob", f"{sha}:{clean}")
    if ".raw" in call.request.headers.get("Accept", ""):
        return Response(content, content_type="application/vnd.github.raw; charset=utf-8")
    blob = git.git("rev-parse", f"{sha}:{clean}")
    encoded = base64.encodebytes(content).decode("ascii")
    entry = _entry(call, clean, kind="blob", sha=blob, size=str(len(content)), ref=sha)
    return reply({**entry, "encoding": "base64", "content": encoded})


def _comparison_links(call: Call, basehead: str) -> dict[str, str]:
    page = f"{repository_page(call.repository, call.world.addresses)}/compare/{basehead}"
    return {
        "url": f"{repository_api(call.repository, call.world.addresses)}/compare/{basehead}",
        "html_url": page,
        "permalink_url": page,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
    }


def _entry(call: Call, path: str, *, kind: str, sha: str, size: str, ref: str) -> dict[str, Any]:
    """A file or folder, without its content."""
    api = repository_api(call.repository, call.world.addresses)
    page = repository_page(call.repository, call.world.addresses)
    is_file = kind == "blob"
    url = f"{api}/contents/{path}?ref={ref}"
    git_url = f"{api}/git/{kind}s/{sha}"
    html = f"{page}/{kind}/{ref}/{path}"
    return {
        "name": path.rsplit("/", 1)[-1],
        "path": path,
        "sha": sha,
        "size": int(size) if size.isdigit() else 0,
        "type": "file" if is_file else "dir",
        "url": url,
        "git_url": git_url,
        "html_url": html,
        "download_url": f"{page}/raw/{ref}/{path}" if is_file else None,
        "_links": {"self": url, "git": git_url, "html": html},
    }


def _resolve(call: Call, revision: str) -> str:
    found = call.repository.git.resolve_commit(revision)
    if found is None:
        raise not_found()
    return found


def _own(call: Call, name: str) -> str:
    """A branch named as `owner:branch` is looked up here."""
    return name.removeprefix(f"{call.repository.owner.login}:")


def _status(ahead: int, behind: int) -> str:
    if ahead and behind:
        return "diverged"
    if ahead:
        return "ahead"
    return "behind" if behind else "identical"


def _render(call: Call, commit: Commit) -> dict[str, Any]:
    return render_commit(commit, call.repository, call.github)


def render_change(call: Call, change: FileChange, ref: str) -> dict[str, Any]:
    """GitHub's `diff-entry`."""
    page = repository_page(call.repository, call.world.addresses)
    api = repository_api(call.repository, call.world.addresses)
    previous = {} if change.previous_path is None else {"previous_filename": change.previous_path}
    return {
        "sha": change.sha,
        "filename": change.path,
        "status": change.status,
        "additions": change.additions,
        "deletions": change.deletions,
        "changes": change.additions + change.deletions,
        "blob_url": f"{page}/blob/{ref}/{change.path}",
        "raw_url": f"{page}/raw/{ref}/{change.path}",
        "contents_url": f"{api}/contents/{change.path}?ref={ref}",
        **previous,
    }
