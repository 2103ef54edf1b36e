"""The history of one folder on GitHub, for repositories that hold several packages."""

from pathlib import PurePosixPath
from urllib.parse import quote

from dist_actions.abbreviation import short_sha
from dist_actions.services.github.client import GitHubClient
from dist_actions.services.github.facts import FolderChange
from dist_actions.services.github.refusals import RefusedError

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
            entries = self._client.read(
                operation,
                f"contents/{quote(parent)}",
                meaningful=frozenset({404}),
                ref=commit_sha,
            )
        except RefusedError:
            return ""
        folders = entries if isinstance(entries, list) else []
        trees = {entry["path"]: entry["sha"] for entry in folders if entry["type"] == "dir"}
        return str(trees.get(path, ""))

    def changes(self, ref: str, path: str) -> tuple[FolderChange, ...]:
        """Read the newest commits that changed a folder, newest first, at most a hundred.

        Args:
            ref: Branch, tag or commit to start from.
            path: Below the repository's root; not the root itself.

        Spec: https://docs.github.com/en/rest/commits/commits#list-commits
        """
        operation = f"list the commits of {path} up to {ref}"
        commits = self._client.read(
            operation, "commits", sha=ref, path=path, per_page=_RECENT_COMMITS
        )
        return tuple(
            FolderChange(
                commit_sha=str(commit["sha"]),
                subject=str(commit["commit"]["message"]).partition("\n")[0],
                url=str(commit["html_url"]),
            )
            for commit in commits
        )
