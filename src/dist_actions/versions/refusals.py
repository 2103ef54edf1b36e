"""Why no version is answered, and how to name one."""

from dist_actions.errors import DistActionsError, InputError
from dist_actions.versions.project_files import PYPROJECT, DeclaredVersion, ProjectFiles


def refuse_missing(project: ProjectFiles) -> InputError:
    """There is nothing to read a version from."""
    return InputError(
        f"There is no Python project in {project.package_path!r}: "
        "neither pyproject.toml nor setup.py.",
        why="the repository was not checked out, or the package is in another folder.",
        fix="add actions/checkout as the first step, or set package-path.",
        anchor="version",
    )


def refuse_unreadable(project: ProjectFiles, file: str, failure: DistActionsError) -> InputError:
    """Nothing that was tried answered.

    Args:
        project: The project.
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


def refuse_disagreement(one: DeclaredVersion, other: DeclaredVersion) -> InputError:
    """Two places say different versions."""
    return InputError(
        f"Two places disagree on the version: {_shown(one)}, and {_shown(other)}.",
        why="one of them was not raised, and nobody can tell which.",
        fix="write the same version in both, or better in one place only.",
        location=other.location if one.source == "input" else one.location,
        anchor="version-disagreement",
    )


def _shown(declared: DeclaredVersion) -> str:
    place = "the input version" if declared.source == "input" else str(declared.location)
    return f"{place} says {declared.written!r}"
