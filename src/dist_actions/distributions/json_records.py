"""Write dataclasses as JSON objects and read them back, by their fields' names and types; pure.

A field's key is its name with hyphens, `source-date-epoch`; a few differ.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin

from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

_Record = TypeVar("_Record")
_KEYS = {
    "project": "name",
    "commit_sha": "commit",
    "tree_sha": "tree",
    "built_for": "built",
    "size_bytes": "size",
}
#: Anything but `true` is false, so that a flag is never set by a text such as "false".
_READERS: Mapping[Any, Callable[[Any], object]] = {
    str: str,
    int: int,
    bool: lambda value: value is True,
    Version: Version,
    NormalizedName: lambda value: canonicalize_name(str(value)),
}


def record_to_json(value: Any) -> Any:
    """Turn a dataclass into values that `json.dumps` accepts."""
    if is_dataclass(value):
        return {_key(field): record_to_json(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [record_to_json(element) for element in value]
    return str(value) if isinstance(value, Version) else value


def record_from_json(kind: type[_Record], data: Mapping[str, Any]) -> _Record:
    """Make a dataclass of a parsed JSON object; absent keys take their field's default.

    Raises:
        KeyError: A key is missing whose field has no default.
        TypeError: The data is no object, or a value is of another type.
        ValueError: A value cannot be read.
    """
    values = {}
    for field in fields(kind):  # type: ignore[arg-type]
        if field.default is MISSING or _key(field) in data:
            values[field.name] = _read(field.type, data[_key(field)])
    return kind(**values)


def _key(field: Field[Any]) -> str:
    return _KEYS.get(field.name, field.name.replace("_", "-"))


def _read(kind: Any, value: Any) -> Any:
    if get_origin(kind) is tuple:
        return tuple(_read(get_args(kind)[0], element) for element in value)
    if get_origin(kind) is UnionType:
        return None if value is None else _read(get_args(kind)[0], value)
    if isinstance(kind, type) and is_dataclass(kind):
        return record_from_json(kind, value)
    return _READERS[kind](value)
