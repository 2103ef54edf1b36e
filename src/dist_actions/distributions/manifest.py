"""`dist-manifest.json`: what one release consists of, and where its bytes come from; pure.

It is an asset of every GitHub release. Its own sha256 travels between jobs as an output, so the
files are those of the building job. That job runs the project's code, though: what stands in a
manifest is its word, until `release_plan/agreement.py` has held it against the run.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin

from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from dist_actions.distributions.files import Distribution
from dist_actions.errors import ReleaseError
from dist_actions.pipeline.tags import TagFormat

MANIFEST_NAME = "dist-manifest.json"
#: One that is longer is none of ours.
LONGEST_MANIFEST_BYTES = 4 * 1024 * 1024
_FORMAT = 1
_Record = TypeVar("_Record")
#: Keys that are not the field's name with hyphens, as `source-date-epoch` is.
_KEYS = {
    "project": "name",
    "commit_sha": "commit",
    "tree_sha": "tree",
    "built_for": "built",
    "size_bytes": "size",
}
#: Anything but `true` is false, so that a flag is never set by a text such as "false".
_READERS: Mapping[Any, Callable[[Any], object]] = {
    str: str,
    int: int,
    bool: lambda value: value is True,
    Version: Version,
    NormalizedName: lambda value: canonicalize_name(str(value)),
}


@dataclass(frozen=True)
class ManifestFile:
    """One distribution: its file name, size and sha256 in 64 hex digits."""

    name: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True)
class CarriedFrom:
    """The release of an earlier environment whose files were taken over unchanged.

    `commit_sha` is what its tag pointed to, peeled, and `manifest_sha256` digests its manifest.
    """

    environment: str
    tag: str
    commit_sha: str
    tree_sha: str
    manifest_sha256: str


@dataclass(frozen=True)
class FirstBuild:
    """The release that the bytes were built for; all later ones carry them."""

    environment: str
    tag: str
    commit_sha: str


@dataclass(frozen=True)
class Manifest:
    """A release of one project in one environment.

    Attributes:
        project: Name of the project.
        version: Its version.
        tag: The release's tag.
        tag_format: Template of the project's tags, with all their `suffixes`.
        suffixes: Every suffix that a tag can have.
        commit_sha: What the tag points to, peeled.
        tree_sha: Tree of that commit.
        environment: Name of the environment.
        github_environment: Name of the GitHub Environment that holds its settings.
        suffix: What the environment's tags end with.
        prerelease: Whether the GitHub release is a pre-release.
        production: Whether the environment is the last one, whose GitHub release is the latest.
        source_date_epoch: Time given to the build, seconds since the epoch.
        backend: What built it, `hatchling 1.27.0`, or the backend's import name alone.
        python: Version of the Python that built it, or took together what several jobs built.
        files: The distributions.
        notes: The changelog's section for this version, Markdown; empty where there is none.
        package_path: The package's folder, if the repository holds several packages; else empty.
        leading: Whether the repository's latest release is one of this package.
        package_tree: Tree of the package's folder, if the repository holds several; else empty.
        carried_from: The release whose files these are; None where they were built for this one.
        built_for: The release that the files were built for; None in the earliest manifests.
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
    notes: str = field(repr=False)
    # Manifests of earlier versions hold none of the following.
    package_path: str = ""
    leading: bool = True
    package_tree: str = ""
    carried_from: CarriedFrom | None = None
    built_for: FirstBuild | None = None
    reason: str = ""
    normalised: bool = False

    @property
    def first_build(self) -> FirstBuild:
        """Name the release that the files were built for."""
        return self.built_for or FirstBuild(self.environment, self.tag, self.commit_sha)

    @property
    def tags(self) -> TagFormat:
        """Return the form of the project's tags."""
        return TagFormat(self.tag_format, self.project, self.suffixes)

    @property
    def digests(self) -> dict[str, str]:
        """Return the sha256 of each file by its name."""
        return {file.name: file.sha256 for file in self.files}

    def to_json(self) -> str:
        """Write the manifest as text, the same for equal manifests."""
        content = {"format": _FORMAT, **_to_json_value(self)}
        return json.dumps(content, indent=2, sort_keys=True) + "\n"

    @property
    def sha256(self) -> str:
        """Compute the digest of `to_json()`, 64 hex digits."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()


def manifest_files(distributions: tuple[Distribution, ...]) -> tuple[ManifestFile, ...]:
    """List distributions as a manifest does."""
    return tuple(ManifestFile(dist.name, dist.size_bytes, dist.sha256) for dist in distributions)


def require_manifest_length(size_bytes: int, where: str) -> None:
    """Refuse what is too long for a manifest of ours, before it is read.

    Args:
        size_bytes: Its length.
        where: Which one it is, for the message.

    Raises:
        ReleaseError: It is.
    """
    if size_bytes > LONGEST_MANIFEST_BYTES:
        raise ReleaseError(
            f"{where} has {size_bytes} bytes.",
            why=f"no manifest of dist-actions has more than {LONGEST_MANIFEST_BYTES}.",
            fix="if this workflow made it, shorten the changelog's section, and run all jobs "
            "again; else find out who did, and raise the version.",
            anchor="manifest",
        )


def parse_manifest(data: bytes, expected_sha256: str) -> Manifest:
    """Read a manifest that another job wrote.

    Args:
        expected_sha256: The digest that the building job gave as its output.

    Raises:
        ReleaseError: The digest differs, or the data is no manifest.
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
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise ReleaseError(
            f"{MANIFEST_NAME} cannot be read: {error}.",
            why="it was written by another version of dist-actions.",
            fix="use the same version of eigenoid/dist-actions in all jobs of the workflow.",
            anchor="manifest",
        ) from error


def require_canonical(manifest: Manifest, data: bytes) -> None:
    """Refuse bytes that hold anything else than the manifest that was read from them.

    Raises:
        ReleaseError: A key is unknown or stands there twice, or a value is written otherwise.
    """
    if manifest.to_json().encode() != data:
        raise ReleaseError(
            f"{MANIFEST_NAME} is not written as dist-actions writes it.",
            why="the build or another tool changed it, or it is of another version of "
            "dist-actions; others could read something else in it.",
            fix="use the same version of eigenoid/dist-actions in all jobs of the workflow, and "
            "change nothing in the artifact.",
            anchor="manifest",
        )


def require_same_files(manifest: Manifest, distributions: tuple[Distribution, ...]) -> None:
    """Refuse a folder that is not exactly what the manifest lists.

    Raises:
        ReleaseError: A file is missing, added or altered.
    """
    expected = manifest.digests
    present = {dist.name: dist.sha256 for dist in distributions}
    if expected == present:
        return
    wrong = sorted(
        name for name in expected.keys() | present.keys() if expected.get(name) != present.get(name)
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
    return _read_record(Manifest, data)


def _to_json_value(value: Any) -> Any:
    """Turn a dataclass into values that `json.dumps` accepts."""
    if is_dataclass(value):
        return {_key(field): _to_json_value(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [_to_json_value(element) for element in value]
    return str(value) if isinstance(value, Version) else value


def _read_record(kind: type[_Record], data: Mapping[str, Any]) -> _Record:
    """Make a dataclass of a parsed JSON object; absent keys take their field's default.

    Raises:
        KeyError: A key is missing whose field has no default.
        TypeError: The data is no object, or a value is of another type.
        ValueError: A value cannot be read.
    """
    values = {}
    for attribute in fields(kind):  # type: ignore[arg-type]
        if attribute.default is MISSING or _key(attribute) in data:
            values[attribute.name] = _read(attribute.type, data[_key(attribute)])
    return kind(**values)


def _key(field: Field[Any]) -> str:
    return _KEYS.get(field.name, field.name.replace("_", "-"))


def _read(kind: Any, value: Any) -> Any:
    if get_origin(kind) is tuple:
        return tuple(_read(get_args(kind)[0], element) for element in value)
    if get_origin(kind) is UnionType:
        return None if value is None else _read(get_args(kind)[0], value)
    if isinstance(kind, type) and is_dataclass(kind):
        return _read_record(kind, value)
    return _READERS[kind](value)
