"""Ask the indexes of source and target about packages that depend on each other.

What is promoted is read from its GitHub release. Wheels are read, never installed.
"""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dist_actions.abbreviation import LISTED_IN_SENTENCE
from dist_actions.dependencies.catalogue import IndexedVersion, PackageIndex
from dist_actions.dependencies.machines import Machine
from dist_actions.dependencies.metadata import (
    Metadata,
    broken_metadata,
    parse_metadata,
    require_identity,
)
from dist_actions.dependencies.offered_files import OfferedFile, group_files
from dist_actions.dependencies.reading import PrivatePackages
from dist_actions.dependencies.verdict import (
    Verdict,
    decide,
    describe,
    find_dependents,
    order_roots,
)
from dist_actions.distributions.contained_metadata import read_contained_metadata
from dist_actions.errors import DistActionsError, ServiceUnavailableError
from dist_actions.promote.gates.conditions import Gate, PackageReport
from dist_actions.promote.promotion import Promotion
from dist_actions.services.github.releases import GitHubRelease, Releases

#: Packages of the target that are looked at for who depends on what is promoted.
_MOST_DEPENDENTS = 200


@dataclass(frozen=True)
class DependencyGate:
    """Finds out whether the target can install what is promoted, and who there depends on it.

    Attributes:
        index_of: Connects to an environment's index; None where it has none that can be read.
        releases: Where the promoted files lie.
        log: Takes what is said once, and is no finding.
    """

    index_of: Callable[[str], PackageIndex | None]
    releases: Releases
    log: Callable[[str], object]

    def check(
        self, promotion: Promotion, releases: Sequence[GitHubRelease], gates: Sequence[Gate]
    ) -> PackageReport:
        """Ask what the gates `dependencies` and `dependents` need, and close where they must.

        An index that does not answer closes them: a later run asks again.

        Raises:
            DistActionsError: An index refuses, or metadata are broken: somebody has to mend that.
        """
        source, target = promotion.source.name, promotion.target.name
        if not {"dependencies", "dependents"} & set(gates) or not releases:
            return PackageReport()
        index = self.index_of(target)
        if index is None:
            self.log(
                f"The gate dependencies asks nothing: the input indexes names no index of {target}."
            )
            return PackageReport()
        try:
            roots = [self._read_root(release) for release in releases]
            packages = PrivatePackages(index, self.index_of(source))
            report = PackageReport(order=order_roots(roots))
            if "dependencies" in gates:
                report = self._decide(report, packages, roots)
            return self._add_dependents(report, packages, roots, strict="dependents" in gates)
        except ServiceUnavailableError as error:
            reason = f"the indexes could not be asked about dependencies: {error.what.rstrip('.')}"
            return PackageReport(
                closed=f"{reason}. Why: {error.why} Fix: run this job again when it answers"
            )

    def show_dependents(
        self, promotion: Promotion, releases: Sequence[GitHubRelease]
    ) -> PackageReport:
        """Find who in the target depends on what would be promoted; whatever fails is only said."""
        try:
            index = self.index_of(promotion.target.name)
            if index is None or not releases:
                return PackageReport()
            roots = [self._read_root(release) for release in releases]
            packages = PrivatePackages(index, None)
            return self._add_dependents(PackageReport(), packages, roots, strict=False)
        except DistActionsError as error:
            return PackageReport(unread=error.what)

    def _read_root(self, release: GitHubRelease) -> Metadata:
        """Read what a promoted release requires, from the file that is quickest to read."""
        files = [
            OfferedFile(asset.name, "", size_bytes=asset.size_bytes)
            for asset in release.assets
            if asset.uploaded
        ]
        offered = next(
            (entry for versions in group_files("", files).values() for entry in versions.items()),
            None,
        )
        asset = release.uploaded_asset(offered[1].name) if offered else None
        if offered is None or asset is None:
            raise broken_metadata(release.tag, "its release has neither wheel nor sdist")
        with tempfile.TemporaryDirectory(prefix="dist-actions-") as folder:
            path = self.releases.download_asset(asset, Path(folder))
            try:
                metadata = parse_metadata(read_contained_metadata(path, asset.name), asset.name)
            except ValueError as error:
                raise broken_metadata(asset.name, str(error)[:200]) from error
            version = offered[0]
            return require_identity(metadata, version.project, version.version, asset.name)

    def _decide(
        self, report: PackageReport, packages: PrivatePackages, roots: Sequence[Metadata]
    ) -> PackageReport:
        verdict = packages.answer(lambda target, source: decide(roots, target, source))
        if obstacle := verdict.obstacle:
            closed = describe(obstacle, *packages.catalogues)
            return replace(report, closed=closed, first=obstacle.promotions)
        return replace(report, finding=_describe_verdict(verdict))

    def _add_dependents(
        self,
        report: PackageReport,
        packages: PrivatePackages,
        roots: Sequence[Metadata],
        *,
        strict: bool,
    ) -> PackageReport:
        """Find who in the target depends on what is promoted; `strict` stops where they refuse."""
        if report.closed:
            return report
        projects = sorted(packages.projects)[:_MOST_DEPENDENTS]
        try:
            dependents = packages.answer(
                lambda target, _source: find_dependents(roots, target, projects)
            )
        except DistActionsError as error:
            if strict:
                raise
            return replace(report, unread=error.what)
        report = replace(report, dependents=dependents)
        if len(projects) < len(packages.projects):
            report = replace(report, unread=f"only {_MOST_DEPENDENTS} packages were looked at")
        refusing = [dependent for dependent in dependents if not dependent.admits]
        if strict and refusing:
            names = ", ".join(
                f"{dependent.version} requires {dependent.requirement}"
                for dependent in refusing[:LISTED_IN_SENTENCE]
            )
            closed = (
                f"{names}. Why: whoever has these keeps the older version. Fix: promote versions "
                "of them that take the new one, or leave dependents out of the input require"
            )
            return replace(report, closed=closed)
        return report


def _describe_verdict(verdict: Verdict) -> str:
    if not verdict.machines:
        return "not judged: it supports no maintained Python"
    versions = _join(verdict.versions) if verdict.versions else "no private package"
    unjudged = f"; not judged: {', '.join(verdict.unjudged[:LISTED_IN_SENTENCE])}"
    requirements = f"requires {versions}, on {_name_pythons(verdict.machines)}"
    return f"{requirements}{unjudged if verdict.unjudged else ''}"


def _join(versions: Sequence[IndexedVersion]) -> str:
    more = len(versions) - LISTED_IN_SENTENCE
    names = ", ".join(str(version) for version in versions[:LISTED_IN_SENTENCE])
    return f"{names} and {more} more" if more > 0 else names


def _name_pythons(machines: Sequence[Machine]) -> str:
    pythons = list(dict.fromkeys(machine.python for machine in machines))
    names = pythons[0] if len(pythons) == 1 else f"{pythons[0]} to {pythons[-1]}"
    return f"Python {names}"
