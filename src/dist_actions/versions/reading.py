"""Read the version that a project's files say, running nothing of them, and check it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from packaging.version import Version

from dist_actions.errors import InputError, Location
from dist_actions.toml import line_of_key, refuse_byte_order_mark, table_at
from dist_actions.versions.parsing import parse_version
from dist_actions.versions.pattern import read_pattern
from dist_actions.versions.project_files import (
    PYPROJECT,
    DeclaredVersion,
    MatchFinder,
    ProjectFiles,
    ProjectVersion,
    VersionSource,
    describes_package,
    has_own_backend,
    normalised,
    project_name,
)
from dist_actions.versions.setuptools.configuration import SETUP_PY, find_addition

if TYPE_CHECKING:
    from dist_actions.versions.build_tools.readers import StaticReading

#: In characters; it becomes part of tags and file names.
_LONGEST_VERSION = 100
#: What helps whose version only a build tells: a job that holds no secret may run the build.
_FROM_A_JOB = (
    "give the input version from a job of its own without secrets, as the starter "
    "examples/computed-version does"
)


def read_version(
    project: ProjectFiles, source: VersionSource, find_matches: MatchFinder
) -> ProjectVersion:
    """Read the version that the user names, or that the project's files say; nothing of them runs.

    Args:
        find_matches: Applies the patterns of the user and of the project.

    Raises:
        InputError: There is no version, two places disagree on it, only a build would tell it, it
            is derived from tags, it is not PEP 440, or its file is outside the repository.
    """
    declared = read_declared(project, source, find_matches)
    if declared:
        return checked(declared)
    # A literal needs none of these.
    from dist_actions.versions.build_tools.readers import read_static  # noqa: PLC0415
    from dist_actions.versions.tag_derived import find_deriver, refuse_derived  # noqa: PLC0415

    if deriver := find_deriver(project):
        raise refuse_derived(deriver)
    file = require_project(project)
    _require_stated(project)
    reading = read_static(project, find_matches)
    require_agreement(reading.declared, f"name one of them by version-file, or {_FROM_A_JOB}")
    if reading.computed or not reading.declared:
        raise _refuse_unreadable(project, file, reading)
    return checked(reading.declared[0])


def find_version(
    project: ProjectFiles, source: VersionSource, find_matches: MatchFinder
) -> ProjectVersion | None:
    """Read the version as `read_version` does; None where only a build can tell it for certain.

    A backend in the project's own tree could always build another version than its files say.

    Raises:
        InputError: There is no project, what the user names or what `pyproject.toml` says is
            unusable, or a file is outside the repository.
    """
    declared = read_declared(project, source, find_matches)
    if declared:
        return checked(declared)
    from dist_actions.versions.build_tools.readers import read_static  # noqa: PLC0415 - as above

    require_project(project)
    reading = read_static(project, find_matches)
    versions = {parse(declared) for declared in reading.declared}
    if reading.computed or len(versions) != 1 or has_own_backend(project):
        return None
    return checked(reading.declared[0])


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


def read_declared(
    project: ProjectFiles, source: VersionSource, find_matches: MatchFinder
) -> DeclaredVersion | None:
    """Read what the user names, else the literal in `pyproject.toml`; None where neither is there.

    Raises:
        InputError: They disagree, or one of them cannot be read.
    """
    versions: list[DeclaredVersion | None] = []
    if source.version:
        location = Location("version")
        versions.append(DeclaredVersion(project_name(project), source.version, "input", location))
    if source.file:
        versions.append(read_pattern(project, source.file, source.pattern, find_matches))
    versions += [_read_pep621(project), _read_poetry(project)]
    declared = [version for version in versions if version]
    require_agreement(declared, "write it in one place only")
    if not declared:
        return None
    return declared[0] if declared[0].name else replace(declared[0], name=_name_of(project))


def _name_of(project: ProjectFiles) -> str:
    from dist_actions.versions.setuptools.setup_py import find_name  # noqa: PLC0415 - most have it in pyproject.toml

    return find_name(project)


def _read_pep621(project: ProjectFiles) -> DeclaredVersion | None:
    """Read `[project] version`; None where it is absent, dynamic, or setuptools would add to it.

    Spec: https://packaging.python.org/en/latest/specifications/pyproject-toml/
    """
    declared = _read_table(project, "project", "project")
    return None if declared and find_addition(project) else declared


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
    if text is None:
        return None
    line = line_of_key(project.text(PYPROJECT) or "", table, "version")
    if not isinstance(text, str):
        raise InputError(
            f"{project.location(PYPROJECT, line)}: version is {str(text)[:_LONGEST_VERSION]}, "
            "which is no text.",
            why="a version is a string in quotes, and no build tool takes anything else.",
            fix='write it in quotes, such as version = "1.4.0".',
            location=project.location(PYPROJECT, line),
            anchor="version",
        )
    return DeclaredVersion(project_name(project), text, source, project.location(PYPROJECT, line))


def require_agreement(declared: Sequence[DeclaredVersion], otherwise: str) -> None:
    """Refuse places that say different versions.

    Args:
        otherwise: What to do where they cannot say the same.
    """
    for second in declared[1:]:
        if parse(declared[0]) != parse(second):
            raise _refuse_disagreement(declared[0], second, otherwise)


def require_project(project: ProjectFiles) -> str:
    """Return the file by which the project is known.

    Raises:
        InputError: There is none, or it is about other things than a package.
    """
    file = next((name for name in (PYPROJECT, SETUP_PY) if project.path(name)), "")
    if not file:
        raise _refuse_missing(project)
    if not describes_package(project):
        raise _refuse_without_package(project)
    return file


def checked(declared: DeclaredVersion, derived_by: str = "") -> ProjectVersion:
    """Parse the version, and normalise the name.

    Args:
        derived_by: The tool that derived it from tags, if one did.

    Raises:
        InputError: It is not PEP 440, or very long.
    """
    return ProjectVersion(
        normalised(declared.name),
        parse(declared),
        declared.text,
        declared.source,
        declared.location,
        derived_by,
    )


def parse(declared: DeclaredVersion) -> Version:
    """Parse a version as it stands in its place.

    Raises:
        InputError: It is not PEP 440, or very long.
    """
    refuse_byte_order_mark(
        declared.text, declared.location, "a build takes it for the beginning of the version."
    )
    version = parse_version(declared.text)
    if version is None or len(declared.text) > _LONGEST_VERSION:
        raise InputError(
            f"{declared.location}: {declared.text[:_LONGEST_VERSION]!r} is not a version.",
            why="Python packages number their releases by PEP 440.",
            fix="write a version such as 1.4.0, 1.4.0rc1 or 1.4.0.dev1.",
            location=declared.location,
            anchor="version",
        )
    return version


def _refuse_missing(project: ProjectFiles) -> InputError:
    return InputError(
        f"There is no Python project in {project.package_path!r}: "
        "neither pyproject.toml nor setup.py.",
        why="the repository was not checked out, or the package is in another folder.",
        fix="name the folder of the package (in a workflow by the input package-path, after "
        "actions/checkout).",
        anchor="version",
    )


def _refuse_without_package(project: ProjectFiles) -> InputError:
    is_workspace = bool(table_at(project.pyproject(), "tool", "uv", "workspace"))
    return InputError(
        f"{project.location(PYPROJECT)} describes no package.",
        why="it is the root of a uv workspace, whose packages are in folders below."
        if is_workspace
        else "it has neither a table [project] nor what an older build tool would read, so a build "
        "would have the version 0.0.0.",
        fix="set package-path to the package's folder, list the packages of a repository in "
        "[packages] of the settings, or name the file that holds the version by version-file.",
        location=project.location(PYPROJECT),
        anchor="version-not-found",
    )


def _require_stated(project: ProjectFiles) -> None:
    """Refuse a `[project]` that says neither its version nor that something else tells it.

    Raises:
        InputError: No build tool takes it, whatever its other files hold.
    """
    table = project.pyproject().get("project")
    if isinstance(table, dict) and "version" not in {*table, *(table.get("dynamic") or ())}:
        raise InputError(
            f"{project.location(PYPROJECT)} states no version.",
            why='[project] holds neither `version` nor `dynamic = ["version"]`, so no build tool '
            "takes it.",
            fix='write the version there, such as version = "1.4.0"; or list it in `dynamic`, and '
            "tell the build tool where it stands.",
            location=project.location(PYPROJECT),
            anchor="version-not-found",
        )


def _refuse_unreadable(project: ProjectFiles, file: str, reading: "StaticReading") -> InputError:
    """List what was tried, and say how a version gets here that no file says.

    Args:
        file: What the project is known by.
    """
    addition = find_addition(project)
    places = [f"{place.location} ({place.how})" for place in reading.computed]
    places += [f"{place.location} ({place.text!r}, not for certain)" for place in reading.declared]
    location = reading.computed[0].location if reading.computed else project.location(file)
    literal = (
        f"write the whole version in {PYPROJECT}, without the addition in {addition}"
        if addition
        else f"write it as a literal in {PYPROJECT}, or in a file that version-file (and "
        "version-pattern, if it is not __version__) names"
    )
    return InputError(
        f"No version can be read from {project.location(file)} without running its code. Tried: "
        f"a literal in {PYPROJECT} (none); a tool that derives it from tags (none); what its "
        f"build tool reads: {', '.join(places) or 'no place with a constant'}.",
        why="a build would tell it, but a job that holds keys, or that decides where a release "
        "goes, runs no code of the project.",
        fix=f"{literal}; or {_FROM_A_JOB}.",
        location=location,
        anchor="version-not-found",
    )


def _refuse_disagreement(
    first: DeclaredVersion, second: DeclaredVersion, otherwise: str
) -> InputError:
    places = [
        "the input version" if declared.source == "input" else str(declared.location)
        for declared in (first, second)
    ]
    return InputError(
        f"Two places disagree on the version: {places[0]} says {first.text!r}, and "
        f"{places[1]} says {second.text!r}.",
        why="one of them was not raised, and nobody can tell which.",
        fix=f"write the same version in both, or {otherwise}.",
        location=second.location if first.source == "input" else first.location,
        anchor="version-disagreement",
    )
