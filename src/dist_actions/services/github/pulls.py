"""Pull requests of a repository on GitHub."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dist_actions.abbreviation import short_sha
from dist_actions.errors import PromotionError
from dist_actions.services.github.client import GitHubClient
from dist_actions.services.github.refusals import RefusedError
from dist_actions.services.json_fields import flag, items, number, sha, text
from dist_actions.services.retries import Transient, UnsettledError

#: Not permitted; not valid, for one of several reasons that only the message tells.
_REFUSALS = frozenset({403, 404, 409, 422})


@dataclass(frozen=True)
class PullRequest:
    """A pull request.

    Attributes:
        number: Its number in the repository.
        url: Its page.
        state: `open`, `merged` or `closed`.
        title: As written.
        body: As written, by us and by people.
        head_sha: The last commit of its head branch.
        labels: Their names.
        head: Name of its head branch; empty where that is in another repository.
        base: Name of the branch that it is to be merged into, or was.
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
    base: str = ""
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
        """Find the newest pull request from a branch of this repository to another.

        An open one is preferred. Without the owner in front of `head`, GitHub ignores the filter.
        """
        operation = f"look for a pull request from {head}"
        whose = f"{self._owner}:{head}"
        pulls = self._client.read(operation, "pulls", _pulls, state="all", base=base, head=whose)
        ranked = sorted(pulls, key=lambda pull: (pull.state == "open", pull.number))
        return ranked[-1] if ranked else None

    def open_into(self, base: str) -> tuple[PullRequest, ...]:
        """List the newest open pull requests into a branch, a hundred at most."""
        operation = f"list the pull requests into {base}"
        return self._client.read(operation, "pulls", _pulls, state="open", base=base, per_page=100)

    def of_commit(self, commit_sha: str) -> tuple[PullRequest, ...]:
        """List the merged pull requests of a commit, a hundred at most, in one request.

        Spec: https://docs.github.com/en/rest/commits/commits#list-pull-requests-associated-with-a-commit
        """
        operation = f"read the pull requests of {short_sha(commit_sha)}"
        pulls = self._client.read(operation, f"commits/{commit_sha}/pulls", _pulls, per_page=100)
        return tuple(pull for pull in pulls if pull.state == "merged")

    def read(self, number: int) -> PullRequest:
        """Read a pull request, with what keeps it from being merged."""
        return self._client.read(f"read the pull request #{number}", f"pulls/{number}", _pull)

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
        fields = {"base": base, "head": head, "title": title, "body": body, "draft": draft}

        def find() -> PullRequest | None:
            pull = self.find(head, base)
            return pull if pull and pull.state == "open" else None

        def make() -> PullRequest:
            options: Any = {"repeatable": False, "meaningful": _REFUSALS}
            try:
                return self._client.request(operation, "POST", "pulls", fields, _pull, **options)
            except RefusedError as error:
                if "already exists" not in error.message:
                    raise
                raise UnsettledError(operation, Transient("it is not listed yet")) from error

        try:
            return self._client.retries.make_once(operation, make, find)
        except RefusedError as error:
            if "No commits between" in error.message:
                return None
            raise self._explain_creation(operation, error) from error

    def update(self, pull: PullRequest, *, title: str, body: str) -> None:
        """Change a pull request's title and body."""
        operation = f"update the pull request #{pull.number}"
        changes = {"title": title, "body": body}
        self._client.request(operation, "PATCH", f"pulls/{pull.number}", changes, _pull)

    def close(self, pull: PullRequest) -> None:
        """Close a pull request without merging it."""
        operation = f"close the pull request #{pull.number}"
        body = {"state": "closed"}
        self._client.request(operation, "PATCH", f"pulls/{pull.number}", body, _pull)

    def comment_once(self, pull: PullRequest, mark: str, text: str) -> None:
        """Write a comment on a pull request, unless there is a comment with this mark already.

        Args:
            mark: Stands at the end of the comment, unseen.

        Raises:
            ServiceUnavailableError: GitHub did not confirm it.
        """
        operation = f"comment on the pull request #{pull.number}"
        path, fields = f"issues/{pull.number}/comments", {"body": f"{text}\n\n{mark}"}

        def find() -> str | None:
            reading = f"read the comments on the pull request #{pull.number}"
            comments = self._client.read(reading, path, _comments, per_page=100)
            return next((comment for comment in comments if mark in comment), None)

        def make() -> str:
            return self._client.request(operation, "POST", path, fields, _comment, repeatable=False)

        if find() is None:
            self._client.retries.make_once(operation, make, find)

    def label(self, pull: PullRequest, labels: Sequence[str]) -> None:
        """Add labels to a pull request."""
        operation = f"label the pull request #{pull.number}"
        body = {"labels": list(labels)}
        self._client.request(operation, "POST", f"issues/{pull.number}/labels", body, _labels)

    def request_reviews(self, pull: PullRequest, reviewers: Sequence[str]) -> None:
        """Ask people, and teams written as `org/team`, for a review."""
        people = [name for name in reviewers if "/" not in name]
        teams = [name.partition("/")[2] for name in reviewers if "/" in name]
        operation = f"ask for reviews of the pull request #{pull.number}"
        body = {"reviewers": people, "team_reviewers": teams}
        path = f"pulls/{pull.number}/requested_reviewers"
        self._client.request(operation, "POST", path, body, lambda pull: number(pull["number"]))

    def _explain_creation(self, operation: str, refusal: RefusedError) -> Exception:
        if "not permitted to create" in refusal.message:
            return PromotionError(
                f"GitHub refused to {operation}: {refusal.message}.",
                why="the repository does not let workflows open pull requests with this token.",
                fix="give a GitHub App, or allow it in Settings, Actions, General, "
                "Workflow permissions.",
                anchor="promote-permission",
            )
        return self._client.explain(operation, refusal)


def _comment(data: Any) -> str:
    return str(data["body"] or "")


def _comments(data: Any) -> list[str]:
    return [_comment(comment) for comment in items(data)]


def _labels(data: Any) -> frozenset[str]:
    return frozenset(text(label["name"]) for label in items(data))


def _pulls(data: Any) -> tuple[PullRequest, ...]:
    return tuple(map(_pull, items(data)))


def _pull(data: Any) -> PullRequest:
    merged, head, base = bool(data.get("merged_at")), data["head"], data["base"]
    same_repository = (head.get("repo") or {}).get("full_name") == base["repo"]["full_name"]
    return PullRequest(
        number=number(data["number"]),
        url=text(data["html_url"]),
        state="merged" if merged else text(data["state"]),
        title=text(data["title"]),
        body=str(data["body"] or ""),
        head_sha=sha(head["sha"]),
        labels=_labels(data.get("labels", [])),
        head=text(head["ref"]) if same_repository else "",
        base=text(base["ref"]),
        node_id=str(data.get("node_id") or ""),
        armed=bool(data.get("auto_merge")),
        mergeable=None if data.get("mergeable") is None else flag(data["mergeable"]),
        mergeable_state=str(data.get("mergeable_state") or ""),
        merge_sha=str(data.get("merge_commit_sha") or "") if merged else "",
    )
