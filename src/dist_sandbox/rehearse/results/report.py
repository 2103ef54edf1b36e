"""What a rehearsal leaves behind: report.json for programs, summary.md for people. It is pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from dist_actions.repository_settings.values import DeploymentPolicies
from dist_sandbox.rehearse.results.observation import (
    File,
    ObservedEnvironment,
    ObservedRelease,
    PublishedPackage,
)
from dist_sandbox.rehearse.results.records import Failure, RunRecord


@dataclass(frozen=True)
class Note:
    """A warning or notice of a workflow run.

    Attributes:
        level: `warning`, `notice`, or `error` of a step that may fail.
        job: The job; empty for what is said of the run.
    """

    level: str
    job: str
    text: str

    @property
    def line(self) -> str:
        """Write the text in one line."""
        return " ".join(self.text.split())


@dataclass(frozen=True)
class Stage:
    """One thing that happened in a rehearsal: a workflow run, or what a person did.

    Attributes:
        name: What it is called in tables.
        seconds: How long it took.
        requests: How many requests reached the sandbox meanwhile.
        command: What a person could type for it; empty for a workflow run.
        notes: What a workflow run noted.
        nothing_to_do: Whether a workflow run found nothing to do.
        project: Whose it is; empty where a rehearsal has one project.
        began: When it began, in seconds since the epoch.
        run: The workflow run; None for what a person did.
    """

    name: str
    seconds: float
    requests: int
    command: str = ""
    notes: tuple[Note, ...] = ()
    nothing_to_do: bool = False
    project: str = ""
    began: float = 0.0
    run: RunRecord | None = None

    @property
    def title(self) -> str:
        """Name the stage with its project."""
        return stage_title(self.project, self.name)


def stage_title(project: str, name: str) -> str:
    """Name a stage for tables and logs: `release dev`, of several projects `core: release dev`."""
    return f"{project}: {name}" if project else name


@dataclass(frozen=True)
class Report:
    """Everything that was observed.

    Attributes:
        environments: By environment, and in each by package; empty for a project without stages.
        seconds: From the push to the last check of an index.
        stages: What happened, in order.
        published: The packages in the indexes that belong to no stage.
        changes_of_reruns: Requests that changed something when events came again; None where
            nothing was run again.
        policies: Which branches and tags each GitHub Environment let in.
        failure: Why the rehearsal ended early; None where it did not.
        walls: What kept the jobs from the machine and its network, a sentence each.
        gaps: What nothing kept them from.
        unexplained_secrets: Secrets that the workflows use and that nobody gave a value.
    """

    environments: tuple[ObservedEnvironment, ...]
    seconds: float
    stages: tuple[Stage, ...] = ()
    published: tuple[PublishedPackage, ...] = ()
    changes_of_reruns: Sequence[Mapping[str, Any]] | None = None
    policies: Mapping[str, DeploymentPolicies] = field(default_factory=dict)
    failure: Failure | None = None
    walls: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()
    unexplained_secrets: tuple[str, ...] = ()

    @property
    def packages(self) -> tuple[ObservedEnvironment | PublishedPackage, ...]:
        """Return each package in its last environment, or in the last index."""
        rows = self.environments or self.published
        return tuple({row.package: row for row in rows}.values())

    @property
    def title(self) -> str:
        """Name the packages with their versions, in one line."""
        return ", ".join(f"{row.package} {row.version}".rstrip() for row in self.packages)

    @property
    def agreement(self) -> str:
        """State that all environments hold the same files; empty where they do not."""
        names = tuple(dict.fromkeys(row.name for row in self.environments))
        by_package: dict[str, set[frozenset[File]]] = {}
        for row in self.environments:
            by_package.setdefault(row.package, set()).add(frozenset(row.files))
        if len(names) < 2 or any(len(sets) > 1 for sets in by_package.values()):
            return ""
        return f"Every file has the same sha256 in {', '.join(names[:-1])} and {names[-1]}."

    def to_json(self) -> dict[str, Any]:
        """Make `report.json`; `package` is the first where there are several."""
        packages = [{"package": row.package, "version": row.version} for row in self.packages]
        requests = Counter[str]()
        for stage in self.stages:
            requests[stage.title] += stage.requests
        document: dict[str, Any] = {
            **packages[0],
            "packages": packages,
            "seconds": round(self.seconds, 2),
            "environments": [asdict(row) for row in self.environments],
            "indexes": [_published_json(row) for row in self.published],
            "deployment_policies": {name: asdict(row) for name, row in self.policies.items()},
            "requests": dict(requests),
            "stages": [_stage_json(stage) for stage in self.stages],
        }
        if self.changes_of_reruns is not None:
            document["rerun"] = {"changes": [dict(change) for change in self.changes_of_reruns]}
        return document

    def to_markdown(self) -> str:
        """Make `summary.md`."""
        lines = [f"# {self.title}"]
        if self.environments:
            lines += ["", *_environment_table(self.environments, named=len(self.packages) > 1)]
            lines += ["", self.agreement] if self.agreement else []
        if self.published:
            lines += ["", "| index | package | installed from it |", "|---|---|---|"]
            lines += [
                f"| {row.name} | {row.package} | {row.installed_version or '-'} |"
                for row in self.published
            ]
        rows: tuple[ObservedEnvironment | PublishedPackage, ...] = self.environments
        for row in (*rows, *self.published):
            lines += ["", f"## {row.package} in {row.name}", ""]
            lines += [f"Index: `{row.index_url}`", ""]
            lines += [f"- `{file.name}` sha256 `{file.sha256}`" for file in row.files]
        if self.policies:
            lines += ["", "## Deployment policies", ""]
            lines += ["| GitHub Environment | branches | tags |", "|---|---|---|"]
            lines += [
                f"| {name} | {_code(row.branches)} | {_code(row.tags)} |"
                for name, row in self.policies.items()
            ]
        lines += ["", "## Stages", "", "| stage | seconds | requests |", "|---|---:|---:|"]
        lines += [
            f"| {_stage_cell(stage)} | {stage.seconds:.1f} | {stage.requests} |"
            for stage in self.stages
        ]
        noted = [(stage, note) for stage in self.stages for note in stage.notes]
        if noted:
            lines += ["", "## Warnings and notices", ""]
            lines += [f"- {note.level}, {stage.title}: {note.line}" for stage, note in noted]
        if self.changes_of_reruns is not None:
            count = len(self.changes_of_reruns)
            lines += ["", f"Delivered again: {count} request(s) changed something."]
        return "\n".join(lines) + "\n"


def describe_release(release: ObservedRelease | None) -> str:
    """Describe a release in a few words."""
    if release is None:
        return "none"
    kind = "pre-release" if release.prerelease else "release"
    return f"{'latest ' if release.latest else ''}{kind} by {release.author}"


def describe_files(row: ObservedEnvironment) -> str:
    """Count the files and name their origin, in a few words."""
    carried = row.release.carried_from if row.release else ""
    origin = f"carried from {carried}" if carried else "built" if row.files else ""
    return f"{len(row.files)} {origin}".rstrip()


def _published_json(row: PublishedPackage) -> dict[str, Any]:
    return {name: value for name, value in asdict(row).items() if name != "version"}


def _environment_table(rows: Sequence[ObservedEnvironment], *, named: bool) -> list[str]:
    """Make the table of the environments, in which each package is named where there are more."""
    table = [
        "| environment | branch | tag | GitHub release | files | installed from index |",
        "|---|---|---|---|---|---|",
        *map(_environment_row, rows),
    ]
    names = ("package", "---", *(row.package for row in rows))
    return [f"| {name} {row}" for name, row in zip(names, table, strict=True)] if named else table


def _environment_row(row: ObservedEnvironment) -> str:
    installed = row.installed_version or "-"
    release = describe_release(row.release)
    tag = f"`{row.tag}` by {row.tagger}" if row.tag else "-"
    files = describe_files(row)
    return f"| {row.name} | `{row.branch}` | {tag} | {release} | {files} | {installed} |"


def _code(patterns: Sequence[str]) -> str:
    return ", ".join(f"`{pattern}`" for pattern in patterns) or "-"


def _stage_json(stage: Stage) -> dict[str, Any]:
    document: dict[str, Any] = {"name": stage.name, "seconds": round(stage.seconds, 2)}
    if stage.project:
        document["project"] = stage.project
    if stage.command:
        document["command"] = stage.command
    if stage.nothing_to_do:
        document["nothing_to_do"] = True
    if stage.notes:
        document["notes"] = [asdict(note) for note in stage.notes]
    return document


def _stage_cell(stage: Stage) -> str:
    name = f"{stage.title}: nothing to do" if stage.nothing_to_do else stage.title
    return f"{name}: `{stage.command}`" if stage.command else name
