"""Tells a target's own changes from what was promoted into it; pure.

Messages hardly count, because every merge button writes its own: what counts is what became of the
files. Of a package's folder, its present tree tells: where the source has or had the same one
there, it came from there. Of everything else, each commit of the target tells, back to where the
target last held exactly what the source has or had: what came before does not stand any more.
"""

from collections.abc import Sequence
from itertools import takewhile

from dist_actions.errors import PromotionError
from dist_actions.promote.promotion import Commit, Lineage, Observed, PackageState, Promotion

TREE_TRAILER = "Promoted-Tree: "

#: What an error lists.
_LISTED = 10


def refuse_own_changes(promotion: Promotion, observed: Observed) -> None:
    """Stop where the promotion would undo what stands in the target.

    Raises:
        PromotionError: The target has changes of its own, or what is newer than is promoted.
    """
    own = [state for state in promotion.packages if state.standing == "own"]
    standing = _since(observed.target_commits, observed.known)
    commits = [one for one in standing if _is_own(one, own, observed.known)]
    if own or commits:
        raise _own_changes(promotion, commits, own)
    newer = [state for state in promotion.packages if state.standing == "newer"]
    if newer:
        raise _below(promotion, ", ".join(_named(state) for state in newer))
    if promotion.package is None:
        standing = _since(observed.target_commits, observed.source)
        later = [one for one in standing if _is_later(one, observed)]
        if later:
            raise _below(promotion, _listed(later))


def _since(commits: Sequence[Commit], lineage: Lineage) -> Sequence[Commit]:
    """The newest commits, up to the first after which the target held what these have or had."""
    return tuple(takewhile(lambda commit: commit.tree_sha not in lineage.trees, commits))


def _is_own(commit: Commit, own: Sequence[PackageState], known: Lineage) -> bool:
    """Whether a commit made a change that stands in the target and never was in the source."""
    if commit.folders is None:
        by_trailer = f"{TREE_TRAILER}{commit.tree_sha}" in commit.message
        return not (by_trailer or _came_from(commit, known))
    paths = [state.package.path for state in own]
    return any(
        path in paths and tree not in known.folders[path] for path, tree in commit.folders.items()
    )


def _is_later(commit: Commit, observed: Observed) -> bool:
    """Whether a commit brought what the source holds only after the promoted commit."""
    return (
        commit.folders is None
        and _came_from(commit, observed.known)
        and not _came_from(commit, observed.source)
    )


def _came_from(commit: Commit, lineage: Lineage) -> bool:
    """Whether a commit brought nothing but what these commits have or had."""
    return (
        commit.sha in lineage.commits
        or commit.tree_sha in lineage.trees
        or (len(commit.parents) > 1 and commit.parents[1] in lineage.commits)
    )


def _own_changes(
    promotion: Promotion, commits: Sequence[Commit], states: Sequence[PackageState]
) -> PromotionError:
    where = f" in {promotion.package.path}" if promotion.package else ""
    # The merge of two promotions can make what no commit of its own brought.
    listed = _listed(commits) or ", ".join(state.package.path for state in states)
    return PromotionError(
        f"{promotion.target.branch} has changes of its own{where}: {listed}.",
        why=f"they were never on {promotion.source.branch}, so promoting "
        f"{promotion.tag} would undo them.",
        fix=f"merge {promotion.target.branch} into {promotion.source.branch}, release, and "
        "promote that version.",
        anchor="own-changes",
    )


def _below(promotion: Promotion, newer: str) -> PromotionError:
    return PromotionError(
        f"{promotion.target.branch} holds what is newer than {promotion.tag}: {newer}.",
        why="it was promoted before, and promoting an older commit would take it back.",
        fix="promote a newer version; to go back, release the old files under a higher version.",
        anchor="promote-below",
    )


def _named(state: PackageState) -> str:
    return f"{state.package.name} {state.before}" if state.before else state.package.name


def _listed(commits: Sequence[Commit]) -> str:
    return "; ".join(f"{commit.sha[:7]} {commit.subject}" for commit in commits[:_LISTED])
