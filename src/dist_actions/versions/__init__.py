"""Reads which version a project declares, and says where it stands.

    explicit file and pattern → pyproject.toml (PEP 621, poetry) → the build backend → refusal

Each source is a reader of its own; `read_version` asks them in that order. Nothing here reaches
the network or knows a token; only the backend runs project code.
"""

from dist_actions.versions.declared import Declared, Project, VersionFound, VersionSource
from dist_actions.versions.derivers import Deriver
from dist_actions.versions.reading import (
    MetadataReader,
    read_version,
    require_releasable,
)
from dist_actions.versions.tag_derived import find_deriver

__all__ = [
    "Declared",
    "Deriver",
    "MetadataReader",
    "Project",
    "VersionFound",
    "VersionSource",
    "find_deriver",
    "read_version",
    "require_releasable",
]
