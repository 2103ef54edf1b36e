"""TOML files with the lines that their keys stand on."""

import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dist_actions.errors import InputError, Location
from dist_actions.toml_lines import key_lines

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


def parse_toml(text: str, location: Location) -> dict[str, Any]:
    """Parse TOML text.

    Raises:
        InputError: It is not TOML; the message holds the parser's line and column.
    """
    try:
        parsed: dict[str, Any] = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        at = re.search(r"line (\d+)", str(error))
        raise InputError(
            f"{location.file} is not valid TOML: {error}.",
            why="a bracket, quote or equals sign is missing, or a key stands there twice.",
            fix="mend that line.",
            location=Location(location.file, int(at[1]) if at else 0),
        ) from error
    return parsed


def read_toml(path: Path, name: str) -> dict[str, Any] | None:
    """Parse a TOML file; None where there is none.

    Args:
        path: The file.
        name: Its path relative to the repository's root, for messages.

    Raises:
        InputError: It is not UTF-8 or not TOML.
    """
    if not path.is_file():
        return None
    return parse_toml(read_text(path, name), Location(name))


def leads_outside(path: Path, workspace: Path) -> bool:
    """Whether a path, with its symbolic links followed, is not below the repository's root."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        pass  # what is not there can still be named inside or outside
    except OSError:  # links that lead in a circle
        return True
    return not path.resolve().is_relative_to(workspace.resolve())


def read_text(path: Path, name: str) -> str:
    """Read a file that must be UTF-8.

    Raises:
        InputError: It is not.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{name} is not UTF-8 text.",
            why=f"the byte at offset {error.start} does not belong to UTF-8.",
            fix="save the file as UTF-8.",
            location=Location(name),
        ) from error


def table_at(values: Mapping[str, Any], *keys: str) -> Mapping[str, Any]:
    """The table below these keys; empty where there is none, or something else."""
    for key in keys:
        below = values.get(key)
        values = below if isinstance(below, dict) else {}
    return values


def line_of(text: str, keys: Sequence[str]) -> int:
    """The line of the key or table at this path, from 1; 0 where it is not certain."""
    return key_lines(text).get(tuple(keys), 0)


def line_of_key(text: str, table: str, key: str) -> int:
    """The line of `key` in `[table]`, from 1; 0 where it is not certain."""
    return line_of(text, (*table.split("."), key))
