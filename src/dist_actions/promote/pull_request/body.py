"""The text of a promotion's pull request; pure.

What stands between the markers is ours and written anew at every run; people write around it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from dist_actions.markdown import code
from dist_actions.overview.table import Standing
from dist_actions.promote.gates.evaluation import GateReport
from dist_actions.promote.planning import trailers
from dist_actions.promote.promotion import Commit, Observed, Plan, Promotion
from dist_actions.promote.pull_request import sections
from dist_actions.promote.pull_request.foreign_text import shown
from dist_actions.promote.pull_request.included import ChangelogSection, IncludedPull
from dist_actions.promote.pull_request.methods import Wanted
from dist_actions.services.github.facts import BranchRules
from dist_actions.trailers.pull_request_body import BEGIN, END

#: GitHub refuses longer ones.
LIMIT_CHARACTERS = 65_536
#: Stands for our part in the input `body-template`.
PLACE = "{promotion}"
_CUT = "… and more, for which there is no room here."


@dataclass(frozen=True)
class Contents:
    """What the text tells.

    Attributes:
        commits: What it brings, the newest first.
        pulls: The pull requests among them.
        changelog: Since the target's version.
        standings: What stands where, in the order of promotion.
        notices: Paragraphs of Markdown that a reader must not miss.
        pulls_page: Address of the repository's pull requests.
    """

    promotion: Promotion
    observed: Observed
    plan: Plan
    rules: BranchRules = field(default_factory=BranchRules)
    strategy: Wanted = "auto"
    gates: GateReport = field(default_factory=GateReport)
    commits: Sequence[Commit] = ()
    pulls: Sequence[IncludedPull] = ()
    changelog: Sequence[ChangelogSection] = ()
    standings: Sequence[Standing] = ()
    notices: Sequence[str] = ()
    pulls_page: str = ""


def pull_request_body(contents: Contents) -> str:
    """Our part of the body, with its markers."""
    promotion, observed, plan = contents.promotion, contents.observed, contents.plan
    how = sections.how_to_merge(plan, observed, contents.rules, promotion, contents.strategy)
    parts = [
        _opening(contents),
        f"**How to merge:** {how}",
        *contents.notices,
        f"### Packages\n\n{sections.package_table(promotion)}" if promotion.packages else "",
        sections.outside(observed) if promotion.package else "",
        sections.gate_table(contents.gates.passed),
        sections.chain(contents.standings, promotion),
        sections.own_changes(plan, promotion),
        sections.changelog(contents.changelog),
        sections.pulls(contents.pulls, contents.pulls_page),
        sections.commits(contents.commits),
        sections.files(contents.gates.manifests),
    ]
    text = "\n\n".join(part for part in parts if part)
    ending = "\n".join([*trailers(promotion, observed), END])
    return shortened(f"{BEGIN}\n{text}\n\n{ending}", LIMIT_CHARACTERS)


def shortened(ours: str, limit: int) -> str:
    """Our part, with whole lines left out before the trailers until it fits.

    Trailers and markers stay, also where they alone are longer.
    """
    if len(ours) <= limit:
        return ours
    text, _, ending = ours.rpartition("\n\n")
    room = limit - len(ending) - len(_CUT) - 4
    kept = text[: max(room, 0)].rpartition("\n")[0] or BEGIN
    # A picture must not be cut in its middle: what follows would stand in its block of code.
    if kept.count("\n```") % 2:
        kept = kept[: kept.rindex("\n```")]
    return f"{kept}\n\n{_CUT}\n\n{ending}"


def merged_body(present: str, ours: str) -> str:
    """A body whose part between the markers is ours, and whose rest is kept."""
    present = present.replace("\r\n", "\n")
    before, begin, rest = present.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        before, after = "", f"\n\n{present.strip()}" if present.strip() else ""
    fitting = shortened(ours, LIMIT_CHARACTERS - len(before) - len(after))
    left = LIMIT_CHARACTERS - len(fitting)
    return f"{before[:left]}{fitting}{after[: max(left - len(before), 0)]}"


def from_template(template: str, promotion: Promotion, ours: str) -> str:
    """The body of a new pull request.

    Args:
        template: The input `body-template`: Markdown in which `{version}`, `{from}` and `{to}` are
            replaced, and `{promotion}` by our part, which else stands at the end.
        promotion: What is promoted.
        ours: Our part.
    """
    text = template.replace("\r\n", "\n").strip()
    if not text:
        return ours
    for name, value in {
        "{version}": str(promotion.version or ""),
        "{from}": promotion.source.name,
        "{to}": promotion.target.name,
    }.items():
        text = text.replace(name, value)
    before, place, after = text.partition(PLACE)
    around = f"{before}{BEGIN}{END}{after}" if place else f"{text}\n\n{BEGIN}{END}"
    return merged_body(around, ours)


def _opening(contents: Contents) -> str:
    promotion, observed = contents.promotion, contents.observed
    what = code(promotion.tag)
    if promotion.packages and promotion.package is None:
        what = f"all packages, as they are at {what}"
    passed = ", ".join(one.gate for one in contents.gates.passed) or "no gate was asked for"
    source, target = shown(promotion.source.name, 40), shown(promotion.target.name, 40)
    commit = code(observed.source_commit[:7])
    return f"Promotes {what} ({commit}) from {source} to {target}. Passed: {shown(passed, 200)}."
