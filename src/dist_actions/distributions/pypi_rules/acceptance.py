"""Refuse files that PyPI would refuse, before the first of them is sent; pure.

    require_accepted("PyPI", folder, distributions, new_project=False)

The archives were checked before, by `distributions.checks`.
"""

import tarfile
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from packaging.metadata import ExceptionGroup, Metadata, parse_email
from packaging.version import Version

from dist_actions.abbreviation import quote_answer
from dist_actions.distributions.files import Distribution
from dist_actions.distributions.pypi_rules.contents import Contents, find_content_problems
from dist_actions.distributions.pypi_rules.file_names import (
    find_name_problems,
    find_project_problems,
)
from dist_actions.distributions.pypi_rules.metadata_rules import find_metadata_problems
from dist_actions.distributions.pypi_rules.problems import Problem
from dist_actions.errors import BuildError
from dist_actions.versions.parsing import parse_version

#: Since this version of the metadata, License-File means what PyPI checks. What setuptools wrote
#: into earlier ones, uploaders do not send.
_WITH_LICENSE_FILES = Version("2.4")
#: Problems and remedies that a message names.
_NAMED_PROBLEMS, _NAMED_FIXES = 5, 3


def require_accepted(
    label: str, folder: Path, distributions: Sequence[Distribution], *, new_project: bool
) -> None:
    """Refuse files, all together, where PyPI would refuse one.

    Args:
        label: What the index is called in messages.
        distributions: Those of the folder that are to be uploaded.
        new_project: Whether their upload makes the project.

    Raises:
        BuildError: PyPI would refuse one or more.
    """
    names_by_problem: dict[Problem, list[str]] = {}
    for dist in distributions:
        for problem in find_problems(folder / dist.name, new_project=new_project):
            names_by_problem.setdefault(problem, []).append(dist.name)
    if names_by_problem:
        raise _refusal(label, names_by_problem)


def read_sent_metadata(content: bytes) -> Metadata:
    """Read METADATA or PKG-INFO as an uploader sends it.

    Raises:
        ExceptionGroup: It is not what the specification says.
    """
    raw, _ = parse_email(content)
    version = parse_version(raw.get("metadata_version", "0"))
    if version is not None and version < _WITH_LICENSE_FILES:  # else the next line complains
        raw.pop("license_files", None)
    return Metadata.from_raw(raw)


def find_problems(path: Path, *, new_project: bool) -> Iterable[Problem]:
    """Find what PyPI would refuse in one file.

    Args:
        path: A wheel or sdist that was checked.
        new_project: Whether its upload makes the project.
    """
    content, contents = _read_wheel(path) if path.name.endswith(".whl") else _read_sdist(path)
    try:
        metadata = read_sent_metadata(content)
    except ExceptionGroup as group:
        return [
            Problem(str(getattr(error, "field", "")), str(error), "correct the metadata")
            for error in group.exceptions
        ]
    return (
        *find_metadata_problems(metadata),
        *(find_project_problems(metadata.name) if new_project else ()),
        *find_name_problems(path.name, metadata.name, metadata.version),
        *find_content_problems(contents, metadata),
    )


def _read_wheel(path: Path) -> tuple[bytes, Contents]:
    """Read a wheel's METADATA, and what else the rules look at."""
    with zipfile.ZipFile(path) as archive:
        members = frozenset(name.rstrip("/") for name in archive.namelist())
        tops = {name.partition("/")[0] for name in members}
        info = next(top for top in tops if top.casefold().endswith(".dist-info"))
        entry_points = f"{info}/entry_points.txt"
        contents = Contents(
            path.name,
            info,
            members,
            archive.read(entry_points) if entry_points in members else None,
        )
        return archive.read(f"{info}/METADATA"), contents


def _read_sdist(path: Path) -> tuple[bytes, Contents]:
    """Read an sdist's PKG-INFO, and what else the rules look at."""
    members: set[str] = set()
    root, content = "", b""
    with tarfile.open(path, mode="r|gz") as archive:
        for member in archive:
            root = root or member.name.partition("/")[0]
            members.add(member.name)
            if member.name == f"{root}/PKG-INFO" and (file := archive.extractfile(member)):
                content = file.read()
    return content, Contents(path.name, root, members)


def _refusal(label: str, names_by_problem: Mapping[Problem, Sequence[str]]) -> BuildError:
    described = [
        f"{names[0]}{_more(len(names) - 1)}: {quote_answer(problem.text.rstrip('.'))}"
        for problem, names in names_by_problem.items()
    ]
    shown = "; ".join(described[:_NAMED_PROBLEMS])
    rest = len(described) - _NAMED_PROBLEMS
    fixes = dict.fromkeys(problem.fix for problem in names_by_problem)
    return BuildError(
        f"{label} would refuse {shown}{f'; and {rest} more' if rest > 0 else ''}.",
        why="PyPI has rules of its own for metadata, names and contents of a file; all files were "
        "checked before the first upload, so nothing was uploaded.",
        fix=f"{'; '.join(list(fixes)[:_NAMED_FIXES])}; then release a new version.",
        anchor="pypi-rules",
    )


def _more(count: int) -> str:
    return f" and {count} other {'file' if count == 1 else 'files'}" if count else ""
