"""Asks the readers in order, and checks what they answer."""

from collections.abc import Callable, Sequence

from packaging.version import InvalidVersion, Version

from dist_actions.errors import BuildError, InputError, Location
from dist_actions.versions.literal import read_pep621, read_poetry
from dist_actions.versions.pattern import read_pattern
from dist_actions.versions.project_files import (
    PYPROJECT,
    DeclaredVersion,
    MatchFinder,
    ProjectFiles,
    ProjectVersion,
    VersionSource,
    normalised,
    project_name,
)
from dist_actions.versions.refusals import refuse_disagreement, refuse_missing, refuse_unreadable

#: In characters; it becomes part of tags and file names.
_LONGEST_VERSION = 100

#: Asks the build backend for name and version: project folder → (name, version).
MetadataReader = Callable[[ProjectFiles], tuple[str, str]]


def read_version(
    project: ProjectFiles,
    source: VersionSource,
    read_metadata: MetadataReader,
    find_matches: MatchFinder,
) -> ProjectVersion:
    """The version that the project declares.

    Args:
        project: The project.
        source: What the user says of where it stands.
        read_metadata: Asked late, because it runs the project's build backend.
        find_matches: Applies the patterns of the user and of the project.

    Raises:
        InputError: There is no version, two places disagree on it, it is derived from tags, it
            is not PEP 440, or its file is outside the repository.
    """
    declared = _read_declared(project, source, find_matches)
    if declared:
        return _checked(declared)
    from dist_actions.versions.tag_derived import find_deriver, refuse_derived  # noqa: PLC0415 - a literal needs none of it

    if deriver := find_deriver(project):
        raise refuse_derived(deriver)
    return _checked(_read_dynamic(project, read_metadata, find_matches))


def read_current_version(
    project: ProjectFiles,
    source: VersionSource,
    read_metadata: MetadataReader,
    find_matches: MatchFinder,
    require_history: Callable[[ProjectFiles], None],
) -> ProjectVersion:
    """The version that a build of this checkout would have now, be it declared or derived.

    It is for people to look at. A derived one must never become a tag.

    Args:
        project: The project.
        source: What the user says of where it stands.
        read_metadata: Asks the build backend.
        find_matches: Applies the patterns of the user and of the project.
        require_history: Called before a version is derived; raises where tags are missing.

    Raises:
        InputError: As `read_version`, except for versions that are derived from tags.
        BuildError: The backend could not derive it.
    """
    declared = _read_declared(project, source, find_matches)
    if declared:
        return _checked(declared)
    from dist_actions.versions.tag_derived import find_deriver  # noqa: PLC0415 - as above

    deriver = find_deriver(project)
    if deriver is None:
        return _checked(_read_dynamic(project, read_metadata, find_matches))
    require_history(project)
    name, version = read_metadata(project)
    derived = DeclaredVersion(name, version, "tags", deriver.location)
    return _checked(derived, derived_by=deriver.tool)


def require_releasable(found: ProjectVersion, *, allow_prerelease: bool, environment: str) -> None:
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


def _read_declared(
    project: ProjectFiles, source: VersionSource, find_matches: MatchFinder
) -> DeclaredVersion | None:
    """What the user names, else the literal in `pyproject.toml`; they must not disagree."""
    found: list[DeclaredVersion | None] = []
    if source.version:
        found.append(
            DeclaredVersion(project_name(project), source.version, "input", Location("version"))
        )
    if source.file:
        found.append(read_pattern(project, source.file, source.pattern, find_matches))
    found += [read_pep621(project), read_poetry(project)]
    declared = [one for one in found if one]
    _require_agreement(declared)
    return declared[0] if declared else None


def _read_dynamic(
    project: ProjectFiles, read_metadata: MetadataReader, find_matches: MatchFinder
) -> DeclaredVersion:
    """What the backend says, with the place in the files where it has that from."""
    from dist_actions.versions.build_tools.readers import has_costly_backend, read_static  # noqa: PLC0415 - as above

    files = [name for name in (PYPROJECT, "setup.py") if project.path(name)]
    if not files:
        raise refuse_missing(project)
    static = read_static(project, find_matches)
    if static and has_costly_backend(project):
        return static[0]
    try:
        name, version = read_metadata(project)
    except BuildError as error:
        _require_agreement(static)
        if not static:
            raise refuse_unreadable(project, files[0], error) from error
        return static[0]
    backend = DeclaredVersion(name, version, "backend", project.location(files[0]))
    same = (one for one in static if _agree(one, backend))
    place = next(same, backend)
    return DeclaredVersion(name, place.written, place.source, place.location)


def _require_agreement(declared: Sequence[DeclaredVersion]) -> None:
    for other in declared[1:]:
        if not _agree(declared[0], other):
            raise refuse_disagreement(declared[0], other)


def _agree(one: DeclaredVersion, other: DeclaredVersion) -> bool:
    return _parse(one) == _parse(other)


def _checked(declared: DeclaredVersion, derived_by: str = "") -> ProjectVersion:
    return ProjectVersion(
        normalised(declared.name),
        _parse(declared),
        declared.written,
        declared.source,
        declared.location,
        derived_by,
    )


def _parse(declared: DeclaredVersion) -> Version:
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
