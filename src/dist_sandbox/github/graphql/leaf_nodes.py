"""What GraphQL queries end at: accounts, comparisons, a branch's protection, checks, reviews."""

from typing import Any, Final

from dist_sandbox.github.access.accounts import Account
from dist_sandbox.github.git.bare_repository import BareRepository
from dist_sandbox.github.git.comparison import Comparison, compare_commits
from dist_sandbox.github.graphql.file_nodes import GitNode
from dist_sandbox.github.graphql.viewing import QueryError, Viewer, connect
from dist_sandbox.github.pull_requests.pulls import AutoMerge, Review
from dist_sandbox.github.render.basics import node_id, render_account, timestamp
from dist_sandbox.github.rules.branch_protection import BranchProtection
from dist_sandbox.github.rules.checks import CheckRun, CommitStatus


class ActorNode:
    """Somebody who acts."""

    def __init__(self, viewer: Viewer, account: Account) -> None:
        rendered = render_account(account, viewer.github)
        self.typename, self.name = account.kind, account.display_name
        self.id, self.login, self.url = rendered["node_id"], account.login, rendered["html_url"]
        self.database_id = account.account_id
        self.resource_path = self.url.removeprefix(viewer.github.addresses.github_server)
        self._avatar = rendered["avatar_url"]

    def avatar_url(self, size: int = 0) -> str:  # noqa: ARG002 - GitHub's argument
        """Return the address of the picture."""
        return str(self._avatar)

    def repositories(self, **_: Any) -> dict[str, Any]:
        """Refuse what the sandbox lists for the field `repositoryOwner` alone."""
        raise QueryError("NOT_SIMULATED", "Ask for repositories by the field repositoryOwner.")


class ComparisonNode:
    """How far one commit is from another."""

    typename: Final = "Comparison"

    def __init__(self, base: GitNode, head: GitNode, comparison: Comparison) -> None:
        self.id = node_id("Comparison", f"{base.oid}...{head.oid}")
        self.base_target, self.head_target = base, head
        self.ahead_by, self.behind_by = comparison.ahead, comparison.behind
        self.status = comparison.status.upper()


def find_comparison(git: BareRepository, base: GitNode, head: GitNode) -> ComparisonNode | None:
    """Compare two commits; None where they have no common history."""
    comparison = compare_commits(git, base.oid, head.oid)
    return ComparisonNode(base, head, comparison) if comparison else None


class UpdateRuleNode:
    """What classic branch protection makes of a branch."""

    typename: Final = "RefUpdateRule"
    requires_signatures: Final = False

    def __init__(self, viewer: Viewer, protection: BranchProtection) -> None:
        reviews, checks = protection.reviews, protection.checks
        self.pattern = protection.branch
        self.required_approving_review_count = None if reviews is None else reviews.approvals
        self.required_status_check_contexts = None if checks is None else checks.contexts
        self.requires_linear_history = protection.required_linear_history
        self.requires_conversation_resolution = protection.required_conversation_resolution
        self.requires_code_owner_reviews = reviews is not None and reviews.code_owners
        self.allows_force_pushes = protection.allow_force_pushes
        self.allows_deletions = protection.allow_deletions
        self.blocks_creations = protection.block_creations
        actor = viewer.principal.actor
        dismissal = None if reviews is None else reviews.dismissal
        self.viewer_can_push = protection.lets(actor, protection.restrictions)
        self.viewer_allowed_to_dismiss_reviews = protection.lets(actor, dismissal)


class RollupNode:
    """What is known about a commit."""

    def __init__(self, state: str, contexts: list[Any]) -> None:
        self.state, self._contexts = state, contexts

    def contexts(self, **arguments: Any) -> dict[str, Any]:
        """List each check and status."""
        return connect("contexts", self._contexts, arguments)


class CheckNode:
    """A check run."""

    typename: Final = "CheckRun"

    def __init__(self, run: CheckRun) -> None:
        self.id, self.name = node_id("CheckRun", run.check_id), run.name
        self.status = run.status.upper()
        self.conclusion = None if run.conclusion is None else run.conclusion.upper()


class StatusNode:
    """A commit status."""

    typename: Final = "StatusContext"

    def __init__(self, status: CommitStatus) -> None:
        self.id, self.context = node_id("StatusContext", status.status_id), status.context
        self.state, self.description = status.state.upper(), status.description
        self.target_url = status.target_url


class ReviewNode:
    """A review of a pull request."""

    typename: Final = "PullRequestReview"

    def __init__(self, viewer: Viewer, review: Review) -> None:
        self.id, self.state = node_id("PullRequestReview", review.review_id), review.state
        self.body, self.author = review.body, ActorNode(viewer, review.author)


class AutoMergeNode:
    """A merge that is armed."""

    def __init__(self, viewer: Viewer, armed: AutoMerge, pull: object) -> None:
        self.merge_method, self.pull_request = armed.method.upper(), pull
        self.enabled_at = timestamp(armed.enabled_at)
        self.enabled_by = ActorNode(viewer, armed.principal.account)
        self.commit_headline, self.commit_body = armed.title, armed.message
        self.author_email = None
