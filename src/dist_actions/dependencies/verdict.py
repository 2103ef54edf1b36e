"""Decide whether the target can install what is promoted, and what to promote first; pure.

The target's index must hold a solution on every machine that the promoted projects support.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter

from packaging.utils import NormalizedName, canonicalize_name

from dist_actions.abbreviation import LISTED_IN_SENTENCE
from dist_actions.dependencies.catalogue import (
    Catalogue,
    IndexedVersion,
    JoinedCatalogue,
    NotReadYetError,
)
from dist_actions.dependencies.machines import Machine, machines_of
from dist_actions.dependencies.metadata import Metadata
from dist_actions.dependencies.resolution import (
    Conflict,
    Need,
    Question,
    Solution,
    check,
    require_read,
    resolve,
)

#: Versions of a project that are named on each side.
_NAMED_VERSIONS = 3


@dataclass(frozen=True)
class Obstacle:
    """Why what is promoted cannot be installed from the target.

    Attributes:
        machine: A machine on which it cannot.
        needs: What is required and not met there; empty where the search was given up.
        promotions: What to promote first, in this order; empty where no promotion helps.
        circle: Versions of these that require each other, so that none of them can go first.
    """

    machine: Machine
    needs: tuple[Need, ...]
    promotions: tuple[IndexedVersion, ...] = ()
    circle: tuple[IndexedVersion, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """Whether what is promoted can be installed from the target.

    Attributes:
        versions: The private packages that installers get there, with all versions that differ
            from machine to machine.
        machines: On which this was decided; none where the projects support no maintained Python.
        unjudged: Requirements by address or path, which come from no index.
        obstacle: Why it cannot; None where it can.
    """

    versions: tuple[IndexedVersion, ...] = ()
    machines: tuple[Machine, ...] = ()
    unjudged: tuple[str, ...] = ()
    obstacle: Obstacle | None = None


def decide(roots: Sequence[Metadata], target: Catalogue, source: Catalogue) -> Verdict:
    """Decide whether the target's index holds what the promoted projects require.

    Args:
        roots: The promoted projects, which it holds afterwards.
        target: What the target's index holds; its projects are all that are private, those of the
            source too.
        source: The same of the source.

    Raises:
        NotReadYetError: Something was not read yet that decides it.
        PromotionError: The metadata of one of them are broken.
    """
    machines = machines_of(roots)
    questions = [Question(tuple(roots), target, machine) for machine in machines]
    # What one machine needs, all need mostly: the others are asked when that was read.
    require_read(questions[:1])
    require_read(questions[1:])
    versions: dict[IndexedVersion, None] = {}
    pins: Mapping[NormalizedName, IndexedVersion] = {}
    for question in questions:
        # What fits on one machine mostly fits on all: to see that takes less than to search again.
        answer = check(question, pins) or resolve(question)
        if isinstance(answer, Conflict):
            obstacle = _explain(question, answer, target, source)
            return Verdict((), machines, _unjudged(roots, target, ()), obstacle)
        pins = answer.versions
        versions.update(dict.fromkeys(pins.values()))
    of_roots = {root.project for root in roots}
    private = tuple(version for version in versions if version.project not in of_roots)
    ordered = tuple(sorted(private, key=lambda version: (version.project, version.version)))
    return Verdict(ordered, machines, _unjudged(roots, target, ordered))


def _unjudged(
    roots: Iterable[Metadata], catalogue: Catalogue, versions: Iterable[IndexedVersion]
) -> tuple[str, ...]:
    every = [*roots, *(catalogue.metadata_of(version) for version in versions)]
    return tuple(
        f"{requirement.name} @ {requirement.url}"
        for metadata in every
        for requirement in metadata.requirements
        if requirement.url
    )


def _explain(
    question: Question, conflict: Conflict, target: Catalogue, source: Catalogue
) -> Obstacle:
    """Find out what to promote first, by resolving from both indexes."""
    if not conflict.needs:
        return Obstacle(question.machine, ())
    both = replace(question, catalogue=JoinedCatalogue(target, source))
    require_read([both])
    solution = resolve(both)
    if isinstance(solution, Conflict):
        needs = tuple(dict.fromkeys(solution.needs or conflict.needs))
        return Obstacle(question.machine, needs)
    in_source = {version for version in solution.versions.values() if not _is_in(question, version)}
    unmet = tuple(need for need in solution.needs if not _is_met(question, need))
    try:
        order = _order(question, solution, unmet, in_source)
    except CycleError as error:
        circle = tuple(dict.fromkeys(error.args[1]))
        return Obstacle(question.machine, unmet, (), circle)
    needs = unmet or tuple(
        need for need in solution.needs if solution.versions[need.project] in in_source
    )
    return Obstacle(question.machine, needs, order)


def _is_in(question: Question, version: IndexedVersion) -> bool:
    """Tell whether the target holds a version, or will after this promotion."""
    is_root = any(root.project == version.project for root in question.roots)
    return is_root or version in question.catalogue.versions_of(version.project)


def _is_met(question: Question, need: Need) -> bool:
    """Tell whether the target alone has a version for a need, today or after this promotion."""
    return bool(question.candidates(need.project, [need]))


def _order(
    question: Question,
    solution: Solution,
    unmet: Sequence[Need],
    in_source: Iterable[IndexedVersion],
) -> tuple[IndexedVersion, ...]:
    """Sort what is to be promoted first, dependencies before what requires them.

    Raises:
        CycleError: Some require each other, or one requires what is promoted now.
    """
    before: dict[IndexedVersion, set[IndexedVersion]] = {version: set() for version in in_source}
    for need in solution.needs:
        dependent, version = solution.versions[need.dependent], solution.versions[need.project]
        if dependent == version or dependent not in before:
            continue
        held = question.catalogue.versions_of(need.project)
        if not any(need.fits(other.version) for other in held if not other.yanked):
            before[dependent].add(version)
    for need in unmet:
        dependent, version = solution.versions[need.dependent], solution.versions[need.project]
        if dependent != version:
            before.setdefault(dependent, set()).add(version)
    order = TopologicalSorter(before).static_order()
    return tuple(version for version in order if not _is_in(question, version))


@dataclass(frozen=True)
class Dependent:
    """A project of the target that requires what is promoted, and whether it takes that version."""

    version: IndexedVersion
    requirement: str
    admits: bool


def find_dependents(
    roots: Sequence[Metadata], target: Catalogue, projects: Iterable[NormalizedName]
) -> tuple[Dependent, ...]:
    """Find those of some projects whose newest version in the target requires what is promoted.

    Raises:
        NotReadYetError: Something was not read yet that decides it.
    """
    promoted = {root.project: root.version for root in roots}
    newest = newest_versions(target, [name for name in projects if name not in promoted])
    if unread := [version for version in newest if version not in target.metadata]:
        raise NotReadYetError(versions=unread)
    return tuple(
        Dependent(version, str(requirement), requirement.specifier.contains(new, prereleases=True))
        for version in newest
        for requirement in target.metadata_of(version).requirements
        if (new := promoted.get(canonicalize_name(requirement.name))) and not requirement.url
    )


def order_roots(roots: Sequence[Metadata]) -> tuple[NormalizedName, ...]:
    """Name the promoted projects, those first that others require; circles as they stand."""
    projects = [root.project for root in roots]
    before = {
        root.project: {
            project
            for requirement in root.requirements
            if (project := canonicalize_name(requirement.name)) in projects
            and project != root.project
        }
        for root in roots
    }
    try:
        return tuple(TopologicalSorter(before).static_order())
    except CycleError:
        return tuple(projects)


def newest_versions(
    catalogue: Catalogue, projects: Iterable[NormalizedName]
) -> tuple[IndexedVersion, ...]:
    """List the newest version of each project, a pre-release only where there is nothing else.

    Raises:
        NotReadYetError: Versions of one were not read yet.
    """
    names = sorted(catalogue.projects.intersection(projects))
    if unread := [name for name in names if name not in catalogue.versions]:
        raise NotReadYetError(projects=[(catalogue.environment, name) for name in unread])
    newest = []
    for name in names:
        versions = [version for version in catalogue.versions_of(name) if not version.yanked]
        final = [version for version in versions if not version.version.is_prerelease]
        newest += (final or versions)[:1]
    return tuple(newest)


def describe(obstacle: Obstacle, target: Catalogue, source: Catalogue) -> str:
    """Say in three parts why what is promoted cannot be installed from the target."""
    to = target.environment
    if not obstacle.needs:
        return (
            f"no versions that fit together were found in {to} within the time for it. Why: its "
            "private packages require much of each other. Fix: require narrower ranges of versions"
        )
    needs = _list([_describe_need(need, target, source) for need in _first_needs(obstacle.needs)])
    ends = (source.environment, to)
    return f"{needs} ({obstacle.machine}). {_fix(obstacle, ends)}"


def _first_needs(needs: Sequence[Need]) -> list[Need]:
    return list(
        {(need.required_by, str(need)): need for need in needs if need.required_by}.values()
    )


def _describe_need(need: Need, target: Catalogue, source: Catalogue) -> str:
    holdings = " and ".join(
        f"{catalogue.environment} has {_holdings(need, catalogue)}"
        for catalogue in (target, source)
        if catalogue.environment
    )
    return f"{need.required_by} requires {need}, of which {holdings}"


def _holdings(need: Need, catalogue: Catalogue) -> str:
    texts = []
    of_project = catalogue.versions.get(need.project, ())
    for version in of_project[:_NAMED_VERSIONS]:
        texts.append(f"{version.version}{' (yanked)' if version.yanked else ''}")
    more = len(of_project) - len(texts)
    return ", ".join([*texts, *([f"{more} more"] if more > 0 else [])]) or "nothing"


def _fix(obstacle: Obstacle, ends: tuple[str, str]) -> str:
    source, target = ends
    if obstacle.circle:
        names = " and ".join(str(version) for version in obstacle.circle)
        return (
            f"Why: {names} require each other, so neither can be promoted first. Fix: release one "
            f"that also takes what {target} has of the other, and promote that"
        )
    if of_itself := next((need for need in obstacle.needs if need.excludes_itself), None):
        return (
            f"Why: {of_itself.required_by} is the version that is installed. Fix: leave the "
            "requirement on itself out, raise the version, and release that"
        )
    if not source:
        return (
            f"Why: {target} has no versions that fit together, and what the other environment has "
            "is not known, because the input indexes names no index of it. Fix: promote what is "
            f"missing to {target} first; or add that index, and run this job again"
        )
    if not obstacle.promotions:
        return (
            f"Why: {source} has no versions either that fit together. Fix: release what is "
            f"missing in {source}, or require what is there"
        )
    promotions = _list([str(version) for version in obstacle.promotions], " then ")
    return (
        f"Why: whoever installs it from {target} would find no versions that fit. Fix: promote "
        f"{promotions} from {source} to {target} first, then run this job again"
    )


def _list(texts: Sequence[str], between: str = "; ") -> str:
    more = len(texts) - LISTED_IN_SENTENCE
    return between.join(texts[:LISTED_IN_SENTENCE]) + (f" and {more} more" if more > 0 else "")
