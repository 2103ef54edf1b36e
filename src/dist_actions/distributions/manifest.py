"""`dist-manifest.json`: what one release consists of, and where its bytes come from; pure.

It is an asset of every GitHub release. Its own sha256 travels between jobs as an output, which no
other job can alter; so whatever stands in it can be relied on where that digest was compared.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import InvalidVersion, Version

from dist_actions.distributions.files import Distribution
from dist_actions.distributions.provenance import (
    CarriedFrom,
    FirstBuild,
    parse_carried_from,
    parse_first_build,
)
from dist_actions.errors import ReleaseError
from dist_actions.pipeline.tags import TagFormat

MANIFEST_NAME = "dist-manifest.json"
_FORMAT = 1


@dataclass(frozen=True)
class ManifestFile:
    """One distribution: its file name, size and sha256 in 64 hex digits."""

    name: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """A release of one project in one environment.

    Attributes:
        commit_sha: What the tag points to, peeled.
        tree_sha: Tree of that commit.
        tag_format: Template of the project's tags, with all their `suffixes`.
        environment: Name of the environment; `suffix` is that of its tags.
        production: Whether it is the last one, whose GitHub release is the latest.
        source_date_epoch: Time given to the build, seconds since the epoch.
        backend: What built it, `hatchling 1.27.0`, or the backend's import name alone.
        python: Version of the Python that built it.
        notes: The changelog's section for this version, Markdown; empty where there is none.
        package_path: The package's folder, if the repository holds several packages; else empty.
        leading: Whether the repository's latest release is one of this package.
        package_tree: Tree of the package's folder, if the repository holds several; else empty.
        carried_from: The release whose files these are; None where they were built for this one.
        built: The release that the files were built for; None in manifests of the first releases.
        reason: Why the files were carried or built, in words.
        normalised: Whether the files were repacked, so that equal trees give equal bytes.
    """

    project: NormalizedName
    version: Version
    tag: str
    tag_format: str
    suffixes: tuple[str, ...]
    commit_sha: str
    tree_sha: str
    environment: str
    github_environment: str
    suffix: str
    prerelease: bool
    production: bool
    source_date_epoch: int
    backend: str
    python: str
    files: tuple[ManifestFile, ...]
    notes: str = field(default="", repr=False)
    package_path: str = ""
    leading: bool = True
    package_tree: str = ""
    carried_from: CarriedFrom | None = None
    built: FirstBuild | None = None
    reason: str = ""
    normalised: bool = False

    @property
    def first_build(self) -> FirstBuild:
        """The release that the files were built for."""
        return self.built or FirstBuild(self.environment, self.tag, self.commit_sha)

    @property
    def tags(self) -> TagFormat:
        """The form of the project's tags."""
        return TagFormat(self.tag_format, self.project, self.suffixes)

    def to_json(self) -> str:
        """The manifest as text, the same for equal manifests."""
        return (
            json.dumps(
                {
                    "format": _FORMAT,
                    "name": self.project,
                    "version": str(self.version),
                    "tag": self.tag,
                    "tag-format": self.tag_format,
                    "suffixes": list(self.suffixes),
                    "commit": self.commit_sha,
                    "tree": self.tree_sha,
                    "environment": self.environment,
                    "github-environment": self.github_environment,
                    "suffix": self.suffix,
                    "prerelease": self.prerelease,
                    "production": self.production,
                    "source-date-epoch": self.source_date_epoch,
                    "backend": self.backend,
                    "python": self.python,
                    "notes": self.notes,
                    "package-path": self.package_path,
                    "leading": self.leading,
                    "package-tree": self.package_tree,
                    "carried-from": self.carried_from.to_json() if self.carried_from else None,
                    "built": self.built.to_json() if self.built else None,
                    "reason": self.reason,
                    "normalised": self.normalised,
                    "files": [
                        {"name": file.name, "size": file.size_bytes, "sha256": file.sha256}
                        for file in self.files
                    ],
                },
                indent=2,
                sort_keys=True,
            )
            + "\n"
        )

    @property
    def sha256(self) -> str:
        """Digest of `to_json()`, 64 hex digits."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()


def manifest_files(distributions: tuple[Distribution, ...]) -> tuple[ManifestFile, ...]:
    """The files of a manifest."""
    return tuple(ManifestFile(dist.name, dist.size_bytes, dist.sha256) for dist in distributions)


def parse_manifest(data: bytes, expected_sha256: str) -> Manifest:
    """Read a manifest that another job wrote.

    Args:
        data: The file.
        expected_sha256: The digest that the building job gave as its output.

    Raises:
        ReleaseError: The digest differs, or it is no manifest.
    """
    actual = hashlib.sha256(data).hexdigest()
    if actual != expected_sha256.lower():
        raise ReleaseError(
            f"{MANIFEST_NAME} has the sha256 {actual}, not {expected_sha256}.",
            why="the artifact is not the one that the build job of this run made.",
            fix="run all jobs of the workflow again.",
            anchor="manifest",
        )
    try:
        return _from_json(json.loads(data))
    except (ValueError, KeyError, TypeError, RecursionError, InvalidVersion) as error:
        raise ReleaseError(
            f"{MANIFEST_NAME} cannot be read: {error}.",
            why="it was written by another version of dist-actions.",
            fix="use the same version of eigenoid/dist-actions in all jobs of the workflow.",
            anchor="manifest",
        ) from error


def require_same_files(manifest: Manifest, distributions: tuple[Distribution, ...]) -> None:
    """Refuse a folder that is not exactly what the manifest lists.

    Raises:
        ReleaseError: A file is missing, added or altered.
    """
    listed = {file.name: file.sha256 for file in manifest.files}
    present = {dist.name: dist.sha256 for dist in distributions}
    if listed == present:
        return
    wrong = sorted(
        name for name in listed.keys() | present.keys() if listed.get(name) != present.get(name)
    )
    raise ReleaseError(
        f"The distributions differ from {MANIFEST_NAME}: {', '.join(wrong)}.",
        why="a file was added, removed or altered after the build.",
        fix="run all jobs of the workflow again, and publish the build job's artifact unchanged.",
        anchor="manifest",
    )


def _from_json(data: Mapping[str, Any]) -> Manifest:
    if data["format"] != _FORMAT:
        raise ValueError(f"its format is {data['format']!r}")
    return Manifest(
        project=canonicalize_name(str(data["name"])),
        version=Version(data["version"]),
        tag=str(data["tag"]),
        tag_format=str(data["tag-format"]),
        suffixes=tuple(str(suffix) for suffix in data["suffixes"]),
        commit_sha=str(data["commit"]),
        tree_sha=str(data["tree"]),
        environment=str(data["environment"]),
        github_environment=str(data["github-environment"]),
        suffix=str(data["suffix"]),
        prerelease=data["prerelease"] is True,
        production=data["production"] is True,
        source_date_epoch=int(data["source-date-epoch"]),
        backend=str(data["backend"]),
        python=str(data["python"]),
        notes=str(data["notes"]),
        # Manifests of the first releases say neither: their repositories held one package.
        package_path=str(data.get("package-path", "")),
        leading=data.get("leading", True) is True,
        package_tree=str(data.get("package-tree", "")),
        carried_from=parse_carried_from(data.get("carried-from")),
        built=parse_first_build(data.get("built")),
        reason=str(data.get("reason", "")),
        normalised=data.get("normalised", False) is True,
        files=tuple(
            ManifestFile(str(file["name"]), int(file["size"]), str(file["sha256"]))
            for file in data["files"]
        ),
    )
