"""Whether a value is what its annotation says, also inside of dataclasses and collections."""

import types
from collections.abc import Collection, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints


def check_types(value: Any) -> None:
    """Assert that the fields of dataclasses have the types with which they are annotated.

    Raises:
        AssertionError: One has another.
    """
    if is_dataclass(value) and not isinstance(value, type):
        hints = get_type_hints(type(value))
        for field in fields(value):
            held = getattr(value, field.name)
            label = f"{type(value).__name__}.{field.name}"
            assert _fits(held, hints[field.name]), f"{label} is {held!r}"
            check_types(held)
    elif isinstance(value, Mapping):
        for key, held in value.items():
            check_types(key)
            check_types(held)
    elif isinstance(value, Collection) and not isinstance(value, (str, bytes)):
        for held in value:
            check_types(held)


def _fits(value: Any, kind: Any) -> bool:
    origin, arguments = get_origin(kind), get_args(kind)
    if kind in {Any, object} or isinstance(kind, str):
        return True
    if origin in {Union, types.UnionType}:
        return any(_fits(value, each) for each in arguments)
    if origin is Literal:
        return value in arguments
    if origin is not None:
        return _fits_collection(value, origin, arguments)
    return _fits_class(value, getattr(kind, "__supertype__", kind))


def _fits_collection(value: Any, origin: Any, arguments: tuple[Any, ...]) -> bool:
    if not isinstance(origin, type) or not issubclass(origin, Collection):
        return True
    if not isinstance(value, origin):
        return False
    if isinstance(value, Mapping):
        key, held = arguments
        return all(_fits(each, key) and _fits(value[each], held) for each in value)
    return (origin is tuple and ... not in arguments) or all(
        _fits(each, arguments[0]) for each in value
    )


def _fits_class(value: Any, kind: Any) -> bool:
    if kind in {int, float}:
        return isinstance(value, (kind, int)) and not isinstance(value, bool)
    return not isinstance(kind, type) or isinstance(value, kind)
