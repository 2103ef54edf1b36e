"""The text of a promotion's pull request; pure.

What stands between the markers is ours and written anew at every run; people write around it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from dist_actions.abbreviation import LISTED_IN_SENTENCE, short_sha
from dist_actions.dependencies.verdict import Dependent
from dist_actions.markdown import code
from dist_actions.overview.table import EnvironmentStatus
from dist_actions.pipeline.environments import EnvironmentMap
from dist_actions.promote.gates.conditions import GateReport
from dist_actions.promote.planning import MergeStrategy, promotion_trailers
from dist_actions.promote.promotion import Commit, Observed, Promotion, PromotionPlan
from dist_actions.promote.pull_request import sections
from dist_actions.promote.pull_request.foreign_text import show_text
from dist_actions.promote.pull_request.sections import ChangelogSection, IncludedPull
from dist_actions.services.github.facts import BranchRules
from dist_actions.trailers.pull_request_body import BEGIN, END

#: GitHub refuses longer ones.
LIMIT_CHARACTERS = 65_536
#: Stands for our part in the input `body-template`.
PLACE = "{promotion}"
_REASON_CHARACTERS = 500
_CUT = "… and more, for which there is no room here."


@dataclass(frozen=True)
class Contents:
    """What the text tells; notices are paragraphs of Markdown that a reader must not miss."""

    promotion: Promotion
    observed: Observed
    plan: PromotionPlan
    rules: BranchRules = field(default_factory=BranchRules)
    strategy: MergeStrategy = "auto"
    gates: GateReport = field(default_factory=GateReport)
    commits: Sequence[Commit] = ()
    pulls: Sequence[IncludedPull] = ()
    changelog: Sequence[ChangelogSection] = ()
    statuses: Sequence[EnvironmentStatus] = ()
    notices: Sequence[str] = ()
    pulls_page: str = ""


def write_body(contents: Contents) -> str:
    """Write our part of the body, with its markers."""
    promotion, observed, plan = contents.promotion, contents.observed, contents.plan
    merging = sections.explain_merging(plan, observed, contents.rules, promotion, contents.strategy)
    parts = [
        _first_paragraph(contents),
        f"**How to merge:** {merging}",
        *contents.notices,
        _packages(contents),
        sections.files_left_behind(observed) if promotion.package else "",
        sections.gate_table(contents.gates.passed_gates),
        sections.dependents(contents.gates.packages, promotion),
        sections.environments(contents.statuses, promotion),
        sections.own_changes(plan, promotion),
        sections.changelog(contents.changelog),
        sections.included_pulls(contents.pulls, contents.pulls_page),
        sections.included_commits(contents.commits),
        sections.files(contents.gates.manifests),
    ]
    text = "\n\n".join(part for part in parts if part)
    ending = "\n".join([*promotion_trailers(promotion, observed), END])
    return shorten(f"{BEGIN}\n{text}\n\n{ending}", LIMIT_CHARACTERS)


def shorten(part: str, limit: int) -> str:
    """Leave out whole lines of our part before the trailers until it fits.

    Trailers and markers stay, also where they alone are longer.
    """
    if len(part) <= limit:
        return part
    text, _, ending = part.rpartition("\n\n")
    room = limit - len(ending) - len(_CUT) - 4
    text = text[: max(room, 0)].rpartition("\n")[0] or BEGIN
    # A picture must not be cut in its middle: what follows would stand in its block of code.
    if text.count("\n```") % 2:
        text = text[: text.rindex("\n```")]
    return f"{text}\n\n{_CUT}\n\n{ending}"


def merge_body(present: str, part: str) -> str:
    """Replace what stands between the markers of a body by our part, and keep its rest."""
    present = present.replace("\r\n", "\n")
    before, begin, rest = present.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        before, after = "", f"\n\n{present.strip()}" if present.strip() else ""
    part = shorten(part, LIMIT_CHARACTERS - len(before) - len(after))
    room = LIMIT_CHARACTERS - len(part)
    return f"{before[:room]}{part}{after[: max(room - len(before), 0)]}"


def fill_template(template: str, promotion: Promotion, part: str) -> str:
    """Write the body of a new pull request.

    Args:
        template: The input `body-template`: Markdown in which `{version}`, `{from}` and `{to}` are
            replaced, and `{promotion}` by our part, which else stands at the end.
        promotion: What is promoted.
        part: Our part.
    """
    text = template.replace("\r\n", "\n").strip()
    if not text:
        return part
    for name, value in {
        "{version}": str(promotion.version or ""),
        "{from}": promotion.source.name,
        "{to}": promotion.target.name,
    }.items():
        text = text.replace(name, value)
    before, place, after = text.partition(PLACE)
    around = f"{before}{BEGIN}{END}{after}" if place else f"{text}\n\n{BEGIN}{END}"
    return merge_body(around, part)


def find_notices(
    promotion: Promotion,
    observed: Observed,
    plan: PromotionPlan,
    *,
    source_tip: str,
    environments: EnvironmentMap,
    override_reason: str,
    dependents: Sequence[Dependent] = (),
) -> Iterator[str]:
    """Yield what a reader must not miss, as paragraphs for the pull request and the summary.

    `source_tip` is the commit of the source's branch by now; empty where there is no such branch.
    """
    source, target = show_text(promotion.source.name, 40), show_text(promotion.target.name, 40)
    skipped = environments.between(promotion.source, promotion.target)
    if skipped:
        names = ", ".join(show_text(environment.name, 40) for environment in skipped)
        yield f"**Skips {names}**, where this version was not tried. `allow-skip` lets it."
    if override_reason:
        yield f"**Freezes are set aside:** {show_text(override_reason, _REASON_CHARACTERS)}"
    if promotion.package is None and not plan.brings_released_files(observed):
        yield (
            f"**Not the bytes of {source}.** With the changes that only {target} has, its files "
            f"differ from those of {code(promotion.tag)}, so release will refuse to carry the same "
            "bytes. To ship them unchanged, merge the back-merge first, release anew in "
            f"{source}, and promote that version."
        )
    refusing = [dependent for dependent in dependents if not dependent.admits]
    if refusing:
        names = ", ".join(
            f"{code(str(dependent.version))} requires {code(dependent.requirement)}"
            for dependent in refusing[:LISTED_IN_SENTENCE]
        )
        yield (
            f"**Not everybody in {target} takes this version:** {names}. Who has these keeps an "
            "older one until they are promoted in a version that takes it."
        )
    if source_tip and source_tip != observed.source_commit:
        branch = code(promotion.source.branch)
        yield f"{branch} has moved on since {code(promotion.tag)}; that is not part of this."


def _packages(contents: Contents) -> str:
    if not contents.promotion.packages:
        return ""
    return f"### Packages\n\n{sections.package_table(contents.promotion, contents.gates)}"


def _first_paragraph(contents: Contents) -> str:
    promotion, observed = contents.promotion, contents.observed
    subject = code(promotion.tag)
    if promotion.packages and promotion.package is None:
        subject = f"all packages, as they are at {subject}"
    gates = ", ".join(gate.gate for gate in contents.gates.passed_gates)
    gates = show_text(gates or "no gate was asked for", 200)
    source, target = show_text(promotion.source.name, 40), show_text(promotion.target.name, 40)
    commit = code(short_sha(observed.source_commit))
    return f"Promotes {subject} ({commit}) from {source} to {target}. Passed: {gates}."
