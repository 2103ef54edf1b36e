"""Pull requests of a repository on GitHub."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from github import GithubException
from github.PullRequest import PullRequest as GitHubPullRequest
from github.Repository import Repository

from dist_actions.errors import PromotionError, ServiceUnavailableError
from dist_actions.services.github.client import MEANINGFUL, GitHubClient, UnsettledError, message_of

T = TypeVar("T")


@dataclass(frozen=True)
class PullRequest:
    """A pull request.

    Attributes:
        state: `open`, `merged` or `closed`.
        body: As written, by us and by people.
        labels: Their names.
        head: Name of its head branch; empty where that is in another repository.
        node_id: Its name in GraphQL.
        armed: Whether GitHub merges it by itself once nothing is missing.
        mergeable: None while GitHub computes it, and wherever it was not asked.
        mergeable_state: GitHub's word for what keeps it from being merged: `clean`, `blocked`,
            `unstable`, `dirty`, `behind`, `draft`, …; empty where it was not asked.
        merge_sha: The commit that it came to the base by, if it is merged.
    """

    number: int
    url: str
    state: str
    title: str
    body: str
    head_sha: str
    labels: frozenset[str] = frozenset()
    head: str = ""
    node_id: str = ""
    armed: bool = False
    mergeable: bool | None = None
    mergeable_state: str = ""
    merge_sha: str = ""


class PullRequests:
    """Reads and writes pull requests.

    Spec: https://docs.github.com/en/rest/pulls/pulls
    """

    def __init__(self, client: GitHubClient) -> None:
        self._client = client
        self._owner = client.github_repository.partition("/")[0]

    def find(self, head: str, base: str) -> PullRequest | None:
        """The newest pull request from a branch of this repository to another.

        An open one is preferred. Without the owner in front of `head`, GitHub ignores the filter.
        """
        operation = f"look for a pull request from {head}"
        whose = f"{self._owner}:{head}"
        found = self._client.read(operation, "pulls", state="all", base=base, head=whose)
        pulls = [_pull(pull) for pull in found]
        ranked = sorted(pulls, key=lambda pull: (pull.state == "open", pull.number))
        return ranked[-1] if ranked else None

    def open_into(self, base: str) -> tuple[PullRequest, ...]:
        """The newest open pull requests into a branch, a hundred at most."""
        operation = f"list the pull requests into {base}"
        found = self._client.read(operation, "pulls", state="open", base=base, per_page=100)
        return tuple(_pull(pull) for pull in found)

    def read(self, number: int) -> PullRequest:
        """One pull request, with what keeps it from being merged."""
        return _pull(self._client.read(f"read the pull request #{number}", f"pulls/{number}"))

    def create(
        self, *, head: str, base: str, title: str, body: str, draft: bool
    ) -> PullRequest | None:
        """Open a pull request; one that another run opened meanwhile is taken.

        Returns:
            The pull request; None where the base holds the head by now.

        Raises:
            PromotionError: GitHub does not let this token open pull requests.
            GitHubApiError: GitHub refused for another reason.
            ServiceUnavailableError: GitHub did not confirm it.
        """
        operation = f"open a pull request from {head} to {base}"

        def create(repo: Repository) -> GitHubPullRequest:
            return repo.create_pull(base, head, title=title, body=body, draft=draft)

        try:
            made = self._client.call(
                operation, create, repeatable=False, meaningful=MEANINGFUL | {403}
            )
            return _pull(made.raw_data)
        except UnsettledError:
            found = self.find(head, base)
        except GithubException as error:
            if "No commits between" in message_of(error):
                return None
            if "already exists" not in message_of(error):
                raise self._creation_refused(operation, error) from error
            found = self.find(head, base)
        if found is None:
            raise _unconfirmed(operation)
        return found

    def update(self, pull: PullRequest, *, title: str, body: str) -> None:
        """Change title and body."""
        self._call(
            f"update the pull request #{pull.number}",
            lambda repo: repo.requester.requestJsonAndCheck(
                "PATCH", f"{repo.url}/pulls/{pull.number}", input={"title": title, "body": body}
            ),
        )

    def close(self, pull: PullRequest) -> None:
        """Close it without merging."""
        self._call(
            f"close the pull request #{pull.number}",
            lambda repo: repo.requester.requestJsonAndCheck(
                "PATCH", f"{repo.url}/pulls/{pull.number}", input={"state": "closed"}
            ),
        )

    def comment_once(self, pull: PullRequest, mark: str, text: str) -> None:
        """Comment, unless there is a comment with this mark already.

        Args:
            pull: What is commented on.
            mark: Stands at the end of the comment, unseen.
            text: Markdown.

        Raises:
            ServiceUnavailableError: GitHub did not confirm it.
        """
        operation = f"comment on the pull request #{pull.number}"
        body = f"{text}\n\n{mark}"
        if self._has_comment(pull, mark):
            return
        try:
            self._client.call(
                operation,
                lambda repo: repo.requester.requestJsonAndCheck(
                    "POST", f"{repo.url}/issues/{pull.number}/comments", input={"body": body}
                ),
                repeatable=False,
            )
        except GithubException as error:
            raise self._client.refusal(operation, error) from error
        except UnsettledError as error:
            if not self._has_comment(pull, mark):
                raise _unconfirmed(operation) from error

    def _has_comment(self, pull: PullRequest, mark: str) -> bool:
        operation = f"read the comments on the pull request #{pull.number}"
        found = self._client.read(operation, f"issues/{pull.number}/comments", per_page=100)
        return any(mark in str(one["body"] or "") for one in found)

    def label(self, pull: PullRequest, labels: Sequence[str]) -> None:
        """Add labels."""
        self._call(
            f"label the pull request #{pull.number}",
            lambda repo: repo.requester.requestJsonAndCheck(
                "POST", f"{repo.url}/issues/{pull.number}/labels", input={"labels": list(labels)}
            ),
        )

    def request_reviews(self, pull: PullRequest, reviewers: Sequence[str]) -> None:
        """Ask people, and teams written as `org/team`, for a review."""
        people = [name for name in reviewers if "/" not in name]
        teams = [name.partition("/")[2] for name in reviewers if "/" in name]
        self._call(
            f"ask for reviews of the pull request #{pull.number}",
            lambda repo: repo.requester.requestJsonAndCheck(
                "POST",
                f"{repo.url}/pulls/{pull.number}/requested_reviewers",
                input={"reviewers": people, "team_reviewers": teams},
            ),
        )

    def _creation_refused(self, operation: str, error: GithubException) -> Exception:
        message = message_of(error)
        if "not permitted to create" in message:
            return PromotionError(
                f"GitHub refused to {operation}: {message}.",
                why="the repository does not let workflows open pull requests with this token.",
                fix="give a GitHub App, or allow it in Settings, Actions, General, "
                "Workflow permissions.",
                anchor="promote-permission",
            )
        return self._client.refusal(operation, error)

    def _call(self, operation: str, request: Callable[[Repository], T]) -> T:
        try:
            return self._client.call(operation, request)
        except GithubException as error:
            raise self._client.refusal(operation, error) from error


def _unconfirmed(operation: str) -> ServiceUnavailableError:
    return ServiceUnavailableError(
        f"GitHub did not {operation}.",
        why="its answer was lost, or it does not list what was made yet.",
        fix="run the job again; it takes what is there.",
        anchor="service-unavailable",
    )


def _pull(data: dict[str, Any]) -> PullRequest:
    merged, head = bool(data.get("merged_at")), data["head"]
    here = (head.get("repo") or {}).get("full_name") == data["base"]["repo"]["full_name"]
    return PullRequest(
        number=int(data["number"]),
        url=str(data["html_url"]),
        state="merged" if merged else str(data["state"]),
        title=str(data["title"]),
        body=str(data["body"] or ""),
        head_sha=str(head["sha"]),
        labels=frozenset(str(label["name"]) for label in data.get("labels", [])),
        head=str(head["ref"]) if here else "",
        node_id=str(data.get("node_id") or ""),
        armed=bool(data.get("auto_merge")),
        mergeable=data.get("mergeable"),
        mergeable_state=str(data.get("mergeable_state") or ""),
        merge_sha=str(data.get("merge_commit_sha") or "") if merged else "",
    )
