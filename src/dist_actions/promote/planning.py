"""Decide by which commit and by which button something is promoted, or why it is not; pure."""

from typing import Literal

from dist_actions.errors import PromotionError
from dist_actions.promote.own_changes import refuse_losses
from dist_actions.promote.promotion import (
    Commit,
    Observed,
    PackageState,
    Promotion,
    PromotionPlan,
    Strategy,
)
from dist_actions.services.github.facts import MERGE_METHODS, BranchRules, MergeMethod
from dist_actions.trailers.commit_messages import (
    BACK_MERGED_FROM,
    FROM,
    PACKAGE,
    TO,
    TREE,
    VERSION,
)

#: The input `strategy`: a button, a branch that is only moved forward, or what is allowed.
MergeStrategy = Literal["auto", "merge", "squash", "fast-forward"]
MERGE_STRATEGIES: tuple[MergeStrategy, ...] = ("auto", "merge", "squash", "fast-forward")


def nothing_to_promote(promotion: Promotion, observed: Observed) -> str:
    """Explain why there is nothing to promote; empty where there is something."""
    if promotion.package:
        if promotion.moving or not promotion.packages[0].folder:
            return ""
        return f"the target holds the same files of {promotion.package.name} already"
    promoted = observed.promoted
    reasons = {
        "the target holds this commit already": observed.contained,
        "the target holds the same files already": observed.source_tree == observed.target_tree,
        "the target got this commit already, and was changed since": promoted.holds_source,
        "the target holds all that it would bring already": not promoted.later
        and observed.joined_tree == observed.target_tree,
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


def choose_strategy(promotion: Promotion, observed: Observed, rules: BranchRules) -> Strategy:
    """Choose by which kind of commit it is promoted.

    The target should hold what a merge gives that regards earlier squashes as merges. Where that
    is the released tree, nothing of the target's own stands: `direct` where git gets there by
    itself, else `link`. Where it is not, its own changes stand: `stitch`. Both are one commit with
    that tree and both ends as parents, which merges without a conflict, whatever squashes did to
    the histories before. Where nothing but a rebase is allowed, and for a single package, `graft`:
    one commit on the target's tip.

    Raises:
        PromotionError: Going on would undo what stands in the target, or bring there what was
            never released.
    """
    if promotion.package and not promotion.packages[0].folder:
        raise _missing_folder(promotion)
    refuse_losses(promotion, observed)
    if promotion.package:
        return "graft"
    # A package that does not move, or has no folder at the commit, brings nothing.
    unreleased = [state for state in promotion.moving if state.folder and not state.as_released]
    if unreleased:
        raise _unreleased(promotion, unreleased)
    if rules.methods == {"rebase"}:
        return "graft"
    if observed.joined_tree != observed.source_tree:
        return "stitch"
    by_itself = observed.merged_tree == observed.source_tree
    return "direct" if by_itself and "merge" in rules.methods else "link"


def working_methods(plan: PromotionPlan, observed: Observed) -> tuple[MergeMethod, ...]:
    """List the buttons that bring exactly the expected files, rules aside; the best first.

    A rebase cannot carry a commit with two parents, and replays commits that the target may have in
    another form already.
    """
    rebasable = plan.strategy == "graft" or (plan.strategy == "direct" and observed.linear)
    return tuple(method for method in MERGE_METHODS if method != "rebase" or rebasable)


def usable_methods(
    plan: PromotionPlan, observed: Observed, rules: BranchRules
) -> tuple[MergeMethod, ...]:
    """List the working methods that the target's settings and rules allow, best first."""
    methods = working_methods(plan, observed)
    return tuple(method for method in methods if method in rules.methods)


def choose_method(
    strategy: MergeStrategy, plan: PromotionPlan, observed: Observed, rules: BranchRules
) -> MergeMethod | None:
    """Choose the button to press; None where no button that is allowed and asked for would do.

    `fast-forward` presses no button, and is none of the choices here.
    """
    usable = usable_methods(plan, observed, rules)
    return next((method for method in usable if strategy in {"auto", method}), None)


def promotion_message(promotion: Promotion, observed: Observed) -> str:
    """Write the message of a commit that we make; the same for the same promotion."""
    lines = promotion_trailers(promotion, observed)
    return f"{promotion.title}\n\n" + "".join(f"{line}\n" for line in lines)


def promotion_trailers(promotion: Promotion, observed: Observed) -> tuple[str, ...]:
    """Write the lines that tell people, other tools and the next promotion what was promoted.

    Of several packages there is a pair of package and version for each that moves. A single
    package's do not name the target, so that nobody takes them for a promotion of everything.
    """
    states = promotion.packages if promotion.package else promotion.moving
    full_tree = observed.joined_tree or observed.source_tree
    tree = states[0].folder if promotion.package else full_tree
    lines = [f"{FROM}: {observed.source_commit}", f"{TREE}: {tree}"]
    if not promotion.package:
        lines.append(f"{TO}: {promotion.target.name}")
    for state in states:
        lines += [f"{PACKAGE}: {state.package.name}", f"{VERSION}: {state.version}"]
    if not promotion.packages:
        lines.append(f"{VERSION}: {promotion.version}")
    return tuple(lines)


def back_merge_title(promotion: Promotion) -> str:
    """Write the title of the pull request that brings the target's own changes back."""
    return f"chore: back-merge {promotion.target.name} into {promotion.source.name}"


def back_merge_branch(promotion: Promotion) -> str:
    """Name the head branch of that pull request."""
    return f"promote/back-merge-{promotion.target.name}-into-{promotion.source.name}"


def back_merge_message(promotion: Promotion, observed: Observed) -> str:
    """Write the message of its commit, which also tells a later promotion what it held."""
    trailer = f"{BACK_MERGED_FROM}: {observed.target_commit}"
    return f"{back_merge_title(promotion)}\n\n{trailer}\n"


def is_own_head(head: Commit, observed: Observed, commits: frozenset[str] = frozenset()) -> bool:
    """Tell whether a promotion branch's tip is our work alone, which may be made anew.

    Its message does not tell: amending keeps it. So it must be what we make, or hold exactly the
    released files.

    `commits` are those that we make of the tip's parents.
    """
    is_link = (
        head.tree_sha == observed.source_tree
        and head.parents[:1] == (observed.source_commit,)
        and f"{FROM}: {observed.source_commit}\n" in head.message
    )
    return head.sha in {observed.source_commit, *commits} or is_link


def _missing_folder(promotion: Promotion) -> PromotionError:
    package = promotion.packages[0].package
    return PromotionError(
        f"{promotion.tag} holds no folder {package.path}.",
        why=f"the settings say that {package.name} lies there.",
        fix="correct the package's `path`, or promote a version that has the folder.",
        anchor="packages",
    )


def _unreleased(promotion: Promotion, states: list[PackageState]) -> PromotionError:
    """Explain that the commit holds packages as no release holds them.

    Merged, they would be tagged and released in the target without ever having been in the source.
    """
    problems = "; ".join(
        f"{state.package.name} has changes since {state.tag} that no release holds"
        if state.tag
        else f"{state.package.name} was never released in {promotion.source.name}"
        for state in states
    )
    return PromotionError(
        f"{problems}.",
        why=f"only what is out in {promotion.source.name} is promoted, and the commit of "
        f"{promotion.tag} holds more.",
        fix="raise its version and release it, or promote one package with the input `package`.",
        anchor="promote-unreleased",
    )
