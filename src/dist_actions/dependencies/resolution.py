"""Resolve what projects require of private packages, as an installer does; pure.

Public packages are taken to fit. Pre-releases are taken where nothing else fits, as uv does; pip
takes some of them only where they are asked for. Yanked versions count where a requirement pins
one.
Spec: PEP 592; https://docs.astral.sh/uv/concepts/resolution/#pre-release-handling
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeAlias

from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version
from resolvelib import AbstractProvider, BaseReporter, ResolutionImpossible, Resolver
from resolvelib.resolvers import ResolutionTooDeep

from dist_actions.dependencies.catalogue import (
    Catalogue,
    IndexedVersion,
    JoinedCatalogue,
    NotReadYetError,
)
from dist_actions.dependencies.machines import Machine
from dist_actions.dependencies.metadata import Metadata

#: Stands for the machine's Python among the projects; no project can have this name.
_PYTHON = canonicalize_name("<python>")
_NEVER = "<0.dev0"
#: Each round pins one project or takes a pin back; a search of seconds, not of hours.
_MOST_ROUNDS = 20_000


@dataclass(frozen=True)
class Need:
    """What a version requires of one project.

    Attributes:
        project: The project that is required.
        specifier: Its versions that fit.
        extras: Its extras that are wanted.
        required_by: Who requires it: `eigenoid-web 0.2.0`.
        dependent: The project that requires it.
        exact: The only version that fits, for what belongs to one version anyway.
    """

    project: NormalizedName
    specifier: str
    extras: frozenset[str]
    required_by: str
    dependent: NormalizedName
    exact: Version | None = None

    def __str__(self) -> str:
        extras = f"[{','.join(sorted(self.extras))}]" if self.extras else ""
        return f"{self.project}{extras}{self.specifier}"

    @property
    def excludes_itself(self) -> bool:
        """Tell whether a version requires another one of its own project."""
        version = self.required_by.rpartition(" ")[2]
        return bool(version) and self.dependent == self.project and not self.fits(Version(version))

    def fits(self, version: Version) -> bool:
        """Tell whether a version fits, pre-release or not."""
        if self.exact is not None:
            return version == self.exact
        return _contains(self.specifier, version)

    def pins(self, version: Version) -> bool:
        """Tell whether this is the only version that it admits, so that it may be a yanked one."""
        if self.exact is not None:
            return version == self.exact
        pinned = (part for part in SpecifierSet(self.specifier) if part.operator in {"==", "==="})
        return any(not part.version.endswith(".*") for part in pinned) and self.fits(version)


@dataclass(frozen=True)
class Solution:
    """Versions of private packages that fit together, by their projects.

    `needs` are all that they and the projects at the root require of each other.
    """

    versions: Mapping[NormalizedName, IndexedVersion]
    needs: tuple[Need, ...]


@dataclass(frozen=True)
class Conflict:
    """What cannot be met together; empty where the search was given up."""

    needs: tuple[Need, ...]


@dataclass(frozen=True)
class Question:
    """Which versions an installer would take beside `roots`, from a catalogue, on one machine."""

    roots: tuple[Metadata, ...]
    catalogue: Catalogue | JoinedCatalogue
    machine: Machine
    _roots: Mapping[NormalizedName, Metadata] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_roots", {root.project: root for root in self.roots})

    def needs_of_roots(self) -> Iterator[Need]:
        """List what is to be installed."""
        for root in self.roots:
            version = f"=={root.version}"
            yield Need(root.project, version, frozenset(), "", root.project, root.version)

    def needs_of(self, version: IndexedVersion, extras: Iterable[str]) -> Iterator[Need]:
        """List what a version with extras requires of private packages.

        Raises:
            NotReadYetError: Its metadata were not read yet.
        """
        metadata = self._metadata_of(version)
        private = self.catalogue.projects
        for project, specifier, requirement in metadata.by_project:
            is_private = project in private or project in self._roots
            if is_private and not requirement.url and self.machine.wants(requirement, extras):
                extras_of_project = frozenset(map(canonicalize_name, requirement.extras))
                yield Need(project, specifier, extras_of_project, str(version), version.project)

    def runs(self, version: IndexedVersion) -> bool:
        """Tell whether a version may be installed on the machine's Python."""
        return self.machine.runs(self._metadata_of(version).requires_python)

    def candidates(self, project: NormalizedName, needs: Sequence[Need]) -> list[IndexedVersion]:
        """List the versions that meet all needs, the one that an installer prefers first.

        Raises:
            NotReadYetError: The project's versions were not read yet.
        """
        if root := self._roots.get(project):
            versions: Sequence[IndexedVersion] = [IndexedVersion(project, root.version, "")]
        else:
            versions = self.catalogue.versions_of(project)
        fitting = [
            version
            for version in versions
            if all(need.fits(version.version) for need in needs)
            and (not version.yanked or any(need.pins(version.version) for need in needs))
        ]
        return sorted(fitting, key=lambda version: version.version.is_prerelease)

    def _metadata_of(self, version: IndexedVersion) -> Metadata:
        return self._roots.get(version.project) or self.catalogue.metadata_of(version)


def resolve(question: Question) -> Solution | Conflict:
    """Find versions that fit together, if there are any.

    Raises:
        NotReadYetError: Something was not read yet that decides it.
    """
    resolver: Resolver[Need, _Pin, _Identifier] = Resolver(_Provider(question), BaseReporter())
    try:
        mapping = resolver.resolve(question.needs_of_roots(), max_rounds=_MOST_ROUNDS).mapping
    except ResolutionImpossible as error:
        return Conflict(tuple(cause.requirement for cause in error.causes))
    except ResolutionTooDeep:
        return Conflict(())
    pins = {pin.version.project: pin.version for pin in mapping.values() if pin.version}
    solution = check(question, pins)
    if solution is None:
        raise AssertionError("what was resolved fits together")
    return solution


def check(question: Question, versions: Mapping[NormalizedName, IndexedVersion]) -> Solution | None:
    """Tell whether versions fit together on a machine; without those that nothing there requires.

    Raises:
        NotReadYetError: Metadata of one were not read yet.
    """
    needs = {need.project: [need] for need in question.needs_of_roots()}
    queue = [(project, frozenset[str]()) for project in needs]
    visited = set(queue)
    while queue:
        project, extras = queue.pop()
        if project not in versions or not question.runs(versions[project]):
            return None
        for need in question.needs_of(versions[project], extras):
            needs.setdefault(need.project, []).append(need)
            for wanted in (frozenset[str](), need.extras):
                if (need.project, wanted) not in visited:
                    visited.add((need.project, wanted))
                    queue.append((need.project, wanted))
    for project, of_project in needs.items():
        if versions[project] not in question.candidates(project, of_project):
            return None
    return Solution(
        {project: versions[project] for project in needs},
        tuple(need for of_project in needs.values() for need in of_project),
    )


def require_read(questions: Iterable[Question]) -> None:
    """Ask at once for all that an installer would read where nothing takes it back.

    Raises:
        NotReadYetError: Not all of that was read yet.
    """
    unread = NotReadYetError.join(error for question in questions for error in _foresee(question))
    if unread:
        raise unread


def _foresee(question: Question) -> Iterator[NotReadYetError]:
    """Follow what is required level by level, by the version that an installer prefers."""
    needs: dict[NormalizedName, list[Need]] = {
        need.project: [need] for need in question.needs_of_roots()
    }
    touched, followed = set(needs), set()
    while touched:
        level, touched = touched, set()
        for project in sorted(level):
            try:
                preferred = question.candidates(project, needs[project])[:1]
                for version in preferred:
                    extras = frozenset[str]().union(*(need.extras for need in needs[project]))
                    if (version, extras) in followed:
                        continue
                    required = list(question.needs_of(version, extras))
                    followed.add((version, extras))
                    for need in required:
                        needs.setdefault(need.project, []).append(need)
                        touched.add(need.project)
            except NotReadYetError as unread:
                yield unread


@lru_cache(maxsize=65536)
def _contains(specifier: str, version: Version) -> bool:
    """Compare once what the search asks for again and again."""
    return SpecifierSet(specifier).contains(version, prereleases=True)


@dataclass(frozen=True)
class _Pin:
    """A version of a project, with extras; `version` is None for the machine's Python."""

    project: NormalizedName
    version: IndexedVersion | None
    extras: frozenset[str] = frozenset()


_Identifier: TypeAlias = tuple[NormalizedName, frozenset[str]]


class _Provider(AbstractProvider[Need, _Pin, _Identifier]):
    """Answers the resolver's questions; a project with extras is one that requires it without."""

    def __init__(self, question: Question) -> None:
        self._question = question

    def identify(self, requirement_or_candidate: Need | _Pin) -> _Identifier:
        return requirement_or_candidate.project, requirement_or_candidate.extras

    def get_preference(
        self,
        identifier: _Identifier,
        resolutions: Mapping[_Identifier, _Pin],  # noqa: ARG002 - resolvelib passes it
        candidates: Mapping[_Identifier, Iterator[_Pin]],  # noqa: ARG002
        information: Mapping[_Identifier, Iterator[Any]],  # noqa: ARG002
        backtrack_causes: Sequence[Any],
    ) -> tuple[bool, bool, str]:
        """Take first what fails at once, then what took part in the last conflict."""
        causes = {cause.requirement.project for cause in backtrack_causes}
        return identifier[0] != _PYTHON, identifier[0] not in causes, identifier[0]

    def find_matches(
        self,
        identifier: _Identifier,
        requirements: Mapping[_Identifier, Iterator[Need]],
        incompatibilities: Mapping[_Identifier, Iterator[_Pin]],
    ) -> list[_Pin]:
        project, extras = identifier
        needs = list(requirements[identifier])
        if project == _PYTHON:
            python = self._question.machine.python_version
            fits = all(need.fits(python) for need in needs)
            return [_Pin(project, None)] if fits else []
        excluded = set(incompatibilities[identifier])
        versions = self._question.candidates(project, needs)
        pins = (_Pin(project, version, extras) for version in versions)
        return [pin for pin in pins if pin not in excluded]

    def is_satisfied_by(self, requirement: Need, candidate: _Pin) -> bool:
        version = candidate.version
        python = self._question.machine.python_version
        return requirement.fits(version.version if version else python)

    def get_dependencies(self, candidate: _Pin) -> list[Need]:
        version = candidate.version
        if version is None:
            return []
        needs = list(self._question.needs_of(version, candidate.extras))
        if candidate.extras:
            exact = f"=={version.version}"
            plain = Need(
                version.project, exact, frozenset(), str(version), version.project, version.version
            )
            needs.append(plain)
        if not self._question.runs(version):
            needs.append(Need(_PYTHON, _NEVER, frozenset(), str(version), version.project))
        return needs
