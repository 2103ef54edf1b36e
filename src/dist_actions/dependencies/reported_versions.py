"""The versions of private packages that tests ran with, as one job tells another; pure.

The job that tells ran the project's code, so it is that code's word: what is not plainly a name and
a version is left out, and nothing more follows from the rest.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from dist_actions.markdown import code, table
from dist_actions.versions.parsing import parse_version

#: No project needs more private packages.
MOST_PACKAGES = 200
#: In characters: as long as any name or version may be, and the whole text of so many.
_LONGEST_PART, _LONGEST_TEXT = 100, 100_000
#: Spec: https://packaging.python.org/en/latest/specifications/name-normalization/#name-format
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?", re.ASCII)


@dataclass(frozen=True)
class ReportedVersions:
    """What a job tells of its tests.

    Attributes:
        versions: Of each package, by its name, in the order of the names.
        problem: What is wrong with what it told, and was left out; empty where nothing is.
    """

    versions: Mapping[NormalizedName, Version] = field(default_factory=dict)
    problem: str = ""

    def without(self, project: str) -> "ReportedVersions":
        """Leave out the project that was tested."""
        own = canonicalize_name(project)
        return ReportedVersions(
            {name: version for name, version in self.versions.items() if name != own}, self.problem
        )

    def to_json(self) -> str:
        """Write the versions as a JSON object."""
        return json.dumps({name: str(version) for name, version in self.versions.items()})

    def table(self) -> str:
        """List the packages in a table of Markdown; empty where there is none."""
        rows = [[code(name), code(str(version))] for name, version in self.versions.items()]
        return table(["package", "version"], rows) if rows else ""

    def describe(self) -> str:
        """Say in a sentence of Markdown what tests ran with; empty where that was nothing."""
        packages = [code(f"{name} {version}") for name, version in self.versions.items()]
        if not packages:
            return ""
        *first, last = packages
        listed = f"{', '.join(first)} and {last}" if first else last
        return f"Tested with {listed}, as the job that ran the tests reports."


def parse_reported_versions(text: str) -> ReportedVersions:
    """Read what a job told, a JSON object of names and versions; nothing of an empty text."""
    if not text.strip():
        return ReportedVersions()
    if len(text) > _LONGEST_TEXT:
        return ReportedVersions(problem=f"it has more than {_LONGEST_TEXT} characters")
    try:
        members = json.loads(text, object_pairs_hook=_Members)
    except (ValueError, RecursionError):
        return ReportedVersions(problem="it is not JSON")
    if not isinstance(members, _Members):
        return ReportedVersions(problem="it is no JSON object")
    if len(members) > MOST_PACKAGES:
        return ReportedVersions(problem=f"it has more than {MOST_PACKAGES} packages")
    parsed = [parse_package(name, version) for name, version in members]
    versions = collect_versions(package for package in parsed if package)
    return ReportedVersions(
        versions,
        ""
        if len(versions) == len(members)
        else f"{len(members) - len(versions)} of {len(members)} entries are no name of a package "
        "with a version, or name one twice",
    )


def parse_package(name: str, version: Any) -> tuple[NormalizedName, Version] | None:
    """Read a package's name and version in any of their forms; None where they are neither."""
    if not isinstance(version, str) or max(len(name), len(version)) > _LONGEST_PART:
        return None
    if not _NAME.fullmatch(name) or not version.isascii():
        return None
    parsed = parse_version(version)
    return None if parsed is None else (canonicalize_name(name), parsed)


def collect_versions(
    packages: Iterable[tuple[NormalizedName, Version]],
) -> dict[NormalizedName, Version]:
    """Collect versions by name; of several of one name the first counts."""
    versions: dict[NormalizedName, Version] = {}
    for name, version in packages:
        versions.setdefault(name, version)
    return dict(sorted(versions.items()))


class _Members(list[tuple[str, Any]]):
    """The members of a JSON object, one that stands there twice among them."""
