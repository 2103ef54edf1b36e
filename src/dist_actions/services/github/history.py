"""The history of a repository, or of one folder in it, on GitHub."""

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from dist_actions.abbreviation import short_sha
from dist_actions.errors import ServiceUnavailableError
from dist_actions.services.github.client import GitHubClient
from dist_actions.services.github.facts import Commit
from dist_actions.services.github.refusals import RefusedError
from dist_actions.services.json_fields import items, number, sha, text

#: Commits of a page, and pages of a list: more than any project has between two releases.
_PAGE, _MOST_PAGES = 100, 100
#: Files that GitHub lists of a comparison.
_MOST_FILES = 300


class History:
    """Reads which commits lead to another one, and what is in their folders."""

    def __init__(self, client: GitHubClient) -> None:
        self._client = client

    def between(self, base: str, head: str) -> tuple[Commit, ...] | None:
        """List the commits that lead to `head` and not to `base`, newest first.

        Both are commits, or refs in full. One request for every hundred commits.

        Returns:
            The commits; None where the two histories have no commit in common.

        Raises:
            ServiceUnavailableError: The list does not end.
        Spec: https://docs.github.com/en/rest/commits/commits#compare-two-commits
        """
        operation = f"list the commits from {_shown(base)} to {_shown(head)}"
        path = f"compare/{quote(base)}...{quote(head)}"
        commits: list[Commit] = []

        def parse(data: Any) -> tuple[tuple[Commit, ...], int]:
            """Read a page; one that is empty although commits are missing is none."""
            new, total = _compared_commits(data)
            if not new and len(commits) < total:
                raise ValueError(f"{len(commits)} of {total} commits, and no more")
            return new, total

        for page in range(1, _MOST_PAGES + 1):
            try:
                new, total = self._client.read(
                    operation,
                    path,
                    parse,
                    meaningful=frozenset({404}),
                    page=page,
                    per_page=_PAGE,
                )
            except RefusedError:
                return None
            commits += new
            if len(commits) >= total:
                return tuple(reversed(commits))
        raise _endless(operation)

    def changed_paths(self, base: str, head: str) -> tuple[str, ...] | None:
        """List the files that changed from a commit to a later one, those that are gone too.

        Returns:
            Their paths; None where the commit is not an earlier one, or GitHub lists not all.
        """
        operation = f"list the files that changed from {_shown(base)} to {_shown(head)}"
        path = f"compare/{quote(base)}...{quote(head)}"
        try:
            return self._client.read(
                operation, path, _changed_files, meaningful=frozenset({404}), page=1, per_page=1
            )
        except RefusedError:
            return None

    def newest(self, ref: str, path: str = "") -> tuple[Commit, ...]:
        """Read the newest commits that lead to a ref, at most a hundred, newest first.

        Args:
            ref: Branch, tag or commit to start from.
            path: Folder that they changed, below the repository's root; empty for all commits.

        Spec: https://docs.github.com/en/rest/commits/commits#list-commits
        """
        operation = f"list the commits of {path or 'the repository'} up to {_shown(ref)}"
        where: dict[str, str | int] = {"path": path} if path else {}
        return self._client.read(
            operation, "commits", _commits, meaningful=frozenset(), sha=ref, per_page=_PAGE, **where
        )

    def of_folder(self, commits: Sequence[Commit], path: str) -> tuple[Commit, ...]:
        """Select those of some commits that changed a folder.

        Args:
            commits: Newest first; the first leads back to all others.

        Raises:
            ServiceUnavailableError: The list of the folder's commits does not end.
        """
        if not commits:
            return ()
        operation = f"list the commits of {path} up to {_shown(commits[0].sha)}"
        page, next_page = self._client.read_page(
            operation, "commits", _commits, sha=commits[0].sha, path=path, per_page=_PAGE
        )
        shas = {commit.sha for commit in commits}
        changing: set[str] = set()
        for _ in range(_MOST_PAGES):
            selected = shas & {commit.sha for commit in page}
            changing |= selected
            if not selected or not next_page:
                return tuple(commit for commit in commits if commit.sha in changing)
            page, next_page = self._client.read_page(operation, next_page, _commits)
        raise _endless(operation)

    def subtree(self, commit_sha: str, path: str) -> str:
        """Read the tree of a folder at a commit; empty where it did not exist.

        Args:
            path: Below the repository's root; not the root itself.

        Spec: https://docs.github.com/en/rest/repos/contents#get-repository-content
        """
        operation = f"read the folder {path} at {short_sha(commit_sha)}"
        parent = str(PurePosixPath(path).parent).removeprefix(".")
        try:
            trees = self._client.read(
                operation,
                f"contents/{quote(parent)}",
                _trees,
                meaningful=frozenset({404}),
                ref=commit_sha,
            )
        except RefusedError:
            return ""
        return trees.get(path, "")


def _shown(ref: str) -> str:
    return ref.rpartition("/")[2] if ref.startswith("refs/") else short_sha(ref)


def _compared_commits(data: Any) -> tuple[tuple[Commit, ...], int]:
    """Read a page of a comparison's commits, and how many it has in all."""
    return _commits(data["commits"]), number(data["total_commits"])


def _changed_files(data: Any) -> tuple[str, ...] | None:
    """Read the paths of a comparison; None where the list may lack some."""
    files = items(data.get("files") or [])
    if text(data["status"]) != "ahead" or len(files) >= _MOST_FILES:
        return None
    names = ("filename", "previous_filename")
    return tuple(text(file[name]) for file in files for name in names if name in file)


def _commits(data: Any) -> tuple[Commit, ...]:
    return tuple(map(_commit, items(data)))


def _commit(data: Any) -> Commit:
    commit = data["commit"]
    return Commit(
        sha=sha(data["sha"]),
        message=text(commit["message"]),
        url=text(data["html_url"]),
        author=text((commit.get("author") or {}).get("name") or ""),
        parents=tuple(sha(parent["sha"]) for parent in items(data.get("parents") or [])),
    )


def _trees(data: Any) -> dict[str, str]:
    """Read the trees of a folder's folders, by path; a file, which GitHub may show, has none."""
    entries = items([] if "type" in data else data)
    return {
        text(entry["path"]): sha(entry["sha"]) for entry in entries if text(entry["type"]) == "dir"
    }


def _endless(operation: str) -> ServiceUnavailableError:
    return ServiceUnavailableError(
        f"GitHub did not {operation}: the list does not end.",
        why=f"it has more than {_PAGE * _MOST_PAGES} commits, or a proxy or another server "
        "answered.",
        fix="check the address of GitHub and the proxies.",
        anchor="service-unavailable",
    )
