"""Read which version a project declares, and where it stands.

    input, version-file → literal in pyproject.toml → (derived from tags: apart)
    → the files that its build tool reads → refusal, with what was tried

Each source is a reader of its own; `read_version` asks them in that order. Nothing here runs code
of the project, reaches the network or knows a token. `built` also asks the build backend, through
an edge that it is given; what holds credentials or decides for others never loads it. Names are
loaded when they are first used: a literal needs few of the modules.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from dist_actions.versions.project_files import (
    DeclaredVersion,
    ProjectFiles,
    ProjectVersion,
    VersionSource,
)

if TYPE_CHECKING:
    from dist_actions.versions.derivers import Deriver
    from dist_actions.versions.reading import find_version, read_version, require_releasable
    from dist_actions.versions.setuptools.setup_py import find_name
    from dist_actions.versions.tag_derived import find_deriver, require_tellable

__all__ = [
    "DeclaredVersion",
    "Deriver",
    "ProjectFiles",
    "ProjectVersion",
    "VersionSource",
    "find_deriver",
    "find_name",
    "find_version",
    "read_version",
    "require_releasable",
    "require_tellable",
]

_MODULES = {
    "Deriver": "derivers",
    "find_deriver": "tag_derived",
    "find_name": "setuptools.setup_py",
    "require_tellable": "tag_derived",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES.get(name, 'reading')}"), name)
