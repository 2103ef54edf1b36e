"""How a repository behaves where the real service is undocumented, slow or set up otherwise.

Tests choose it; nothing of it is part of Google's own interface.
"""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

PageFormat = Literal["html", "json"]
FilesApi = Literal["allowed", "refused", "disabled"]

_PAGE_FORMATS = get_args(PageFormat)
_FILES_API = get_args(FilesApi)


@dataclass(frozen=True)
class RepositorySettings:
    """Behaviour that tests choose.

    Attributes:
        shows_hashes: Whether pages carry SHA-256 digests, as fragments of links or in JSON; whether
            the real service's do is not documented.
        page_formats: `html`, `json` or both; of both the client chooses by its `Accept`.
        files_api: `refused` answers 403 to whoever asks for hashes; `disabled` is a project where
            the whole API is not enabled.
        file_size_limit_bytes: What an upload may have as a whole; 0 for no limit.
        hidden_for_reads: How often a project's page is read before it shows a file that is
            uploaded from now on.
    """

    shows_hashes: bool = True
    page_formats: tuple[PageFormat, ...] = ("html",)
    files_api: FilesApi = "allowed"
    file_size_limit_bytes: int = 0
    hidden_for_reads: int = 0

    def changed(self, changes: Mapping[str, Any]) -> "RepositorySettings":
        """These settings with others from JSON.

        Raises:
            ValueError: No such setting, or not one of its values.
        """
        for name, value in changes.items():
            if name not in _CHECKS or not _CHECKS[name](value):
                raise ValueError(f"{name} is not a setting, or cannot be {value!r}")
        checked = dict(changes)
        if "page_formats" in checked:
            checked["page_formats"] = tuple(checked["page_formats"])
        return dataclasses.replace(self, **checked)


def _is_page_formats(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(one in _PAGE_FORMATS for one in value)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


_CHECKS: Mapping[str, Callable[[Any], bool]] = {
    "shows_hashes": lambda value: isinstance(value, bool),
    "page_formats": _is_page_formats,
    "files_api": lambda value: value in _FILES_API,
    "file_size_limit_bytes": _is_count,
    "hidden_for_reads": _is_count,
}
