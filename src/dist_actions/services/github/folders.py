"""The history of one folder on GitHub, for repositories that hold several packages."""

from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from dist_actions.abbreviation import short_sha
from dist_actions.services.github.client import GitHubClient
from dist_actions.services.github.facts import FolderChange
from dist_actions.services.github.refusals import RefusedError
from dist_actions.services.json_fields import items, sha, text

#: How many of a folder's newest commits are looked at: one page.
_RECENT_COMMITS = 100


class FolderHistory:
    """Reads what happened below a path."""

    def __init__(self, client: GitHubClient) -> None:
        self._client = client

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

    def changes(self, ref: str, path: str) -> tuple[FolderChange, ...]:
        """Read the newest commits that changed a folder, newest first, at most a hundred.

        Args:
            ref: Branch, tag or commit to start from.
            path: Below the repository's root; not the root itself.

        Spec: https://docs.github.com/en/rest/commits/commits#list-commits
        """
        operation = f"list the commits of {path} up to {ref}"
        return self._client.read(
            operation, "commits", _changes, sha=ref, path=path, per_page=_RECENT_COMMITS
        )


def _trees(data: Any) -> dict[str, str]:
    """Read the trees of a folder's folders, by path; a file, which GitHub may show, has none."""
    entries = items([] if "type" in data else data)
    return {
        text(entry["path"]): sha(entry["sha"]) for entry in entries if text(entry["type"]) == "dir"
    }


def _changes(data: Any) -> tuple[FolderChange, ...]:
    return tuple(
        FolderChange(
            commit_sha=sha(commit["sha"]),
            subject=text(commit["commit"]["message"]).partition("\n")[0],
            url=text(commit["html_url"]),
        )
        for commit in items(data)
    )
