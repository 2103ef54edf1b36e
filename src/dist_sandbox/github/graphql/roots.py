"""The fields that GraphQL requests begin with: queries and mutations.

The texts of refusals were seen in answers of GitHub, where auto_merge.py does not say otherwise.
"""

from typing import Any

from dist_sandbox.github.graphql.leaf_nodes import ActorNode, ReviewNode
from dist_sandbox.github.graphql.nodes import EntryNode, PullNode, RepositoryNode, find_pull_node
from dist_sandbox.github.graphql.owner_nodes import OwnerNode
from dist_sandbox.github.graphql.viewing import QueryError, Viewer
from dist_sandbox.github.pull_requests.auto_merge import (
    AutoMergeError,
    advance,
    arm,
    check_head,
    disarm,
    enqueue_ready,
)
from dist_sandbox.github.pull_requests.merge_queue import dequeue, find_entry
from dist_sandbox.github.pull_requests.merging import MergeRequest, merge_pull
from dist_sandbox.github.pull_requests.pulls import PullRequest, QueueEntry
from dist_sandbox.github.pull_requests.reviewing import ReviewSubmission, add_review
from dist_sandbox.github.render.basics import node_id, timestamp
from dist_sandbox.github.render.webhooks import announce_pull
from dist_sandbox.github.rest.calls import HOURLY_LIMIT
from dist_sandbox.github.rest.errors import GitHubError
from dist_sandbox.github.state import Repository

_PULLS = ("pull_requests", "write")
_CONTENTS = ("contents", "write")


class Root:
    """Queries and mutations, for one viewer."""

    def __init__(self, viewer: Viewer) -> None:
        self._viewer, self._by = viewer, viewer.principal
        #: Whether a mutation changed anything.
        self.changed = False

    @property
    def viewer(self) -> ActorNode:
        """Return whoever asks."""
        return ActorNode(self._viewer, self._by.account)

    @property
    def rate_limit(self) -> dict[str, Any]:
        """Tell how much may still be asked this hour; the sandbox does not count points."""
        reset = timestamp(self._viewer.github.clock.timestamp() + 3600)
        counts = {"limit": HOURLY_LIMIT, "cost": 1, "remaining": HOURLY_LIMIT, "used": 0}
        return {**counts, "reset_at": reset}

    def repository(self, owner: str, name: str, **_: Any) -> RepositoryNode:
        """Find a repository by its name."""
        repository = self._viewer.github.find_repository(owner, name)
        if repository is None or not self._by.sees(repository.repository_id):
            message = f"Could not resolve to a Repository with the name '{owner}/{name}'."
            raise QueryError("NOT_FOUND", message)
        return RepositoryNode(self._viewer, repository)

    def repository_owner(self, login: str) -> OwnerNode | None:
        """Find a user or an organisation; None where there is none of that name."""
        accounts = (
            self._viewer.github.owner,
            *(user.account for user in self._viewer.github.users),
        )
        owners = (account for account in accounts if account.login.lower() == login.lower())
        return next((OwnerNode(self._viewer, account) for account in owners), None)

    def node(self, id: str) -> RepositoryNode | PullNode:  # noqa: A002 - GitHub's argument
        """Find a repository or a pull request by its global ID."""
        for repository in self._viewer.github.repositories.values():
            if node_id("Repository", repository.repository_id) == id:
                return RepositoryNode(self._viewer, repository)
        self._viewer.require(("pull_requests", "read"))
        return find_pull_node(self._viewer, id)[2]

    def merge_pull_request(self, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002
        """Merge a pull request now."""
        repository, pull, _ = self._writable(input["pullRequestId"], _CONTENTS)
        request = _read_merge(input)
        self._do(lambda: merge_pull(repository, pull, request, self._by))
        merged = PullNode(self._viewer, repository, pull)
        return _payload(input, actor=self.viewer, pull_request=merged)

    def add_pull_request_review(self, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002
        """Approve, ask for changes or comment."""
        repository, pull, _ = self._writable(input["pullRequestId"])
        event, body = input.get("event") or "COMMENT", input.get("body") or ""
        submission = ReviewSubmission(event, body, input.get("commitOID"))
        review = self._do(lambda: add_review(repository, pull, submission, self._by))
        return _payload(input, pull_request_review=ReviewNode(self._viewer, review))

    def enable_pull_request_auto_merge(self, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002
        """Let a pull request be merged by itself."""
        repository, pull, node = self._writable(input["pullRequestId"], _CONTENTS)
        request = _read_merge(input)
        self._do(lambda: arm(repository, pull, request, self._by))
        return _payload(input, actor=self.viewer, pull_request=node)

    def disable_pull_request_auto_merge(self, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002
        """Disable auto-merge of a pull request."""
        repository, pull, node = self._writable(input["pullRequestId"], _CONTENTS)
        self._do(lambda: disarm(repository, pull, self._by))
        return _payload(input, actor=self.viewer, pull_request=node)

    def enqueue_pull_request(self, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002
        """Add a pull request to the merge queue of its base."""
        repository, pull, _ = self._writable(input["pullRequestId"], _CONTENTS)

        def add() -> QueueEntry:
            check_head(pull, input.get("expectedHeadOid"))
            return enqueue_ready(repository, pull, self._by)

        entry = self._do(add)
        return _payload(input, merge_queue_entry=EntryNode(self._viewer, repository, entry))

    def dequeue_pull_request(self, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002
        """Take a pull request out of its queue."""
        repository, pull, _ = self._writable(input["id"], _CONTENTS)
        entry = find_entry(repository, pull)
        if entry is None:
            raise QueryError("UNPROCESSABLE", "Pull request is not in the merge queue")
        node = EntryNode(self._viewer, repository, entry)
        self._do(lambda: dequeue(repository, entry, self._by))
        return _payload(input, merge_queue_entry=node)

    def mark_pull_request_ready_for_review(self, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002
        """Make a draft a pull request that can be merged."""
        return self._set_draft(input, draft=False, action="ready_for_review")

    def convert_pull_request_to_draft(self, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002
        """Make a pull request a draft, which cannot be merged."""
        return self._set_draft(input, draft=True, action="converted_to_draft")

    def _set_draft(self, fields: dict[str, Any], *, draft: bool, action: str) -> dict[str, Any]:
        repository, pull, _ = self._writable(fields["pullRequestId"])
        pull.draft = draft
        self._do(lambda: announce_pull(repository, pull, action, self._by))
        return _payload(fields, pull_request=PullNode(self._viewer, repository, pull))

    def _writable(
        self, global_id: str, *further: tuple[str, str]
    ) -> tuple[Repository, PullRequest, PullNode]:
        pull = find_pull_node(self._viewer, global_id)
        self._viewer.require(_PULLS, *further)
        return pull

    def _do(self, change: Any) -> Any:
        """Change something, and let GitHub do what follows from it."""
        try:
            result = change()
        except AutoMergeError as error:
            # GitHub itself says the words twice.
            raise QueryError("UNPROCESSABLE", f"Pull request {error}") from error
        except GitHubError as error:
            texts = [text for text in error.errors or () if isinstance(text, str)]
            raise QueryError("UNPROCESSABLE", " ".join(texts) or error.message) from error
        self.changed = True
        advance(self._viewer.github)
        return result


def _payload(fields: dict[str, Any], **nodes: Any) -> dict[str, Any]:
    """Make a mutation's payload, which repeats the client's ID for it."""
    return {"client_mutation_id": fields.get("clientMutationId"), **nodes}


def _read_merge(fields: dict[str, Any]) -> MergeRequest:
    return MergeRequest(
        method=fields["mergeMethod"].lower(),
        sha=fields.get("expectedHeadOid"),
        title=fields.get("commitHeadline"),
        message=fields.get("commitBody"),
    )
