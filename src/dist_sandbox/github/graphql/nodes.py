"""What GraphQL queries walk through: repositories, git objects and pull requests.

A field is an attribute of the node of its name in snake case, or a method that takes the field's
arguments. Nothing is worked out before it is asked for.
"""

from functools import cached_property
from typing import Any, Final

from dist_sandbox.github.git.objects import Commit, read_commit, read_tag
from dist_sandbox.github.graphql.file_nodes import BlobNode, GitNode, TreeNode
from dist_sandbox.github.graphql.leaf_nodes import (
    ActorNode,
    AutoMergeNode,
    CheckNode,
    ComparisonNode,
    RollupNode,
    StatusNode,
    UpdateRuleNode,
    find_comparison,
)
from dist_sandbox.github.graphql.release_nodes import (
    ReleaseNode,
    list_release_nodes,
    order_releases,
)
from dist_sandbox.github.graphql.viewing import QueryError, Viewer, connect
from dist_sandbox.github.pull_requests.commits import list_commits, pulls_of_commit
from dist_sandbox.github.pull_requests.merge_queue import (
    entries,
    find_entry,
    has_queue,
    queue_method,
)
from dist_sandbox.github.pull_requests.mergeability import (
    merge_state,
    read_mergeable,
    review_decision,
)
from dist_sandbox.github.pull_requests.pulls import PullRequest, QueueEntry
from dist_sandbox.github.render.basics import node_id, optional_timestamp, timestamp
from dist_sandbox.github.rules.checks import combine
from dist_sandbox.github.state import Repository

_CONTENTS = ("contents", "read")
_PULLS = ("pull_requests", "read")


class TagNode(GitNode):
    """An annotated tag."""

    def __init__(self, viewer: Viewer, repository: Repository, oid: str) -> None:
        super().__init__(viewer, repository, oid, "tag")
        tag = read_tag(repository.git, oid)
        self.name, self.message = (tag.name, tag.message) if tag else ("", "")
        self._object = tag.object_sha if tag else oid

    def target(self) -> GitNode | None:
        """Return what it stands for."""
        return git_node(self.viewer, self.repository, self._object)


class CommitNode(GitNode):
    """A commit."""

    def __init__(self, viewer: Viewer, repository: Repository, oid: str) -> None:
        super().__init__(viewer, repository, oid, "commit")

    @cached_property
    def _commit(self) -> Commit:
        return read_commit(self.repository.git, self.oid)

    @property
    def message(self) -> str:
        """Return the whole message."""
        return self._commit.message

    @property
    def message_headline(self) -> str:
        """Return the first line of the message."""
        return self._commit.subject

    @property
    def committed_date(self) -> str:
        """Tell when it was made."""
        return timestamp(self._commit.committer.timestamp)

    @property
    def tree(self) -> TreeNode:
        """Return its tree."""
        return TreeNode(self.viewer, self.repository, self._commit.tree_sha)

    def parents(self, **arguments: Any) -> dict[str, Any]:
        """List the commits before it."""
        nodes = [CommitNode(self.viewer, self.repository, sha) for sha in self._commit.parents]
        return connect("parents", nodes, arguments)

    def associated_pull_requests(self, **arguments: Any) -> dict[str, Any]:
        """List the pull requests that brought it, or that hold it while open."""
        self.viewer.require(_PULLS)
        pulls = pulls_of_commit(self.repository, self.oid)
        nodes = [PullNode(self.viewer, self.repository, pull) for pull in pulls]
        return connect("associatedPullRequests", nodes, arguments)

    def status_check_rollup(self) -> "RollupNode | None":
        """Combine checks and statuses; None where there are none."""
        self.viewer.require(("checks", "read"), ("statuses", "read"))
        checks = self.repository.checks
        state = combine(checks.verdicts(self.oid))
        if state is None:
            return None
        runs = map(CheckNode, checks.latest_runs(self.oid))
        statuses = map(StatusNode, checks.latest_statuses(self.oid))
        return RollupNode(state.upper(), [*runs, *statuses])


class RefNode:
    """A branch or a tag."""

    typename: Final = "Ref"

    def __init__(self, viewer: Viewer, repository: Repository, full_name: str, oid: str) -> None:
        self.id = node_id("Ref", f"{repository.repository_id}:{full_name}")
        head, kind, self.name = full_name.split("/", 2)
        self.prefix = f"{head}/{kind}/"
        self._target = (viewer, repository, oid)
        protection = repository.protections.get(self.name) if kind == "heads" else None
        #: Classic branch protection alone; rulesets are no part of it.
        self.ref_update_rule = protection and UpdateRuleNode(viewer, protection)

    def target(self) -> GitNode | None:
        """Return what it holds."""
        return git_node(*self._target)

    def compare(self, headRef: str) -> ComparisonNode | None:  # noqa: N803 - GitHub's argument
        """Compare it, as the base, with another ref; None where that cannot be done."""
        viewer, repository, oid = self._target
        base, head = (repository.git.resolve_commit(revision) for revision in (oid, headRef))
        if not base or not head:
            return None
        ends = (CommitNode(viewer, repository, sha) for sha in (base, head))
        return find_comparison(repository.git, *ends)


class PullNode:
    """A pull request."""

    typename: Final = "PullRequest"
    is_cross_repository: Final = False

    def __init__(self, viewer: Viewer, repository: Repository, pull: PullRequest) -> None:
        self._viewer, self._repository, self._pull = viewer, repository, pull
        self.id, self.database_id = node_id("PullRequest", pull.pull_id), pull.pull_id
        self.number, self.title, self.body = pull.number, pull.title, pull.body or ""
        self.url = f"{repository.html_url}/pull/{pull.number}"
        self.state = "MERGED" if pull.merged else pull.state.upper()
        self.closed, self.merged, self.is_draft = not pull.open, pull.merged, pull.draft
        self.created_at, self.updated_at = timestamp(pull.created_at), timestamp(pull.updated_at)
        self.closed_at = optional_timestamp(pull.closed_at)
        self.merged_at = optional_timestamp(pull.merged_at)
        self.base_ref_name, self.base_ref_oid = pull.base, pull.base_sha
        self.head_ref_name, self.head_ref_oid = pull.head, pull.head_sha
        self.author = ActorNode(viewer, pull.author)
        self.head_repository_owner = ActorNode(viewer, repository.owner)

    @property
    def repository(self) -> "RepositoryNode":
        """Return the repository that it is in."""
        return RepositoryNode(self._viewer, self._repository)

    #: There are no forks here.
    head_repository = repository

    @property
    def mergeable(self) -> str:
        """Tell whether it merges without conflict; unknown the first time."""
        mergeable = read_mergeable(self._repository, self._pull)
        return {None: "UNKNOWN", True: "MERGEABLE", False: "CONFLICTING"}[mergeable]

    @property
    def merge_state_status(self) -> str:
        """Tell what stands between it and its merge."""
        mergeable = read_mergeable(self._repository, self._pull)
        return merge_state(self._repository, self._pull, mergeable).upper()

    @property
    def merge_commit(self) -> CommitNode | None:
        """Return what its merge put on the base."""
        sha = self._pull.merge_commit_sha
        return CommitNode(self._viewer, self._repository, sha) if sha else None

    @property
    def merged_by(self) -> ActorNode | None:
        """Return who merged it."""
        merger = self._pull.merged_by
        return None if merger is None else ActorNode(self._viewer, merger)

    @property
    def auto_merge_request(self) -> AutoMergeNode | None:
        """Return the merge that is armed."""
        armed = self._pull.auto_merge
        return None if armed is None else AutoMergeNode(self._viewer, armed, self)

    @property
    def is_merge_queue_enabled(self) -> bool:
        """Tell whether its base has a queue."""
        return has_queue(self._repository, self._pull.base)

    @property
    def is_in_merge_queue(self) -> bool:
        """Tell whether it is in that queue."""
        return find_entry(self._repository, self._pull) is not None

    @property
    def merge_queue_entry(self) -> "EntryNode | None":
        """Return its place in that queue."""
        entry = find_entry(self._repository, self._pull)
        return None if entry is None else EntryNode(self._viewer, self._repository, entry)

    @property
    def review_decision(self) -> str | None:
        """Tell what the reviewers decided, as far as it counts."""
        return review_decision(self._repository, self._pull)

    def labels(self, **arguments: Any) -> dict[str, Any]:
        """List its labels."""
        nodes = [
            {"id": node_id("Label", label.label_id), "name": label.name}
            for label in self._pull.labels
        ]
        return connect("labels", nodes, arguments)

    def commits(self, **arguments: Any) -> dict[str, Any]:
        """List its commits, oldest first."""
        nodes = [
            {"commit": CommitNode(self._viewer, self._repository, commit.sha)}
            for commit in list_commits(self._repository, self._pull)
        ]
        return connect("commits", nodes, arguments)


class EntryNode:
    """A place in a merge queue."""

    typename: Final = "MergeQueueEntry"

    def __init__(self, viewer: Viewer, repository: Repository, entry: QueueEntry) -> None:
        queue = entries(repository, entry.pull.base)
        self.id = node_id("MergeQueueEntry", entry.entry_id)
        self.position = queue.index(entry) + 1 if entry in queue else 0
        self.state, self.enqueued_at = entry.state, timestamp(entry.enqueued_at)
        self.enqueuer = ActorNode(viewer, entry.enqueuer)
        self.pull_request = PullNode(viewer, repository, entry.pull)
        self.head_commit = (
            CommitNode(viewer, repository, entry.group_sha) if entry.group_sha else None
        )


class QueueNode:
    """A merge queue."""

    typename: Final = "MergeQueue"

    def __init__(self, viewer: Viewer, repository: Repository, branch: str) -> None:
        self._viewer, self._repository, self._branch = viewer, repository, branch
        self.id = node_id("MergeQueue", f"{repository.repository_id}:{branch}")
        self.url = f"{repository.html_url}/queue/{branch}"
        self.configuration = {"merge_method": queue_method(repository, branch).upper()}

    def entries(self, **arguments: Any) -> dict[str, Any]:
        """List what is in it, the next one first."""
        queue = entries(self._repository, self._branch)
        nodes = [EntryNode(self._viewer, self._repository, entry) for entry in queue]
        return connect("entries", nodes, arguments)


class RepositoryNode:
    """A repository that the viewer sees."""

    typename: Final = "Repository"

    def __init__(self, viewer: Viewer, repository: Repository) -> None:
        self._viewer, self._repository = viewer, repository
        self.id = node_id("Repository", repository.repository_id)
        self.database_id, self.name = repository.repository_id, repository.name
        self.name_with_owner, self.is_private = repository.full_name, repository.private
        self.is_archived = False
        self.url = repository.html_url
        self.owner = ActorNode(viewer, repository.owner)
        merging = repository.merging
        self.merge_commit_allowed, self.squash_merge_allowed = merging.merge, merging.squash
        self.rebase_merge_allowed, self.auto_merge_allowed = merging.rebase, merging.auto_merge
        self.delete_branch_on_merge = merging.delete_branch
        methods = ("merge", "squash", "rebase")
        first = next((method for method in methods if getattr(merging, method)), "merge")
        self.viewer_default_merge_method = first.upper()
        # No repository of the sandbox is a fork.
        self.parent = None

    @property
    def viewer_permission(self) -> str:
        """Return what whoever asks may do: a person everything, a token what it was granted."""
        by = self._viewer.principal
        if by.kind == "user":
            return "ADMIN"
        return "WRITE" if by.may("contents", "write") else "READ"

    @property
    def default_branch_ref(self) -> RefNode | None:
        """Return the default branch."""
        return self.ref(qualifiedName=f"refs/heads/{self._repository.default_branch}")

    def ref(self, qualifiedName: str) -> RefNode | None:  # noqa: N803 - GitHub's argument
        """Find a ref by its full name, or a branch by its short one."""
        self._viewer.require(_CONTENTS)
        git = self._repository.git
        ref = git.ref(qualifiedName) or git.branch(qualifiedName)
        if ref is None:
            return None
        return RefNode(self._viewer, self._repository, ref.name, ref.sha)

    def release(self, tagName: str) -> ReleaseNode | None:  # noqa: N803 - GitHub's argument
        """Find the release of a tag, or a draft for it; None where there is none."""
        return next(iter(self._releases(tagName)), None)

    @property
    def latest_release(self) -> ReleaseNode | None:
        """Find the release that GitHub calls the latest."""
        return next((node for node in self._releases() if node.is_latest), None)

    def releases(self, **arguments: Any) -> dict[str, Any]:
        """List the releases, by date unless another order is asked for."""
        nodes = order_releases(self._releases(), arguments.get("orderBy"))
        return connect("releases", nodes, arguments)

    def _releases(self, tag: str | None = None) -> list[ReleaseNode]:
        return list_release_nodes(self._viewer, self._repository, CommitNode, tag)

    def object(self, oid: str | None = None, expression: str | None = None) -> GitNode | None:
        """Find an object of git by its name, or by a revision such as `main:README.md`."""
        self._viewer.require(_CONTENTS)
        return git_node(self._viewer, self._repository, oid or expression or "")

    def merge_queue(self, branch: str | None = None) -> QueueNode | None:
        """Return the merge queue of a branch; None where it has none."""
        name = branch or self._repository.default_branch
        if not has_queue(self._repository, name):
            return None
        return QueueNode(self._viewer, self._repository, name)

    def pull_request(self, number: int) -> PullNode:
        """Find a pull request by its number.

        Raises:
            QueryError: There is none.
        """
        self._viewer.require(_PULLS)
        pull = self._repository.pull(number)
        if pull is None:
            message = f"Could not resolve to a PullRequest with the number of {number}."
            raise QueryError("NOT_FOUND", message)
        return PullNode(self._viewer, self._repository, pull)

    def pull_requests(self, **arguments: Any) -> dict[str, Any]:
        """List the pull requests, in the order in which they were opened."""
        self._viewer.require(_PULLS)
        pulls = [PullNode(self._viewer, self._repository, pull) for pull in self._repository.pulls]
        nodes = [
            node
            for node in pulls
            if arguments.get("baseRefName") in (None, node.base_ref_name)
            and arguments.get("headRefName") in (None, node.head_ref_name)
            and (not arguments.get("states") or node.state in arguments["states"])
        ]
        return connect("pullRequests", nodes, arguments)


def git_node(viewer: Viewer, repository: Repository, revision: str) -> GitNode | None:
    """Make the node of any object of git."""
    oid, kind = repository.git.find_object(revision) or ("", "")
    nodes = {"commit": CommitNode, "tag": TagNode, "tree": TreeNode, "blob": BlobNode}
    return nodes[kind](viewer, repository, oid) if kind else None


def find_pull_node(viewer: Viewer, global_id: str) -> tuple[Repository, PullRequest, PullNode]:
    """Find the pull request of a global ID.

    Raises:
        QueryError: There is none that the viewer sees.
    """
    for repository in viewer.github.repositories.values():
        for pull in repository.pulls if viewer.principal.sees(repository.repository_id) else ():
            if node_id("PullRequest", pull.pull_id) == global_id:
                return repository, pull, PullNode(viewer, repository, pull)
    message = f"Could not resolve to a node with the global id of '{global_id}'"
    raise QueryError("NOT_FOUND", message)
