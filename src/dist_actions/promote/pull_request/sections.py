"""The sections of a promotion pull request's text; pure.

Each gives Markdown, empty where it has nothing to say.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from packaging.version import Version

from dist_actions.abbreviation import LISTED_IN_SECTION, short_sha
from dist_actions.distributions.manifest import Manifest
from dist_actions.markdown import code, table
from dist_actions.overview.table import EnvironmentStatus, environments_diagram, environments_table
from dist_actions.promote.gates.conditions import GateReport, PackageReport, PassedGate
from dist_actions.promote.planning import MergeStrategy, usable_methods, working_methods
from dist_actions.promote.promotion import (
    Commit,
    Observed,
    PackageState,
    Promotion,
    PromotionPlan,
)
from dist_actions.promote.pull_request.foreign_text import show_markdown, show_text
from dist_actions.services.github.facts import BranchRules

#: Paths that are listed; what follows is counted.
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


@dataclass(frozen=True)
class IncludedPull:
    """A pull request that a promotion brings, with its title as a commit tells it: any text."""

    number: int
    title: str


@dataclass(frozen=True)
class ChangelogSection:
    """What a changelog says of one version: Markdown from anywhere."""

    version: Version
    text: str
    package: str = ""


def explain_merging(
    plan: PromotionPlan,
    observed: Observed,
    rules: BranchRules,
    promotion: Promotion,
    strategy: MergeStrategy,
) -> str:
    """Explain which merge button will do, and which of them the target's rules leave."""
    if rules.merge_queue:
        return _MERGE_QUEUE
    text = _explain_buttons(plan, observed, promotion)
    usable = usable_methods(plan, observed, rules)
    if usable != working_methods(plan, observed):
        buttons = " or ".join(f"**{_BUTTONS[method]}**" for method in usable)
        text += f" Settings and rules of this branch leave {buttons or 'no button that would do'}."
    if strategy in _BUTTONS and strategy in usable:
        text += f" This project asks for **{_BUTTONS[strategy]}**."
    return text


def _explain_buttons(plan: PromotionPlan, observed: Observed, promotion: Promotion) -> str:
    if plan.strategy == "graft":
        return _GRAFT_PACKAGE if promotion.package else _GRAFT
    if plan.strategy == "stitch":
        return _STITCH
    if plan.strategy == "link":
        return _LINK
    return _ANY_BUTTON if observed.linear else _NO_REBASE


def gate_table(passed_gates: Sequence[PassedGate]) -> str:
    """List the gates with what was seen there."""
    rows = [
        [show_text(gate.gate, 40), show_text(gate.finding, _SUBJECT_CHARACTERS)]
        for gate in passed_gates
    ]
    return f"### Gates\n\n{table(['gate', 'seen'], rows)}" if rows else ""


def order_packages(promotion: Promotion, gates: GateReport) -> tuple[PackageState, ...]:
    """Sort the packages so that those come first that others require, as far as that was read."""
    places = {project: place for place, project in enumerate(gates.packages.order)}
    return tuple(
        sorted(promotion.packages, key=lambda state: places.get(state.package.name, len(places)))
    )


def dependents(packages: PackageReport, promotion: Promotion) -> str:
    """List what in the target requires what is promoted, and whether it takes the new version."""
    rows = [
        [
            code(str(dependent.version)),
            code(dependent.requirement),
            "yes" if dependent.admits else "**no**",
        ]
        for dependent in packages.dependents[:LISTED_IN_SECTION]
    ]
    more = len(packages.dependents) - len(rows)
    parts = [table(["package", "requires", "takes the new version"], rows) if rows else ""]
    parts += [f"And {more} more."] if more > 0 else []
    parts += [show_text(packages.unread, _SUBJECT_CHARACTERS)] if packages.unread else []
    text = "\n\n".join(part for part in parts if part)
    target = show_text(promotion.target.name, 40)
    return f"### Depends on this in {target}\n\n{text}" if text else ""


def package_table(promotion: Promotion, gates: GateReport) -> str:
    """List the packages with their versions in the target and in the source."""
    rows = []
    for state in order_packages(promotion, gates):
        before = code(str(state.before)) if state.before else "—"
        after = code(str(state.version)) if state.version else "—"
        path = code(state.package.path)
        rows.append([code(state.package.name), path, before, after if state.moves else "unchanged"])
    target = show_text(promotion.target.name, 40)
    return table(["package", "folder", f"in {target}", "promoted"], rows)


def files_left_behind(observed: Observed) -> str:
    """Say what a single package leaves behind."""
    notice = "Files outside of packages travel with `package: all` only."
    if not observed.outside:
        return f"{notice} None of them differs."
    names = ", ".join(code(path) for path in observed.outside[:_LISTED_PATHS])
    more = len(observed.outside) - _LISTED_PATHS
    names += f" and {more} more" if more > 0 else ""
    return f"{notice} These differ in the target, if the package needs them: {names}."


def environments(statuses: Sequence[EnvironmentStatus], promotion: Promotion) -> str:
    """Show what stands where, with the arrow of this promotion."""
    if not statuses:
        return ""
    ends = (promotion.source.name, promotion.target.name)
    label = f"v{promotion.version}" if promotion.version else ""
    diagram = environments_diagram(statuses, ends, label)
    return f"### What stands where\n\n{environments_table(statuses)}\n\n{diagram}"


def own_changes(plan: PromotionPlan, promotion: Promotion) -> str:
    """List the target's own changes, which stay."""
    if not plan.own_changes:
        return ""
    target, source = show_text(promotion.target.name, 40), show_text(promotion.source.name, 40)
    note = f"These were made in {target} and stay; {source} lacks them until they are merged back."
    return f"### Own changes of {target}\n\n{note}\n\n{list_commits(plan.own_changes)}"


def changelog(sections: Sequence[ChangelogSection]) -> str:
    """Show what the changelog says since the target's version."""
    parts, room = [], _CHANGELOG_CHARACTERS
    for section in sections:
        text = show_markdown(section.text, max(room, 0))
        room -= len(text)
        name = f"{code(section.package)} " if section.package else ""
        parts.append(f"#### {name}{section.version}\n\n{text}".rstrip())
    return "### Changelog\n\n" + "\n\n".join(parts) if parts else ""


def included_pulls(pulls: Sequence[IncludedPull], page: str) -> str:
    """List the pull requests that it brings."""
    entries = [
        f"[#{pull.number}]({page}/{pull.number}) {show_text(pull.title, _SUBJECT_CHARACTERS)}"
        for pull in pulls
    ]
    return f"### Pull requests\n\n{_list_entries(entries)}" if entries else ""


def included_commits(commits: Sequence[Commit]) -> str:
    """List the commits that it brings."""
    return f"### Commits\n\n{list_commits(commits)}" if commits else ""


def files(manifests: Sequence[Manifest]) -> str:
    """List the released files with their digests."""
    rows = [
        [code(file.name), code(file.sha256)] for manifest in manifests for file in manifest.files
    ]
    return f"### Files\n\n{table(['file', 'sha256'], rows)}" if rows else ""


def list_commits(commits: Sequence[Commit]) -> str:
    """List commits by their short SHA and subject."""
    return _list_entries(
        [
            f"{code(short_sha(commit.sha))} {show_text(commit.subject, _SUBJECT_CHARACTERS)}"
            for commit in commits
        ]
    )


def _list_entries(entries: Sequence[str]) -> str:
    more = len(entries) - LISTED_IN_SECTION
    lines = [f"- {entry}" for entry in entries[:LISTED_IN_SECTION]]
    return "\n".join([*lines, *([f"- and {more} more"] if more > 0 else [])])
