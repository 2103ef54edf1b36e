"""What a rehearsal leaves behind: report.json for programs, summary.md for people. It is pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dist_sandbox.rehearse.rehearsal import Stage
from dist_sandbox.rehearse.results.observation import File, ObservedEnvironment, ObservedRelease
from dist_sandbox.rehearse.results.published import PublishedPackage


@dataclass(frozen=True)
class Report:
    """Everything that was observed.

    Attributes:
        standings: By environment, and in each by package; empty for a project without stages.
        published: What stands in the indexes that belong to no stage.
        seconds: From the push to the last look.
        changes_of_reruns: Requests that changed something when events came again; None where
            nothing was run again.
    """

    standings: tuple[ObservedEnvironment, ...]
    seconds: float
    stages: tuple[Stage, ...] = ()
    published: tuple[PublishedPackage, ...] = ()
    changes_of_reruns: Sequence[Mapping[str, Any]] | None = field(default=None)

    @property
    def packages(self) -> tuple[ObservedEnvironment | PublishedPackage, ...]:
        """Each package as it stands in the last environment, or in the last index."""
        if not self.standings:
            index = self.published[-1].name
            return tuple(one for one in self.published if one.name == index)
        last = self.standings[-1].name
        return tuple(standing for standing in self.standings if standing.name == last)

    @property
    def title(self) -> str:
        """The packages with their versions, in one line."""
        return ", ".join(f"{one.package} {one.version}".rstrip() for one in self.packages)

    @property
    def agreement(self) -> str:
        """In words that all environments hold the same files; empty where they do not."""
        names = tuple(dict.fromkeys(one.name for one in self.standings))
        by_package: dict[str, set[frozenset[File]]] = {}
        for one in self.standings:
            by_package.setdefault(one.package, set()).add(frozenset(one.files))
        if len(names) < 2 or any(len(sets) > 1 for sets in by_package.values()):
            return ""
        return f"Every file has the same sha256 in {', '.join(names[:-1])} and {names[-1]}."

    def to_json(self) -> dict[str, Any]:
        """The report as `report.json` holds it; `package` is the first where there are several."""
        packages = [{"package": one.package, "version": one.version} for one in self.packages]
        document: dict[str, Any] = {
            **packages[0],
            "packages": packages,
            "seconds": round(self.seconds, 2),
            "environments": [_standing_json(standing) for standing in self.standings],
            "indexes": [_published_json(one) for one in self.published],
            "requests": self._count_requests(),
            "stages": [_stage_json(stage) for stage in self.stages],
        }
        if self.changes_of_reruns is not None:
            document["rerun"] = {"changes": [dict(change) for change in self.changes_of_reruns]}
        return document

    def to_markdown(self) -> str:
        """The report as `summary.md` holds it."""
        lines = [f"# {self.title}"]
        if self.standings:
            lines += [
                "",
                "| environment | branch | tag | GitHub release | files | installed from index |",
            ]
            lines += ["|---|---|---|---|---|---|"]
            lines += [_standing_row(standing) for standing in self.standings]
            lines += ["", self.agreement] if self.agreement else []
        if self.published:
            lines += ["", "| index | package | installed from it |", "|---|---|---|"]
            lines += [
                f"| {one.name} | {one.package} | {one.installed_version or '-'} |"
                for one in self.published
            ]
        places: tuple[ObservedEnvironment | PublishedPackage, ...] = (
            *self.standings,
            *self.published,
        )
        for place in places:
            lines += ["", f"## {place.package} in {place.name}", ""]
            lines += [f"Index: `{place.index_url}`", ""]
            lines += [f"- `{file.name}` sha256 `{file.sha256}`" for file in place.files]
        lines += ["", "## Stages", "", "| stage | seconds | requests |", "|---|---:|---:|"]
        lines += [
            f"| {_stage_cell(stage)} | {stage.seconds:.1f} | {stage.requests} |"
            for stage in self.stages
        ]
        if self.changes_of_reruns is not None:
            count = len(self.changes_of_reruns)
            lines += ["", f"Delivered again: {count} request(s) changed something."]
        return "\n".join(lines) + "\n"

    def _count_requests(self) -> dict[str, int]:
        counts: dict[str, int] = {}
        for stage in self.stages:
            counts[stage.name] = counts.get(stage.name, 0) + stage.requests
        return counts


def describe_release(release: ObservedRelease | None) -> str:
    """A release in a few words."""
    if release is None:
        return "none"
    kind = "pre-release" if release.prerelease else "release"
    return f"{'latest ' if release.latest else ''}{kind} by {release.author}"


def describe_files(standing: ObservedEnvironment) -> str:
    """How many files there are and where they come from, in a few words."""
    carried = standing.release.carried_from if standing.release else ""
    origin = f"carried from {carried}" if carried else "built" if standing.files else ""
    return f"{len(standing.files)} {origin}".rstrip()


def _standing_json(standing: ObservedEnvironment) -> dict[str, Any]:
    return {
        "name": standing.name,
        "package": standing.package,
        "version": standing.version,
        "branch": standing.branch,
        "commit": standing.commit,
        "tag": standing.tag,
        "annotated": standing.annotated,
        "tagger": standing.tagger,
        "release": _release_json(standing.release),
        "index_url": standing.index_url,
        "files": _files_json(standing.files),
        "installed_version": standing.installed_version,
    }


def _published_json(published: PublishedPackage) -> dict[str, Any]:
    return {
        "name": published.name,
        "package": published.package,
        "index_url": published.index_url,
        "files": _files_json(published.files),
        "installed_version": published.installed_version,
    }


def _release_json(release: ObservedRelease | None) -> dict[str, Any] | None:
    if release is None:
        return None
    return {
        "id": release.release_id,
        "url": release.url,
        "author": release.author,
        "prerelease": release.prerelease,
        "latest": release.latest,
        "carried_from": release.carried_from,
        "assets": _files_json(release.assets),
    }


def _files_json(files: Sequence[File]) -> list[dict[str, str]]:
    return [{"name": file.name, "sha256": file.sha256} for file in files]


def _standing_row(standing: ObservedEnvironment) -> str:
    installed = standing.installed_version or "-"
    release = describe_release(standing.release)
    tag = f"`{standing.tag}` by {standing.tagger}" if standing.tag else "-"
    files = describe_files(standing)
    return f"| {standing.name} | `{standing.branch}` | {tag} | {release} | {files} | {installed} |"


def _stage_json(stage: Stage) -> dict[str, Any]:
    typed = {"command": stage.command} if stage.command else {}
    return {"name": stage.name, "seconds": round(stage.seconds, 2), **typed}


def _stage_cell(stage: Stage) -> str:
    return f"{stage.name}: `{stage.command}`" if stage.command else stage.name
