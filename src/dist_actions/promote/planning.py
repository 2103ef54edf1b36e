"""Decides by which commit something is promoted, or why it is not; pure."""

from dist_actions.errors import PromotionError
from dist_actions.promote.own_changes import TREE_TRAILER, refuse_own_changes
from dist_actions.promote.promotion import Commit, Observed, Promotion, Strategy

_FROM = "Promoted-From: "
_VERSION = "Promoted-Version: "
_PACKAGE = "Promoted-Package: "


def nothing_to_promote(promotion: Promotion, observed: Observed) -> str:
    """Why there is nothing to promote; empty where there is."""
    if promotion.package:
        if promotion.moving or not promotion.packages[0].folder:
            return ""
        return f"the target holds the same files of {promotion.package.name} already"
    if observed.contained:
        return "the target holds this commit already"
    if observed.source_tree == observed.target_tree:
        return "the target holds the same files already"
    return ""


def choose_strategy(promotion: Promotion, observed: Observed) -> Strategy:
    """`graft` for a single package; else `direct` where a merge gives the released tree, or `link`.

    A link is one commit with the released tree and both ends as parents: it merges without a
    conflict, whatever squash merges did to the histories before. A graft is one commit on the
    target's tip that only sets the package's folder to the released one.

    Raises:
        PromotionError: Going on would undo what stands in the target, or bring there what was
            never released.
    """
    if promotion.package:
        _require_folder(promotion)
    refuse_own_changes(promotion, observed)
    if promotion.package:
        return "graft"
    _refuse_unreleased(promotion)
    return "direct" if observed.merged_tree == observed.source_tree else "link"


def message(promotion: Promotion, observed: Observed) -> str:
    """Message of a commit that we make; the same for the same promotion."""
    return f"{promotion.title}\n\n" + "".join(f"{line}\n" for line in trailers(promotion, observed))


def trailers(promotion: Promotion, observed: Observed) -> tuple[str, ...]:
    """Lines that say what was promoted, for people and other tools.

    Of several packages there is a pair of package and version for each that moves.
    """
    states = promotion.packages if promotion.package else promotion.moving
    tree = states[0].folder if promotion.package else observed.source_tree
    lines = [f"{_FROM}{observed.source_commit}", f"{TREE_TRAILER}{tree}"]
    for state in states:
        lines += [f"{_PACKAGE}{state.package.name}", f"{_VERSION}{state.version}"]
    if not promotion.packages:
        lines.append(f"{_VERSION}{promotion.version}")
    return tuple(lines)


def is_ours(head: Commit, observed: Observed, made_before: str = "") -> bool:
    """Whether a promotion branch's tip is our work alone, which may be made anew.

    Its message does not tell: amending keeps it. So it must hold exactly the released files.

    Args:
        head: The tip.
        observed: Both ends.
        made_before: For a graft, the commit that we make on the tip's parent.
    """
    is_link = (
        head.tree_sha == observed.source_tree
        and head.parents[:1] == (observed.source_commit,)
        and f"{_FROM}{observed.source_commit}\n" in head.message
    )
    return head.sha in {observed.source_commit, made_before} or is_link


def _require_folder(promotion: Promotion) -> None:
    (state,) = promotion.packages
    if not state.folder:
        raise PromotionError(
            f"{promotion.tag} holds no folder {state.package.path}.",
            why=f"the settings say that {state.package.name} lies there.",
            fix="correct the package's `path`, or promote a version that has the folder.",
            anchor="packages",
        )


def _refuse_unreleased(promotion: Promotion) -> None:
    """Stop where the commit holds packages as no release holds them.

    Merged, they would be tagged and released in the target without ever having been in the source.
    A package that does not move, or has no folder at the commit, brings nothing.
    """
    unreleased = [state for state in promotion.moving if state.folder and not state.as_released]
    if not unreleased:
        return
    said = "; ".join(
        f"{state.package.name} has changes since {state.tag} that no release holds"
        if state.tag
        else f"{state.package.name} was never released in {promotion.source.name}"
        for state in unreleased
    )
    raise PromotionError(
        f"{said}.",
        why=f"only what is out in {promotion.source.name} is promoted, and the commit of "
        f"{promotion.tag} holds more.",
        fix="raise its version and release it, or promote one package with the input `package`.",
        anchor="promote-unreleased",
    )
