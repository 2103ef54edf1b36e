"""Operations on commits: lists, single ones, comparisons, and the files in them."""

import base64
from typing import Any

from flask import Response

from dist_sandbox.github.git.comparison import compare_commits
from dist_sandbox.github.git.diffs import EMPTY_TREE, FileChange, list_changes
from dist_sandbox.github.git.objects import commits_between, read_commit
from dist_sandbox.github.pull_requests.commits import pulls_of_commit
from dist_sandbox.github.render.git import render_commit
from dist_sandbox.github.render.pulls import render_pull
from dist_sandbox.github.rest.calls import Call, reply
from dist_sandbox.github.rest.errors import existing, not_found
from dist_sandbox.github.rest.operations import REPO, Operations
from dist_sandbox.github.rest.pagination import page_of, reply_list, reply_page

operations = Operations()

#: GitHub's limits of one comparison.
_MAX_COMMITS, _MAX_FILES = 250, 300


@operations.operation(f"GET {REPO}/commits", "contents=read")
def list_commits(call: Call) -> Response:
    """List the history of a branch, newest first."""
    start = _resolve(call, call.query.get("sha") or call.repository.default_branch)
    limits = [f"--{name}={call.query[name]}" for name in ("since", "until") if name in call.query]
    path = call.query.get("path")
    shas = call.repository.git.git(
        "rev-list", *limits, start, "--", *([path] if path else [])
    ).splitlines()
    page = page_of(call, shas)
    commits = [read_commit(call.repository.git, sha) for sha in page]
    return reply_page(
        call, [render_commit(commit, call.repository) for commit in commits], total=len(shas)
    )


@operations.operation(f"GET {REPO}/commits/{{ref}}", "contents=read")
def get_commit(call: Call, ref: str) -> Response:
    """Get one commit by branch, tag or object name, with its files."""
    git = call.repository.git
    sha = existing(git.resolve_commit(ref), f"No commit found for SHA: {ref}", status=422)
    if call.request.headers.get("Accept", "").startswith("application/vnd.github.sha"):
        return Response(sha, content_type="application/vnd.github.sha; charset=utf-8")
    commit = read_commit(git, sha)
    changes = list_changes(git, commit.parents[0] if commit.parents else EMPTY_TREE, sha)
    added = sum(change.additions for change in changes)
    removed = sum(change.deletions for change in changes)
    return reply(
        {
            **render_commit(commit, call.repository),
            "stats": {"additions": added, "deletions": removed, "total": added + removed},
            "files": [render_change(call, change, sha) for change in changes[:_MAX_FILES]],
        }
    )


@operations.operation(
    f"GET {REPO}/commits/{{commit_sha}}/pulls", "pull_requests=read; contents=read"
)
def list_commit_pulls(call: Call, commit_sha: str) -> Response:
    """List the pull requests that brought a commit, or that hold it while open."""
    pulls = pulls_of_commit(call.repository, _resolve(call, commit_sha))
    return reply_list(call, pulls, render_pull)


@operations.operation(f"GET {REPO}/compare/{{basehead}}", "contents=read")
def compare(call: Call, basehead: str) -> Response:
    """Show what `head` has that `base` lacks, as `base...head`."""
    base_name, dots, head_name = basehead.partition("...")
    if not dots:
        raise not_found()
    git = call.repository.git
    base, head = _resolve_branch(call, base_name), _resolve_branch(call, head_name)
    absent = f"No common ancestor between {base_name} and {head_name}."
    fork = existing(git.git_or_none("merge-base", base, head), absent)
    comparison = existing(compare_commits(git, base, head), absent)
    ahead = commits_between(git, base, head)
    changes = list_changes(git, fork, head)
    size = int(call.query.get("per_page", _MAX_COMMITS))
    start = (int(call.query.get("page", 1)) - 1) * size
    return reply(
        {
            **_comparison_links(call, basehead),
            "base_commit": render_commit(read_commit(git, base), call.repository),
            "merge_base_commit": render_commit(read_commit(git, fork), call.repository),
            "status": comparison.status,
            "ahead_by": comparison.ahead,
            "behind_by": comparison.behind,
            "total_commits": comparison.ahead,
            "commits": [
                render_commit(commit, call.repository) for commit in ahead[start : start + size]
            ],
            "files": [render_change(call, change, head) for change in changes[:_MAX_FILES]],
        }
    )


@operations.operation(f"GET {REPO}/contents/{{path}}", "contents=read")
def get_contents(call: Call, path: str) -> Response:
    """Get a file or the list of a folder, at a ref."""
    git = call.repository.git
    sha = _resolve(call, call.query.get("ref") or call.repository.default_branch)
    clean = path.strip("/")
    kind = git.git_or_none("cat-file", "-t", f"{sha}:{clean}")
    if kind == "tree":
        return reply(_render_folder(call, sha, clean))
    if kind != "blob":
        raise not_found()
    content = git.read("cat-file", "blob", f"{sha}:{clean}")
    if ".raw" in call.request.headers.get("Accept", ""):
        return Response(content, content_type="application/vnd.github.raw; charset=utf-8")
    blob = git.git("rev-parse", f"{sha}:{clean}")
    encoded = base64.encodebytes(content).decode("ascii")
    entry = _render_entry(call, clean, kind="blob", sha=blob, size=str(len(content)), ref=sha)
    return reply({**entry, "encoding": "base64", "content": encoded})


def _comparison_links(call: Call, basehead: str) -> dict[str, str]:
    page = f"{call.repository.html_url}/compare/{basehead}"
    return {
        "url": f"{call.repository.api_url}/compare/{basehead}",
        "html_url": page,
        "permalink_url": page,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
    }


def _render_folder(call: Call, commit: str, path: str) -> list[dict[str, Any]]:
    """Render the entries of a folder."""
    printed = call.repository.git.git("ls-tree", "-l", "-z", f"{commit}:{path}")
    prefix = f"{path}/" if path else ""
    entries = []
    for row in filter(None, printed.split("\0")):
        _, kind, sha, size, name = row.split(None, 4)
        entries.append(
            _render_entry(call, prefix + name, kind=kind, sha=sha, size=size, ref=commit)
        )
    return entries


def _render_entry(
    call: Call, path: str, *, kind: str, sha: str, size: str, ref: str
) -> dict[str, Any]:
    """Render a file or folder, without its content."""
    api, page = call.repository.api_url, call.repository.html_url
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
    return existing(call.repository.git.resolve_commit(revision))


def _resolve_branch(call: Call, name: str) -> str:
    """Find the commit of a branch that may be named as `owner:branch`."""
    return _resolve(call, name.removeprefix(f"{call.repository.owner.login}:"))


def render_change(call: Call, change: FileChange, ref: str) -> dict[str, Any]:
    """Render GitHub's `diff-entry`."""
    api, page = call.repository.api_url, call.repository.html_url
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
