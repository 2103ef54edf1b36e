"""What GitHub knows of one folder's history, for repositories that hold several packages."""

from pathlib import PurePosixPath

from github import GithubException
from github.ContentFile import ContentFile

from dist_actions.services.github.client import GitHubClient
from dist_actions.services.github.facts import FolderChange

#: How many of a folder's newest commits are looked at: one page.
RECENT_COMMITS = 100


class History:
    """Reads what happened below a path."""

    def __init__(self, client: GitHubClient) -> None:
        self._client = client

    def subtree(self, commit_sha: str, path: str) -> str:
        """The tree of a folder at a commit; empty where it did not exist.

        Args:
            commit_sha: The commit.
            path: Below the repository's root; not the root itself.

        Spec: https://docs.github.com/en/rest/repos/contents#get-repository-content
        """
        operation = f"read the folder {path} at {commit_sha[:7]}"
        parent = str(PurePosixPath(path).parent).removeprefix(".")

        try:
            found = self._client.call(
                operation, lambda repository: repository.get_contents(parent, ref=commit_sha)
            )
        except GithubException as error:
            if error.status == 404:
                return ""
            raise self._client.refusal(operation, error) from error
        listed: list[ContentFile] = found if isinstance(found, list) else []
        return next((one.sha for one in listed if (one.path, one.type) == (path, "dir")), "")

    def changes(self, ref: str, path: str) -> tuple[FolderChange, ...]:
        """The newest commits that changed a folder, newest first, at most `RECENT_COMMITS`.

        Args:
            ref: Branch, tag or commit to start from.
            path: Below the repository's root; not the root itself.

        Spec: https://docs.github.com/en/rest/commits/commits#list-commits
        """
        operation = f"list the commits of {path} up to {ref}"
        try:
            page = self._client.call(
                operation, lambda repository: repository.get_commits(ref, path).get_page(0)
            )
        except GithubException as error:
            raise self._client.refusal(operation, error) from error
        return tuple(
            FolderChange(one.sha, one.commit.message.partition("\n")[0], one.html_url)
            for one in page
        )
