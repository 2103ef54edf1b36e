"""Name an index for installers; pure."""

import re
from urllib.parse import urlsplit

_NOT_IN_A_NAME = re.compile(r"[^a-z0-9]+", re.ASCII)


def choose_index_name(index_url: str, *, in_artifact_registry: bool) -> str:
    """Choose the name by which uv and poetry know an index: the repository's, or the host's."""
    parts = urlsplit(index_url)
    segments = parts.path.strip("/").split("/")
    if in_artifact_registry and len(segments) > 1:
        return _as_name(segments[-2])
    return _as_name(parts.hostname or "")


def _as_name(text: str) -> str:
    return _NOT_IN_A_NAME.sub("-", text.lower()).strip("-") or "private"
