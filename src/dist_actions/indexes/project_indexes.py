"""Find in a project's files what names another index beside its own."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from dist_actions.indexes import second_indexes
from dist_actions.toml import read_toml, table_at

#: Where a project says from which indexes its installers take packages, and what finds it there.
_PROJECT_FILES: Mapping[str, Callable[[str, Mapping[str, Any], str], Iterable[str]]] = {
    "pyproject.toml": lambda path, values, index_url: second_indexes.in_project(
        path, table_at(values, "tool"), index_url
    ),
    "uv.toml": second_indexes.in_uv_settings,
    "pdm.toml": second_indexes.in_pdm_settings,
    "hatch.toml": second_indexes.in_hatch_settings,
}
_REQUIREMENTS = (
    "*requirements*.txt",
    "*requirements*.in",
    "requirements/*.txt",
    "requirements/*.in",
)
_MOST_CHARACTERS = 1_000_000


def find_in_project(workspace: Path, package_path: str, index_url: str) -> Iterator[str]:
    """Find the places in the root and in a package's folder.

    Raises:
        InputError: A file is not UTF-8 or not TOML.
    """
    for folder in dict.fromkeys((".", package_path)):
        for name, find in _PROJECT_FILES.items():
            path = str(Path(folder, name))
            yield from find(path, read_toml(workspace / path, path) or {}, index_url)
        for pattern in _REQUIREMENTS:
            for file in sorted((workspace / folder).glob(pattern)):
                path, text = str(file.relative_to(workspace)), _read_start(file)
                yield from second_indexes.in_requirements(path, text, index_url)


def _read_start(file: Path) -> str:
    """Read the beginning of a file; nothing of what is none, or cannot be read."""
    try:
        if not file.is_file():
            return ""
        with file.open(encoding="utf-8", errors="replace") as stream:
            return stream.read(_MOST_CHARACTERS)
    except OSError:
        return ""
