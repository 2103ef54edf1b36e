"""Close older promotions into the same environment once a newer one is open.

Of a run that was cut off, the next one finds the older pull request still open, and its comment,
and goes on: deleting the branch, which closes it, comes last.
"""

from collections.abc import Iterable

from dist_actions.promote.history.branch_commits import EMAIL
from dist_actions.promote.promotion import Observed, Promotion
from dist_actions.services.github.merging import CommitOnGitHub, Merging
from dist_actions.services.github.pulls import PullRequest, PullRequests
from dist_actions.trailers.commit_messages import FROM
from dist_actions.trailers.pull_request_body import read_body_trailers

_MARK = "<!-- dist-actions: superseded -->"
_PREFIX = "promote/"


def older_promotions(
    pulls: Iterable[PullRequest], promotion: Promotion, observed: Observed
) -> tuple[PullRequest, ...]:
    """Find the open pull requests that we made for older versions of what is promoted now.

    Ours names the commit that it promotes, and that commit is in the history of this one's. Where
    there are several packages, it is for the same one, or for all of them.
    """
    ending = f"-to-{promotion.target.name}"
    superseded = []
    for pull in pulls:
        is_promotion = pull.head.startswith(_PREFIX) and pull.head.endswith(ending)
        if not is_promotion or pull.head == promotion.branch:
            continue
        source = read_body_trailers(pull.body).get(FROM, "")
        older = source in observed.source.commits and source != observed.source_commit
        if older and _is_of_same_package(pull.head, promotion):
            superseded.append(pull)
    return tuple(superseded)


def supersede(
    old: PullRequest, new: PullRequest, observed: Observed, pulls: PullRequests, merging: Merging
) -> None:
    """Comment on the older pull request, close it, and delete its branch if only we changed it.

    Raises:
        RefusedError: The branch may not be deleted; the pull request is closed all the same.
    """
    deletable = old.head_sha in observed.source.commits or _is_own_commit(
        merging.commit(old.head_sha)
    )
    comment = f"#{new.number} promotes a newer version, so this one is closed."
    if not deletable:
        comment += (
            " Its branch holds commits that dist-actions did not make, and was left as it is."
        )
    pulls.comment_once(old, _MARK, comment)
    if deletable:
        merging.delete_branch(old.head)
    if not deletable or pulls.read(old.number).state == "open":
        pulls.close(old)


def _is_of_same_package(head: str, promotion: Promotion) -> bool:
    """Tell whether a branch is for the same package; where there is one package, it always is."""
    if promotion.package is None:
        return not promotion.packages or head.startswith(f"{_PREFIX}all-")
    version = f"v{promotion.version}"
    before, separator, _ = promotion.branch.rpartition(version)
    return bool(separator) and head.startswith(before) and not head.startswith(f"{_PREFIX}all-")


def _is_own_commit(head: CommitOnGitHub) -> bool:
    """Tell whether a branch's tip is a commit that we made, and that nobody amended."""
    return head.committer == EMAIL and f"\n{FROM}: " in head.message
