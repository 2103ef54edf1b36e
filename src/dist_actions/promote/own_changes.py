"""Refuse what would lose a change, or what nobody can decide without a person; pure."""

from collections.abc import Sequence

from dist_actions.abbreviation import LISTED_IN_SECTION, LISTED_IN_SENTENCE, short_sha
from dist_actions.errors import PromotionConflictError, PromotionError
from dist_actions.promote.promotion import (
    Commit,
    Observed,
    PackageState,
    Promotion,
    PromotionPlan,
)
from dist_actions.trailers.commit_messages import BACK_MERGED_FROM


def refuse_losses(promotion: Promotion, observed: Observed) -> None:
    """Stop where the promotion would undo what stands in the target, or take it back.

    Raises:
        PromotionError: The target holds what is newer, or what came from nobody knows where; or
            the only package that is promoted has changes of its own there.
        PromotionConflictError: The target's own changes contradict what is promoted.
    """
    _refuse_released(promotion, observed)
    if promotion.package:
        _refuse_package(promotion, observed)
    newer = [state for state in promotion.packages if state.folder_state == "newer"]
    if newer:
        raise _below(promotion, ", ".join(_name_state(state) for state in newer))
    if observed.promoted.later:
        raise _below(promotion, _list_commits(observed.promoted.later))
    if observed.promoted.unknown and observed.own_changes:
        raise _unknown_source(promotion, observed.promoted.unknown)
    if observed.conflicts:
        raise _conflict(promotion, observed)


def refuse_own_changes(promotion: Promotion, plan: PromotionPlan) -> None:
    """Stop where the target has changes of its own, because the workflow asks for that.

    Raises:
        PromotionError: It has.
    """
    if not plan.own_changes:
        return
    changes = _list_commits(plan.own_changes, LISTED_IN_SECTION)
    target, source = promotion.target.branch, promotion.source.branch
    raise PromotionError(
        f"{target} has changes of its own: {changes}.",
        why=f"they were never on {source}, and on-own-changes is fail.",
        fix=f"merge {target} into {source}, release, and promote that version; or set "
        "on-own-changes to back-merge-pr, which keeps them and opens that pull request.",
        anchor="own-changes",
    )


def _refuse_released(promotion: Promotion, observed: Observed) -> None:
    """Stop where the target has this version with other files, or a higher one."""
    if promotion.version is None or observed.newest is None:
        return
    newest, tag = observed.newest
    if newest > promotion.version:
        raise _below(promotion, tag)
    (state,) = promotion.packages if promotion.package else (None,)
    expected = state.folder if state else observed.joined_tree
    if observed.tagged_tree and observed.tagged_tree != expected:
        raise _other_files(promotion)


def _refuse_package(promotion: Promotion, observed: Observed) -> None:
    """Stop where the package's folder in the target is one that the source never had."""
    if all(state.folder_state != "own" for state in promotion.packages):
        return
    source_trees = observed.source_branch.folders
    commits = [
        commit
        for commit in observed.target_commits
        if any(tree not in source_trees[path] for path, tree in (commit.folders or {}).items())
    ]
    raise _changed_package(promotion, commits)


def _other_files(promotion: Promotion) -> PromotionError:
    return PromotionError(
        f"{promotion.version} is already released in {promotion.target.name} with other files "
        f"than {promotion.tag} would bring.",
        why="one version is one set of bytes, and tags never move.",
        fix="raise the version, release it, and promote that.",
        anchor="promote-below",
    )


def _changed_package(promotion: Promotion, commits: Sequence[Commit]) -> PromotionError:
    path = promotion.packages[0].package.path
    # The merge of two promotions can make what no commit of its own brought.
    changes = _list_commits(commits) or path
    return PromotionError(
        f"{promotion.target.branch} has changes of its own in {path}: {changes}.",
        why=f"they were never on {promotion.source.branch}, so promoting "
        f"{promotion.tag} would undo them.",
        fix=f"merge {promotion.target.branch} into {promotion.source.branch}, release, and "
        "promote that version.",
        anchor="own-changes",
    )


def _unknown_source(promotion: Promotion, commits: Sequence[Commit]) -> PromotionError:
    source, target = promotion.source.branch, promotion.target.branch
    return PromotionError(
        f"{target} was brought something that {source} does not hold: {_list_commits(commits)}.",
        why=f"{source} was written anew after that promotion, so nobody can tell what of it "
        "still stands.",
        fix=f"merge {target} into {source} by hand, look at every file, release that, and "
        "promote it.",
        anchor="promote-unknown-source",
    )


def back_merge_command(promotion: Promotion, observed: Observed) -> str:
    """Write what a person types to bring the target's own changes back to the source's branch.

    The commit that it merges also holds what was promoted last, so that nothing conflicts but what
    really does; and its message tells the next promotion what came back.
    """
    source, target, tip = promotion.source.branch, promotion.target.branch, observed.target_commit
    parents = f"-p {tip}" + (f" -p {observed.promoted.last}" if observed.promoted.last else "")
    return (
        f"git fetch origin && git switch -c back-merge-{target}-into-{source} origin/{source} && "
        f"git merge $(git commit-tree {parents} -m 'chore: back-merge {target} into {source}' "
        f"-m '{BACK_MERGED_FROM}: {tip}' {tip}^{{tree}})"
    )


def _conflict(promotion: Promotion, observed: Observed) -> PromotionConflictError:
    source, target = promotion.source.branch, promotion.target.branch
    paths = ", ".join(observed.conflicts[:LISTED_IN_SENTENCE])
    return PromotionConflictError(
        f"{promotion.tag} ({short_sha(observed.source_commit)}) and {target}'s own changes "
        f"({short_sha(observed.target_commit)}) conflict in {paths}: "
        f"{_list_commits(observed.own_changes)}.",
        files=observed.conflicts,
        why=f"both changed the same lines, and only a person knows what {target} should hold.",
        fix=f"solve it once on {source}, by merge or squash, then release that and promote it: "
        f"{back_merge_command(promotion, observed)}",
        anchor="promote-conflict",
    )


def _below(promotion: Promotion, newer: str) -> PromotionError:
    return PromotionError(
        f"{promotion.target.branch} holds what is newer than {promotion.tag}: {newer}.",
        why="it was promoted before, and promoting an older commit would take it back.",
        fix="promote a newer version; to go back, release the old files under a higher version.",
        anchor="promote-below",
    )


def _name_state(state: PackageState) -> str:
    return f"{state.package.name} {state.before}" if state.before else state.package.name


def _list_commits(commits: Sequence[Commit], limit: int = LISTED_IN_SENTENCE) -> str:
    return "; ".join(f"{short_sha(commit.sha)} {commit.subject}" for commit in commits[:limit])
