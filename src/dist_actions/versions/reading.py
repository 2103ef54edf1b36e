"""Asks the readers in order, and checks what they answer."""

from collections.abc import Callable

from packaging.version import InvalidVersion, Version

from dist_actions.errors import InputError, Location
from dist_actions.versions.declared import (
    Declared,
    Project,
    VersionFound,
    VersionSource,
    normalised,
    project_name,
    read_pep621,
    read_poetry,
)
from dist_actions.versions.pattern import read_pattern
from dist_actions.versions.tag_derived import find_deriver, refuse_derived

#: In characters; it becomes part of tags and file names.
_LONGEST_VERSION = 100

#: Asks the build backend for name and version: project folder → (name, version).
MetadataReader = Callable[[Project], tuple[str, str]]


def read_version(
    project: Project, source: VersionSource, read_metadata: MetadataReader
) -> VersionFound:
    """The version that the project declares.

    Args:
        project: The project.
        source: What the user says of where it stands.
        read_metadata: Asked last, because it runs the project's build backend.

    Raises:
        InputError: There is no version, it is derived from tags, or it is not PEP 440.
    """
    if source.version:
        declared = Declared(project_name(project), source.version, "input", Location("version"))
    elif source.file:
        declared = read_pattern(project, source.file, source.pattern)
    else:
        declared = (
            read_pep621(project) or read_poetry(project) or _ask_backend(project, read_metadata)
        )
    return VersionFound(
        normalised(declared.name) if declared.name else normalised(""),
        _parse(declared),
        declared.written,
        declared.source,
        declared.location,
    )


def require_releasable(found: VersionFound, *, allow_prerelease: bool, environment: str) -> None:
    """Refuse a version that must not be tagged.

    Args:
        found: The version.
        allow_prerelease: Whether development and pre-releases may be tagged.
        environment: Name of the production environment where this is checked, else empty.

    Raises:
        InputError: The version is not in normal form, is local, or is a pre-release for
            production.
    """
    version = found.version
    if version.local:
        raise InputError(
            f"{found.location}: {version} is a local version.",
            why="indexes refuse versions with a + part, and GitHub cannot compare them.",
            fix=f"write {version.public}.",
            location=found.location,
            anchor="version",
        )
    if found.written != str(version):
        raise InputError(
            f"{found.location}: {found.written!r} is not the normal form of this version.",
            why=f"its files and its index page will say {version}, and tags must say the same.",
            fix=f"write {version}.",
            location=found.location,
            anchor="version",
        )
    if environment and version.is_prerelease and not allow_prerelease:
        raise InputError(
            f"{found.location}: {version} is a pre-release, and {environment} is production.",
            why="installers skip pre-releases, so users would not get it.",
            fix=f"raise it to {version.base_version}, or set allow-prerelease: true.",
            location=found.location,
            anchor="version",
        )


def _ask_backend(project: Project, read_metadata: MetadataReader) -> Declared:
    if deriver := find_deriver(project):
        raise refuse_derived(deriver)
    files = [name for name in ("pyproject.toml", "setup.py") if (project.folder / name).is_file()]
    if not files:
        raise InputError(
            f"There is no Python project in {project.package_path!r}: "
            "neither pyproject.toml nor setup.py.",
            why="the repository was not checked out, or the package is in another folder.",
            fix="add actions/checkout as the first step, or set package-path.",
            anchor="version",
        )
    name, version = read_metadata(project)
    return Declared(name, version, "backend", project.location(files[0]))


def _parse(declared: Declared) -> Version:
    try:
        if len(declared.written) > _LONGEST_VERSION:
            raise InvalidVersion(declared.written)
        return Version(declared.written)
    except InvalidVersion as error:
        raise InputError(
            f"{declared.location}: {declared.written[:_LONGEST_VERSION]!r} is not a version.",
            why="Python packages number their releases by PEP 440.",
            fix="write a version such as 1.4.0, 1.4.0rc1 or 1.4.0.dev1.",
            location=declared.location,
            anchor="version",
        ) from error
