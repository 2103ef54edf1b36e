"""The pull requests that brought a commit to its branch."""

from dataclasses import dataclass
from typing import Any

from dist_actions.services.github.client import GitHubClient


@dataclass(frozen=True)
class CommitPull:
    """A merged pull request.

    Attributes:
        head: Name of its head branch; empty where that is in another repository.
        base: Name of the branch that it was merged into.
        merge_sha: The commit that it came by.
        body: As written, by us and by people.
    """

    number: int
    head: str
    base: str
    merge_sha: str
    body: str


def pulls_of_commit(client: GitHubClient, commit_sha: str) -> tuple[CommitPull, ...]:
    """The merged pull requests of a commit, a hundred at most, in one request.

    Raises:
        GitHubApiError: GitHub refused.
        ServiceUnavailableError: It did not answer.
    Spec: https://docs.github.com/en/rest/commits/commits#list-pull-requests-associated-with-a-commit
    """
    operation = f"read the pull requests of {commit_sha[:7]}"
    found = client.read(operation, f"commits/{commit_sha}/pulls", per_page=100)
    return tuple(_commit_pull(one) for one in found if one.get("merged_at"))


def _commit_pull(data: dict[str, Any]) -> CommitPull:
    head, base = data["head"], data["base"]
    here = (head.get("repo") or {}).get("full_name") == base["repo"]["full_name"]
    return CommitPull(
        number=int(data["number"]),
        head=str(head["ref"]) if here else "",
        base=str(base["ref"]),
        merge_sha=str(data.get("merge_commit_sha") or ""),
        body=str(data.get("body") or ""),
    )
