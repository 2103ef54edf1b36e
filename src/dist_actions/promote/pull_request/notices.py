"""What a reader of a promotion must not miss, as paragraphs for its pull request and summary."""

from collections.abc import Iterator

from dist_actions.markdown import code
from dist_actions.pipeline.environments import EnvironmentMap
from dist_actions.promote.preparation import Preparation
from dist_actions.promote.promotion import Plan
from dist_actions.promote.pull_request.foreign_text import shown

_REASON_CHARACTERS = 500


def find_notices(
    prepared: Preparation, plan: Plan, *, environments: EnvironmentMap, override_reason: str
) -> tuple[str, ...]:
    """The notices of one promotion.

    Args:
        prepared: What is promoted.
        plan: How.
        environments: The chain.
        override_reason: Why a freeze is set aside; empty where none is.
    """
    return tuple(_notices(prepared, plan, environments, override_reason))


def _notices(
    prepared: Preparation, plan: Plan, environments: EnvironmentMap, override_reason: str
) -> Iterator[str]:
    promotion, observed = prepared.promotion, prepared.observed
    source, target = shown(promotion.source.name, 40), shown(promotion.target.name, 40)
    skipped = environments.between(promotion.source, promotion.target)
    if skipped:
        names = ", ".join(shown(one.name, 40) for one in skipped)
        yield f"**Skips {names}**, where this version was not tried. `allow-skip` lets it."
    if override_reason:
        yield f"**Freezes are set aside:** {shown(override_reason, _REASON_CHARACTERS)}"
    if promotion.package is None and not plan.brings_released_files(observed):
        yield (
            f"**Not the bytes of {source}.** With the changes that only {target} has, its files "
            f"differ from those of {code(promotion.tag)}, so release will refuse to carry the same "
            "bytes. To ship them unchanged, merge the back-merge first, release anew in "
            f"{source}, and promote that version."
        )
    tip = prepared.histories.tip(promotion.source.branch)
    if tip and tip != observed.source_commit:
        branch = code(promotion.source.branch)
        yield f"{branch} has moved on since {code(promotion.tag)}; that is not part of this."
