"""Ask the readers of versions in order, and check what they answer."""

from collections.abc import Callable, Sequence

from packaging.version import InvalidVersion, Version

from dist_actions.errors import BuildError, DistActionsError, InputError, Location
from dist_actions.toml import line_of_key, table_at
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
from dist_actions.versions.setuptools.configuration import builds_another_version

#: In characters; it becomes part of tags and file names.
_LONGEST_VERSION = 100

#: Asks the build backend for name and version: project → (name, version).
MetadataReader = Callable[[ProjectFiles], tuple[str, str]]


def read_version(
    project: ProjectFiles,
    source: VersionSource,
    read_metadata: MetadataReader,
    find_matches: MatchFinder,
) -> ProjectVersion:
    """Read the version that the project declares.

    Args:
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
    """Read the version that a build of this checkout would have now, declared or derived.

    It is for people to look at. A derived one must never become a tag.

    Args:
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


def require_releasable(
    declared: ProjectVersion, *, allow_prerelease: bool, environment: str
) -> None:
    """Refuse a version that must not be tagged.

    Args:
        allow_prerelease: Whether development and pre-releases may be tagged.
        environment: Name of the production environment where this is checked, else empty.

    Raises:
        InputError: The version is not in normal form, is local, or is a pre-release for
            production.
    """
    version, location = declared.version, declared.location
    if version.local:
        raise InputError(
            f"{location}: {version} is a local version.",
            why="indexes refuse versions with a + part, and GitHub cannot compare them.",
            fix=f"write {version.public}.",
            location=location,
            anchor="version",
        )
    if declared.text != str(version):
        raise InputError(
            f"{location}: {declared.text!r} is not the normal form of this version.",
            why=f"its files and its index page will say {version}, and tags must say the same.",
            fix=f"write {version}.",
            location=location,
            anchor="version",
        )
    if environment and version.is_prerelease and not allow_prerelease:
        raise InputError(
            f"{location}: {version} is a pre-release, and {environment} is production.",
            why="installers skip pre-releases, so users would not get it.",
            fix=f"raise it to {version.base_version}, or set allow-prerelease: true.",
            location=location,
            anchor="version",
        )


def _read_declared(
    project: ProjectFiles, source: VersionSource, find_matches: MatchFinder
) -> DeclaredVersion | None:
    """Read what the user names, else the literal in `pyproject.toml`; they must not disagree."""
    versions: list[DeclaredVersion | None] = []
    if source.version:
        location = Location("version")
        versions.append(DeclaredVersion(project_name(project), source.version, "input", location))
    if source.file:
        versions.append(read_pattern(project, source.file, source.pattern, find_matches))
    versions += [_read_pep621(project), _read_poetry(project)]
    declared = [version for version in versions if version]
    _require_agreement(declared)
    return declared[0] if declared else None


def _read_pep621(project: ProjectFiles) -> DeclaredVersion | None:
    """Read `[project] version`; None where it is absent, dynamic, or setuptools would add to it.

    Spec: https://packaging.python.org/en/latest/specifications/pyproject-toml/
    """
    declared = _read_table(project, "project", "project")
    return None if declared and builds_another_version(project) else declared


def _read_poetry(project: ProjectFiles) -> DeclaredVersion | None:
    """Read `[tool.poetry] version`; None where it is absent, or poetry does not build from it.

    poetry-dynamic-versioning replaces it: it is a placeholder then. A table that was left behind
    by a change to another build backend says nothing.

    Spec: https://python-poetry.org/docs/pyproject/#version
    """
    pyproject = project.pyproject()
    if table_at(pyproject, "tool", "poetry-dynamic-versioning").get("enable", False):
        return None
    backend = table_at(pyproject, "build-system").get("build-backend", "poetry")
    return _read_table(project, "tool.poetry", "poetry") if "poetry" in str(backend) else None


def _read_table(project: ProjectFiles, table: str, source: str) -> DeclaredVersion | None:
    text = table_at(project.pyproject(), *table.split(".")).get("version")
    if not isinstance(text, str):
        return None
    line = line_of_key(project.text(PYPROJECT) or "", table, "version")
    return DeclaredVersion(project_name(project), text, source, project.location(PYPROJECT, line))


def _read_dynamic(
    project: ProjectFiles, read_metadata: MetadataReader, find_matches: MatchFinder
) -> DeclaredVersion:
    """Ask the backend, and find the place in the files where it has the version from."""
    from dist_actions.versions.build_tools.readers import has_costly_backend, read_static  # noqa: PLC0415 - as above

    files = [name for name in (PYPROJECT, "setup.py") if project.path(name)]
    if not files:
        raise _refuse_missing(project)
    static = read_static(project, find_matches)
    if static and has_costly_backend(project):
        return static[0]
    try:
        name, version = read_metadata(project)
    except BuildError as error:
        _require_agreement(static)
        if not static:
            raise _refuse_unreadable(project, files[0], error) from error
        return static[0]
    backend = DeclaredVersion(name, version, "backend", project.location(files[0]))
    same = (declared for declared in static if _parse(declared) == _parse(backend))
    place = next(same, backend)
    return DeclaredVersion(name, place.text, place.source, place.location)


def _require_agreement(declared: Sequence[DeclaredVersion]) -> None:
    for second in declared[1:]:
        if _parse(declared[0]) != _parse(second):
            raise _refuse_disagreement(declared[0], second)


def _checked(declared: DeclaredVersion, derived_by: str = "") -> ProjectVersion:
    return ProjectVersion(
        normalised(declared.name),
        _parse(declared),
        declared.text,
        declared.source,
        declared.location,
        derived_by,
    )


def _parse(declared: DeclaredVersion) -> Version:
    try:
        if len(declared.text) > _LONGEST_VERSION:
            raise InvalidVersion(declared.text)
        return Version(declared.text)
    except InvalidVersion as error:
        raise InputError(
            f"{declared.location}: {declared.text[:_LONGEST_VERSION]!r} is not a version.",
            why="Python packages number their releases by PEP 440.",
            fix="write a version such as 1.4.0, 1.4.0rc1 or 1.4.0.dev1.",
            location=declared.location,
            anchor="version",
        ) from error


def _refuse_missing(project: ProjectFiles) -> InputError:
    return InputError(
        f"There is no Python project in {project.package_path!r}: "
        "neither pyproject.toml nor setup.py.",
        why="the repository was not checked out, or the package is in another folder.",
        fix="add actions/checkout as the first step, or set package-path.",
        anchor="version",
    )


def _refuse_unreadable(project: ProjectFiles, file: str, failure: DistActionsError) -> InputError:
    """Explain that nothing that was tried answered.

    Args:
        file: What the project was recognised by.
        failure: Why the build backend did not answer.
    """
    location = project.location(file)
    reason = failure.what.rstrip(".")
    return InputError(
        f"No version can be read from {location}. Tried: a literal in {PYPROJECT} (none); a tool "
        "that derives it from tags (none); the files that the build backend reads (no constant "
        f"there); the backend itself ({reason}).",
        why="only running the project's own build would tell the version, and that failed.",
        fix="name it: give version-file (such as src/package/__init__.py), and version-pattern if "
        'it is not written as __version__ = "1.4.0"; or write it in pyproject.toml.',
        location=location,
        anchor="version-not-found",
    )


def _refuse_disagreement(first: DeclaredVersion, second: DeclaredVersion) -> InputError:
    places = [
        "the input version" if declared.source == "input" else str(declared.location)
        for declared in (first, second)
    ]
    return InputError(
        f"Two places disagree on the version: {places[0]} says {first.text!r}, and "
        f"{places[1]} says {second.text!r}.",
        why="one of them was not raised, and nobody can tell which.",
        fix="write the same version in both, or better in one place only.",
        location=second.location if first.source == "input" else first.location,
        anchor="version-disagreement",
    )
