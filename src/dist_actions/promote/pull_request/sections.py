"""The sections of a promotion pull request's text; pure.

Each gives Markdown, empty where it has nothing to say.
"""

from collections.abc import Sequence

from dist_actions.distributions.manifest import Manifest
from dist_actions.markdown import code, table
from dist_actions.overview.table import Standing, chain_picture, chain_table
from dist_actions.promote.gates.evaluation import Passed
from dist_actions.promote.promotion import Commit, Observed, Plan, Promotion
from dist_actions.promote.pull_request.foreign_text import shown, shown_markdown
from dist_actions.promote.pull_request.included import ChangelogSection, IncludedPull
from dist_actions.promote.pull_request.methods import Wanted, usable_methods, working_methods
from dist_actions.services.github.facts import BranchRules

#: Entries of a list; what follows is counted.
_LISTED = 50
_LISTED_PATHS = 20
#: What is shown of a subject or title, and of the changelog altogether.
_SUBJECT_CHARACTERS = 200
_CHANGELOG_CHARACTERS = 20_000
_MERGE_QUEUE = "The merge queue of this branch merges it."
_ANY_BUTTON = "Any merge button will do; a merge commit keeps both histories joined."
_NO_REBASE = "A merge commit or a squash; a rebase would replay commits one by one that came by \
a merge, or that the target has in another form."
_LINK = "A merge commit or a squash; a rebase cannot carry a commit with two parents. The branch \
is one commit that holds the released files and joins both histories, because an earlier squash \
or rebase had parted them."
_STITCH = "A merge commit or a squash; a rebase cannot carry a commit with two parents. The branch \
is one commit that holds the released files together with the target's own changes, and joins both \
histories."
_GRAFT_PACKAGE = "Any merge button will do. The branch is one commit that changes this package's \
folder and nothing else."
_GRAFT = "Any merge button will do. The branch is one commit on the target's tip that brings all \
files to what they should be."
_BUTTONS = {
    "merge": "Create a merge commit",
    "squash": "Squash and merge",
    "rebase": "Rebase and merge",
}


def how_to_merge(
    plan: Plan, observed: Observed, rules: BranchRules, promotion: Promotion, wanted: Wanted
) -> str:
    """Which merge button will do, and which of them the target's rules leave."""
    if rules.merge_queue:
        return _MERGE_QUEUE
    said = _which_button(plan, observed, promotion)
    usable = usable_methods(plan, observed, rules)
    if usable != working_methods(plan, observed):
        left = " or ".join(f"**{_BUTTONS[one]}**" for one in usable) or "no button that would do"
        said += f" Settings and rules of this branch leave {left}."
    if wanted in _BUTTONS and wanted in usable:
        said += f" This project asks for **{_BUTTONS[wanted]}**."
    return said


def _which_button(plan: Plan, observed: Observed, promotion: Promotion) -> str:
    if plan.strategy == "graft":
        return _GRAFT_PACKAGE if promotion.package else _GRAFT
    if plan.strategy == "stitch":
        return _STITCH
    if plan.strategy == "link":
        return _LINK
    return _ANY_BUTTON if observed.linear else _NO_REBASE


def gate_table(passed: Sequence[Passed]) -> str:
    """The gates with what was seen there."""
    rows = [[shown(one.gate, 40), shown(one.seen, _SUBJECT_CHARACTERS)] for one in passed]
    return f"### Gates\n\n{table(['gate', 'seen'], rows)}" if rows else ""


def package_table(promotion: Promotion) -> str:
    """The packages with their versions in the target and in the source."""
    rows = []
    for state in promotion.packages:
        before = code(str(state.before)) if state.before else "—"
        after = code(str(state.version)) if state.version else "—"
        path = code(state.package.path)
        rows.append([code(state.package.name), path, before, after if state.moves else "unchanged"])
    target = shown(promotion.target.name, 40)
    return table(["package", "folder", f"in {target}", "promoted"], rows)


def outside(observed: Observed) -> str:
    """Notice of what a single package leaves behind."""
    said = "Files outside of packages travel with `package: all` only."
    if not observed.outside:
        return f"{said} None of them differs."
    listed = [code(path) for path in observed.outside[:_LISTED_PATHS]]
    more = len(observed.outside) - len(listed)
    names = ", ".join(listed) + (f" and {more} more" if more else "")
    return f"{said} These differ in the target, if the package needs them: {names}."


def chain(standings: Sequence[Standing], promotion: Promotion) -> str:
    """What stands where, with the arrow of this promotion."""
    if not standings:
        return ""
    ends = (promotion.source.name, promotion.target.name)
    label = f"v{promotion.version}" if promotion.version else ""
    picture = chain_picture(standings, ends, label)
    return f"### What stands where\n\n{chain_table(standings)}\n\n{picture}"


def own_changes(plan: Plan, promotion: Promotion) -> str:
    """The target's own changes, which stay."""
    if not plan.own_changes:
        return ""
    target, source = shown(promotion.target.name, 40), shown(promotion.source.name, 40)
    said = f"These were made in {target} and stay; {source} lacks them until they are merged back."
    return f"### Own changes of {target}\n\n{said}\n\n{_commits(plan.own_changes)}"


def changelog(sections: Sequence[ChangelogSection]) -> str:
    """What the changelog says since the target's version."""
    parts, left = [], _CHANGELOG_CHARACTERS
    for section in sections:
        text = shown_markdown(section.text, max(left, 0))
        left -= len(text)
        name = f"{code(section.package)} " if section.package else ""
        parts.append(f"#### {name}{section.version}\n\n{text}".rstrip())
    return "### Changelog\n\n" + "\n\n".join(parts) if parts else ""


def pulls(included: Sequence[IncludedPull], page: str) -> str:
    """The pull requests that it brings.

    Args:
        included: Those.
        page: Address of the repository's pull requests, to which a number is added.
    """
    if not included:
        return ""
    listed = [
        f"- [#{one.number}]({page}/{one.number}) {shown(one.title, _SUBJECT_CHARACTERS)}"
        for one in included[:_LISTED]
    ]
    return "### Pull requests\n\n" + "\n".join([*listed, *_more(len(included))])


def commits(listed: Sequence[Commit]) -> str:
    """The commits that it brings."""
    return f"### Commits\n\n{_commits(listed)}" if listed else ""


def files(manifests: Sequence[Manifest]) -> str:
    """The released files with their digests."""
    rows = [
        [code(file.name), code(file.sha256)] for manifest in manifests for file in manifest.files
    ]
    return f"### Files\n\n{table(['file', 'sha256'], rows)}" if rows else ""


def _commits(listed: Sequence[Commit]) -> str:
    lines = [
        f"- {code(one.sha[:7])} {shown(one.subject, _SUBJECT_CHARACTERS)}"
        for one in listed[:_LISTED]
    ]
    return "\n".join([*lines, *_more(len(listed))])


def _more(number: int) -> list[str]:
    return [f"- and {number - _LISTED} more"] if number > _LISTED else []
