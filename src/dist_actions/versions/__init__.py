"""Read which version a project declares, and where it stands.

    input, version-file → literal in pyproject.toml → (derived from tags: apart)
    → the build backend, and the files that it reads → refusal, with what was tried

Each source is a reader of its own; `read_version` asks them in that order. Nothing here reaches
the network or knows a token; only the backend runs project code, and only an edge runs that. Names
are loaded when they are first used: a literal needs few of the modules.
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
    from dist_actions.versions.reading import (
        MetadataReader,
        read_current_version,
        read_version,
        require_releasable,
    )
    from dist_actions.versions.setuptools.setup_py import find_name
    from dist_actions.versions.tag_derived import find_deriver

__all__ = [
    "DeclaredVersion",
    "Deriver",
    "MetadataReader",
    "ProjectFiles",
    "ProjectVersion",
    "VersionSource",
    "find_deriver",
    "find_name",
    "read_current_version",
    "read_version",
    "require_releasable",
]

_MODULES = {
    "Deriver": "derivers",
    "find_deriver": "tag_derived",
    "find_name": "setuptools.setup_py",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES.get(name, 'reading')}"), name)
