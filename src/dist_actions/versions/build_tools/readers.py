"""The readers of what build tools would read, without running any project code."""

from collections.abc import Iterator
from contextlib import suppress
from functools import partial

from dist_actions.versions.build_tools.cargo import read_maturin, uses_maturin
from dist_actions.versions.build_tools.hatch import read_hatch
from dist_actions.versions.build_tools.meson import read_meson, uses_meson
from dist_actions.versions.build_tools.module_constants import read_flit, read_pdm
from dist_actions.versions.build_tools.scikit_build import read_scikit_build
from dist_actions.versions.project_files import DeclaredVersion, MatchFinder, ProjectFiles, Reader
from dist_actions.versions.setuptools.configuration import read_setuptools
from dist_actions.versions.setuptools.setup_py import read_setup_py


def readers(find_matches: MatchFinder) -> tuple[Reader, ...]:
    """All readers of files, the surest first."""
    return (
        read_maturin,
        read_meson,
        partial(read_scikit_build, find_matches=find_matches),
        partial(read_hatch, find_matches=find_matches),
        read_flit,
        read_pdm,
        read_setuptools,
        read_setup_py,
    )


def read_static(project: ProjectFiles, find_matches: MatchFinder) -> list[DeclaredVersion]:
    """Everything that the project's files say of its version.

    Raises:
        InputError: A file that should hold it is outside the repository, or cannot be read.
    """
    return list(_answers(project, find_matches))


def has_costly_backend(project: ProjectFiles) -> bool:
    """Whether the backend would compile, or fetch what the project depends on, to tell it."""
    return uses_maturin(project) or uses_meson(project)


def _answers(project: ProjectFiles, find_matches: MatchFinder) -> Iterator[DeclaredVersion]:
    for reader in readers(find_matches):
        with suppress(RecursionError):  # an expression of absurd depth is no constant
            declared = reader(project)
            if declared and declared.written:
                yield declared
