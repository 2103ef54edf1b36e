"""Merge pull requests on GitHub: at once, by auto-merge, or by a merge queue.

Each request names the head that was decided on, so nothing else can be merged by it, and it may be
sent again.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from dist_actions.abbreviation import short_sha
from dist_actions.services.github.client import GitHubClient
from dist_actions.services.github.pulls import PullRequest
from dist_actions.services.github.refusals import RefusedError
from dist_actions.services.json_fields import nothing, sha, text

#: GraphQL's refusals (400), a rule, method or conflict that forbids it (405), a head that moved
#: (409), what is not valid (422).
_REFUSALS = frozenset({400, 405, 409, 422})


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
            RefusedError: GitHub refused.
            ServiceUnavailableError: GitHub did not answer.
        """
        body = {"merge_method": commit.method, "sha": pull.head_sha}
        if commit.method != "rebase":
            body |= {"commit_title": commit.title, "commit_message": commit.text}
        operation = f"merge the pull request #{pull.number}"
        return self._client.request(
            operation,
            "PUT",
            f"pulls/{pull.number}/merge",
            body,
            lambda merge: sha(merge["sha"]),
            meaningful=_REFUSALS,
        )

    def arm(self, pull: PullRequest, commit: MergeCommit | None) -> None:
        """Let GitHub merge it, or put it into the merge queue, once nothing is missing.

        Args:
            pull: Its head must still be what it names.
            commit: None for a merge queue, which has a method of its own.

        Raises:
            RefusedError: Nothing is missing, or the repository does not allow it.
        """
        # A merge queue goes by its own method, whatever is sent.
        values = {"mergeMethod": commit.method.upper() if commit else "MERGE"}
        if commit and commit.method != "rebase":
            values |= {"commitHeadline": commit.title, "commitBody": commit.text}
        operation = f"arm the pull request #{pull.number}"
        self._mutate(operation, "enablePullRequestAutoMerge", pull, values)

    def enqueue(self, pull: PullRequest) -> None:
        """Put a pull request into the merge queue.

        Raises:
            RefusedError: GitHub refused.
        """
        operation = f"put the pull request #{pull.number} into the merge queue"
        self._mutate(operation, "enqueuePullRequest", pull, {})

    def fast_forward(self, branch: str, commit_sha: str) -> None:
        """Move a branch to a commit that holds all of it.

        Raises:
            RefusedError: The commit does not hold all of it, or a rule forbids it.
        """
        operation = f"move {branch} to {short_sha(commit_sha)}"
        body = {"sha": commit_sha, "force": False}
        self._client.request(
            operation,
            "PATCH",
            f"git/refs/heads/{quote(branch)}",
            body,
            lambda ref: sha(ref["object"]["sha"]),
            meaningful=_REFUSALS,
        )

    def delete_branch(self, branch: str) -> None:
        """Delete a branch; one that is gone is no obstacle."""
        operation = f"delete the branch {branch}"
        try:
            self._client.request(
                operation,
                "DELETE",
                f"git/refs/heads/{quote(branch)}",
                None,
                nothing,
                meaningful=_REFUSALS,
            )
        except RefusedError as error:
            if "does not exist" not in error.message:
                raise

    def commit(self, commit_sha: str) -> CommitOnGitHub:
        """Read a commit."""
        operation = f"read the commit {short_sha(commit_sha)}"
        return self._client.read(operation, f"git/commits/{commit_sha}", _commit)

    def _mutate(
        self, operation: str, mutation: str, pull: PullRequest, values: dict[str, str]
    ) -> None:
        """Change a pull request by GraphQL, if its head is still the one that was decided on."""
        head = {"pullRequestId": pull.node_id, "expectedHeadOid": pull.head_sha}
        kind = f"{mutation[0].upper()}{mutation[1:]}Input!"
        self._client.query(
            operation,
            f"mutation Mutation($input: {kind}) {{ {mutation}(input: $input) "
            "{ clientMutationId } }",
            {"input": head | values},
            lambda data: data[mutation]["clientMutationId"],
            _REFUSALS,
        )


def _commit(data: Any) -> CommitOnGitHub:
    committer = str((data.get("committer") or {}).get("email") or "")
    return CommitOnGitHub(sha(data["tree"]["sha"]), text(data["message"]), committer)
