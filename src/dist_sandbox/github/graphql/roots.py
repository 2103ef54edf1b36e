"""The fields that GraphQL requests begin with: queries and mutations.

The texts of refusals were seen in answers of GitHub, where auto_merging.py does not say otherwise.
"""

from typing import Any

from dist_sandbox.github.graphql.leaf_nodes import ActorNode, ReviewNode
from dist_sandbox.github.graphql.nodes import EntryNode, PullNode, RepositoryNode, find_pull_node
from dist_sandbox.github.graphql.viewing import QueryError, Viewer
from dist_sandbox.github.pull_requests.auto_merge import (
    RefusedError,
    advance,
    arm,
    check_head,
    disarm,
    enqueue_ready,
)
from dist_sandbox.github.pull_requests.events import announce_pull
from dist_sandbox.github.pull_requests.merge_queue import QueueEntry, dequeue, find_entry
from dist_sandbox.github.pull_requests.merging import MergeRequest, merge_pull
from dist_sandbox.github.pull_requests.pulls import PullRequest
from dist_sandbox.github.pull_requests.reviewing import Said, add_review
from dist_sandbox.github.render.basics import node_id, timestamp
from dist_sandbox.github.repository import Repository
from dist_sandbox.github.rest.errors import ApiError
from dist_sandbox.github.rest.rate_limit import HOURLY_LIMIT

_PULLS = ("pull_requests", "write")
_CONTENTS = ("contents", "write")


class Root:
    """Queries and mutations, for one viewer."""

    def __init__(self, viewer: Viewer) -> None:
        self._viewer, self._github, self._by = viewer, viewer.github, viewer.principal
        #: Whether a mutation changed anything.
        self.changed = False

    @property
    def viewer(self) -> ActorNode:
        """Whoever asks."""
        return ActorNode(self._viewer, self._viewer.principal.account)

    @property
    def rate_limit(self) -> dict[str, Any]:
        """How much may still be asked this hour; the sandbox does not count points."""
        reset = timestamp(self._viewer.world.clock.timestamp() + 3600)
        counts = {"limit": HOURLY_LIMIT, "cost": 1, "remaining": HOURLY_LIMIT, "used": 0}
        return {**counts, "reset_at": reset}

    def repository(self, owner: str, name: str, **_: Any) -> RepositoryNode:
        """A repository by its name."""
        found = self._viewer.github.find_repository(owner, name)
        if found is None or not self._viewer.principal.sees(found):
            message = f"Could not resolve to a Repository with the name '{owner}/{name}'."
            raise QueryError("NOT_FOUND", message)
        return RepositoryNode(self._viewer, found)

    def node(self, id: str) -> RepositoryNode | PullNode:  # noqa: A002 - GitHub's argument
        """A repository or a pull request by its global ID."""
        for repository in self._viewer.github.repositories.values():
            if node_id("Repository", repository.repository_id) == id:
                return RepositoryNode(self._viewer, repository)
        self._viewer.require(("pull_requests", "read"))
        return find_pull_node(self._viewer, id)[2]

    def merge_pull_request(self, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002
        """Merge a pull request now."""
        repository, pull, _ = self._writable(input["pullRequestId"], _CONTENTS)
        wanted = _read_merge(input)
        self._do(lambda: merge_pull(self._github, repository, pull, wanted, self._by))
        shown = PullNode(self._viewer, repository, pull)
        return self._answer(input, actor=self.viewer, pull_request=shown)

    def add_pull_request_review(self, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002
        """Approve, ask for changes or comment."""
        repository, pull, _ = self._writable(input["pullRequestId"])
        said = Said(
            input.get("event") or "COMMENT", input.get("body") or "", input.get("commitOID")
        )
        review = self._do(lambda: add_review(self._github, repository, pull, said, self._by))
        return self._answer(input, pull_request_review=ReviewNode(self._viewer, review))

    def enable_pull_request_auto_merge(self, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002
        """Let a pull request be merged by itself."""
        repository, pull, node = self._writable(input["pullRequestId"], _CONTENTS)
        wanted = _read_merge(input)
        self._do(lambda: arm(self._github, repository, pull, wanted, self._by))
        return self._answer(input, actor=self.viewer, pull_request=node)

    def disable_pull_request_auto_merge(self, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002
        """Take that back."""
        repository, pull, node = self._writable(input["pullRequestId"], _CONTENTS)
        self._do(lambda: disarm(self._github, repository, pull, self._by))
        return self._answer(input, actor=self.viewer, pull_request=node)

    def enqueue_pull_request(self, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002
        """Add a pull request to the merge queue of its base."""
        repository, pull, _ = self._writable(input["pullRequestId"], _CONTENTS)

        def add() -> QueueEntry:
            check_head(pull, input.get("expectedHeadOid"))
            return enqueue_ready(self._github, repository, pull, self._by)

        entry = self._do(add)
        return self._answer(input, merge_queue_entry=self._entry(repository, entry))

    def dequeue_pull_request(self, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002
        """Take a pull request out of its queue."""
        repository, pull, _ = self._writable(input["id"], _CONTENTS)
        entry = find_entry(repository, pull)
        if entry is None:
            raise QueryError("UNPROCESSABLE", "Pull request is not in the merge queue")
        shown = self._entry(repository, entry)
        self._do(lambda: dequeue(self._github, repository, entry, self._by))
        return self._answer(input, merge_queue_entry=shown)

    def mark_pull_request_ready_for_review(self, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002
        """Make a draft a pull request that can be merged."""
        return self._set_draft(input, draft=False, action="ready_for_review")

    def convert_pull_request_to_draft(self, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002
        """Make a pull request a draft, which cannot be merged."""
        return self._set_draft(input, draft=True, action="converted_to_draft")

    def _set_draft(self, given: dict[str, Any], *, draft: bool, action: str) -> dict[str, Any]:
        repository, pull, _ = self._writable(given["pullRequestId"])
        pull.draft = draft
        self._do(lambda: announce_pull(self._github, repository, pull, action, self._by))
        return self._answer(given, pull_request=PullNode(self._viewer, repository, pull))

    def _writable(
        self, global_id: str, *further: tuple[str, str]
    ) -> tuple[Repository, PullRequest, PullNode]:
        found = find_pull_node(self._viewer, global_id)
        self._viewer.require(_PULLS, *further)
        return found

    def _do(self, change: Any) -> Any:
        """Change something, and let GitHub do what follows from it."""
        try:
            found = change()
        except RefusedError as error:
            # GitHub itself says the words twice.
            raise QueryError("UNPROCESSABLE", f"Pull request {error}") from error
        except ApiError as error:
            texts = [one for one in error.errors or () if isinstance(one, str)]
            raise QueryError("UNPROCESSABLE", " ".join(texts) or error.message) from error
        self.changed = True
        advance(self._github)
        return found

    def _entry(self, repository: Repository, entry: QueueEntry) -> EntryNode:
        return EntryNode(self._viewer, repository, entry)

    def _answer(self, given: dict[str, Any], **found: Any) -> dict[str, Any]:
        return {"client_mutation_id": given.get("clientMutationId"), **found}


def _read_merge(given: dict[str, Any]) -> MergeRequest:
    return MergeRequest(
        method=given["mergeMethod"].lower(),
        sha=given.get("expectedHeadOid"),
        title=given.get("commitHeadline"),
        message=given.get("commitBody"),
    )
