"""Read the version that a build of a checkout would have.

The project's build backend may be asked for it, so this is for jobs without credentials, and for
people at their own machine. What decides a tag, or where a release goes, reads files alone.
"""

from collections.abc import Callable

from dist_actions.errors import BuildError, DistActionsError, InputError
from dist_actions.versions.build_tools.readers import has_costly_backend, read_static
from dist_actions.versions.project_files import (
    PYPROJECT,
    DeclaredVersion,
    MatchFinder,
    ProjectFiles,
    ProjectVersion,
    VersionSource,
)
from dist_actions.versions.reading import (
    checked,
    parse,
    read_declared,
    require_agreement,
    require_project,
)
from dist_actions.versions.tag_derived import find_deriver, refuse_derived

#: What build tools write where no version is stated.
_UNSET = "0.0.0"
#: Asks the build backend for name and version: project → (name, version).
MetadataReader = Callable[[ProjectFiles], tuple[str, str]]


def read_built_version(
    project: ProjectFiles,
    source: VersionSource,
    read_metadata: MetadataReader,
    find_matches: MatchFinder,
) -> ProjectVersion:
    """Read the version that the project declares, or that its build backend works out.

    Args:
        read_metadata: Asked late, because it runs the project's build backend.
        find_matches: Applies the patterns of the user and of the project.

    Raises:
        InputError: There is no version, two places disagree on it, it is derived from tags, it
            is not PEP 440, or its file is outside the repository.
    """
    declared = read_declared(project, source, find_matches)
    if declared:
        return checked(declared)
    if deriver := find_deriver(project):
        raise refuse_derived(deriver)
    return checked(_read_dynamic(project, read_metadata, find_matches))


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
        InputError: As `read_built_version`, except for versions that are derived from tags.
        BuildError: The backend could not derive it.
    """
    declared = read_declared(project, source, find_matches)
    if declared:
        return checked(declared)
    deriver = find_deriver(project)
    if deriver is None:
        return checked(_read_dynamic(project, read_metadata, find_matches))
    require_history(project)
    name, version = read_metadata(project)
    derived = DeclaredVersion(name, version, "tags", deriver.location)
    return checked(derived, derived_by=deriver.tool)


def _read_dynamic(
    project: ProjectFiles, read_metadata: MetadataReader, find_matches: MatchFinder
) -> DeclaredVersion:
    """Ask the backend, and find the place in the files where it has the version from."""
    file = require_project(project)
    static = read_static(project, find_matches).declared
    if static and has_costly_backend(project):
        return static[0]
    try:
        name, version = read_metadata(project)
    except BuildError as error:
        require_agreement(static, "name one of them by version-file")
        if not static:
            raise _refuse_unreadable(project, file, error) from error
        return static[0]
    backend = DeclaredVersion(name, version, "backend", project.location(file))
    if version == _UNSET and not static:
        raise _refuse_unset(project, file)
    same = (declared for declared in static if parse(declared) == parse(backend))
    place = next(same, backend)
    return DeclaredVersion(name, place.text, place.source, place.location)


def _refuse_unset(project: ProjectFiles, file: str) -> InputError:
    return InputError(
        f"A build of {project.location(file)} has the version {_UNSET}.",
        why="that is what build tools write where the project states no version.",
        fix=f"write the version in {file}, or name the file that holds it by version-file.",
        location=project.location(file),
        anchor="version-not-found",
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
