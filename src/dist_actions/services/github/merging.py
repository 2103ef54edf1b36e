"""Merges pull requests on GitHub: at once, by auto-merge, or by a merge queue.

Each request names the head that was decided on, so nothing else can be merged by it, and it may be
sent again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from github import GithubException
from github.PullRequest import PullRequest as GitHubPullRequest
from github.Repository import Repository

from dist_actions.services.github.client import GitHubClient, message_of
from dist_actions.services.github.pulls import PullRequest

#: GraphQL's refusals (400), a method or rule that forbids it (405), a head that moved (409).
_REFUSALS = frozenset({400, 405, 409, 422})


class MergeRefusedError(Exception):
    """GitHub does not merge; the caller finds out what is missing. It never leaves a stage.

    Attributes:
        status: 405 for a rule or a conflict, 409 for a head that moved, 400 from GraphQL.
        message: GitHub's own.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{message} (HTTP {status})")
        self.status = status
        self.message = message


@dataclass(frozen=True)
class MergeCommit:
    """What the commit of a merge says; GitHub's own texts where the method is `rebase`.

    Attributes:
        method: `merge`, `squash` or `rebase`.
        title: First line.
        text: What follows, with our trailers.
    """

    method: str
    title: str
    text: str


@dataclass(frozen=True)
class CommitOnGitHub:
    """A commit; `committer` is an address, which changes where somebody amends it."""

    tree_sha: str
    message: str
    committer: str


class Merging:
    """Merges pull requests, and moves branches.

    Spec: https://docs.github.com/en/rest/pulls/pulls#merge-a-pull-request and
    https://docs.github.com/en/graphql/reference/mutations#enablepullrequestautomerge
    """

    def __init__(self, client: GitHubClient) -> None:
        self._client = client

    def merge(self, pull: PullRequest, commit: MergeCommit) -> str:
        """Merge it now, and return the commit that the base then holds.

        Raises:
            MergeRefusedError: GitHub refused.
            ServiceUnavailableError: GitHub did not answer.
        """
        texts: dict[str, Any] = {}
        if commit.method != "rebase":
            texts = {"commit_title": commit.title, "commit_message": commit.text}

        def put(repo: Repository) -> str:
            known = _known(repo, pull)
            done = known.merge(merge_method=commit.method, sha=pull.head_sha, **texts)
            return str(done.sha)

        return str(self._call(f"merge the pull request #{pull.number}", put))

    def arm(self, pull: PullRequest, commit: MergeCommit | None) -> None:
        """Let GitHub merge it, or put it into the merge queue, once nothing is missing.

        Args:
            pull: Its head must still be what it names.
            commit: None for a merge queue, which has a method of its own.

        Raises:
            MergeRefusedError: Nothing is missing, or the repository does not allow it.
        """
        texts: dict[str, Any] = {}
        if commit and commit.method != "rebase":
            texts = {"commit_headline": commit.title, "commit_body": commit.text}
        if commit:
            texts["merge_method"] = commit.method.upper()

        def enable(repo: Repository) -> None:
            _known(repo, pull).enable_automerge(expected_head_oid=pull.head_sha, **texts)

        self._call(f"arm the pull request #{pull.number}", enable)

    def enqueue(self, pull: PullRequest) -> None:
        """Put a pull request into the merge queue.

        Raises:
            MergeRefusedError: GitHub refused.
        """

        def enqueue(repo: Repository) -> None:
            repo.requester.graphql_named_mutation(
                "enqueuePullRequest",
                {"pullRequestId": pull.node_id, "expectedHeadOid": pull.head_sha},
                "clientMutationId",
            )

        self._call(f"put the pull request #{pull.number} into the merge queue", enqueue)

    def fast_forward(self, branch: str, commit_sha: str) -> None:
        """Move a branch to a commit that holds all of it.

        Raises:
            MergeRefusedError: The commit does not hold all of it, or a rule forbids it.
        """
        path = f"git/refs/heads/{quote(branch)}"

        def patch(repo: Repository) -> None:
            repo.requester.requestJsonAndCheck(
                "PATCH", f"{repo.url}/{path}", input={"sha": commit_sha, "force": False}
            )

        self._call(f"move {branch} to {commit_sha[:7]}", patch)

    def delete_branch(self, branch: str) -> None:
        """Delete a branch; one that is gone is no obstacle."""
        path = f"git/refs/heads/{quote(branch)}"

        def delete(repo: Repository) -> None:
            repo.requester.requestJsonAndCheck("DELETE", f"{repo.url}/{path}")

        try:
            self._call(f"delete the branch {branch}", delete)
        except MergeRefusedError as error:
            if "does not exist" not in error.message:
                raise

    def commit(self, commit_sha: str) -> CommitOnGitHub:
        """One commit."""

        def get(repo: Repository) -> dict[str, Any]:
            path = f"{repo.url}/git/commits/{commit_sha}"
            return dict(repo.requester.requestJsonAndCheck("GET", path)[1])

        operation = f"read the commit {commit_sha[:7]}"
        try:
            found = self._client.call(operation, get)
        except GithubException as error:
            raise self._client.refusal(operation, error) from error
        committer = str((found.get("committer") or {}).get("email") or "")
        return CommitOnGitHub(str(found["tree"]["sha"]), str(found["message"]), committer)

    def _call(self, operation: str, request: Callable[[Repository], Any]) -> Any:
        try:
            return self._client.call(operation, request, meaningful=_REFUSALS)
        except GithubException as error:
            raise MergeRefusedError(error.status, message_of(error)) from error


def _known(repo: Repository, pull: PullRequest) -> GitHubPullRequest:
    """PyGithub's object for a pull request that was read already, without reading it again."""
    attributes = {
        "number": pull.number,
        "node_id": pull.node_id,
        "url": f"{repo.url}/pulls/{pull.number}",
    }
    return GitHubPullRequest(repo.requester, {}, attributes, completed=True)
