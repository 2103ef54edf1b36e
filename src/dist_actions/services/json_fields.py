"""Read the JSON of a service's success, which may be another server's; pure.

    read_json(lambda tag: sha(tag["object"]["sha"]), answer)

What does not have the shape of the service's answers did not come from the service.
"""

import re
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")

_SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}", re.ASCII)
#: What a parser raises for an answer that lacks a value, or has one of another type.
_MISFITS = (LookupError, TypeError, AttributeError, ValueError, OverflowError)


class UnreadableError(Exception):
    """A service's success is not what the service answers, so something else answered."""


def read_json(parse: Callable[[Any], T], answer: Any) -> T:
    """Read what is needed of an answer.

    Args:
        parse: Reads it; whatever it stumbles over is the answer's fault.
        answer: As `json.loads` returns it; None for one that is empty or no JSON.

    Raises:
        UnreadableError: Something that the service always says is missing or of another type.
    """
    try:
        return parse(answer)
    except _MISFITS as error:
        form = "is empty or no JSON" if answer is None else "has another form than its own"
        raise UnreadableError(f"the answer {form}") from error


def text(value: Any) -> str:
    """Return a text.

    Raises:
        TypeError: It is none.
        ValueError: It holds half of a character, as JSON can, which could not be written again.
    """
    characters = _of_type(str, value)
    characters.encode()
    return characters


def number(value: Any) -> int:
    """Return a whole number.

    Raises:
        TypeError: It is none.
    """
    if isinstance(value, bool):
        raise TypeError("a truth value is no number")
    return _of_type(int, value)


def flag(value: Any) -> bool:
    """Return a truth value.

    Raises:
        TypeError: It is none.
    """
    return _of_type(bool, value)


def items(value: Any) -> list[Any]:
    """Return a list.

    Raises:
        TypeError: It is none.
    """
    return _of_type(list, value)


def mapping(value: Any) -> dict[str, Any]:
    """Return an object, by its keys.

    Raises:
        TypeError: It is none.
    """
    return _of_type(dict, value)


def sha(value: Any) -> str:
    """Return the name of a git object.

    Raises:
        TypeError: It is no text.
        ValueError: It is no 40 or 64 hex digits.
    """
    if _SHA.fullmatch(name := text(value)) is None:
        raise ValueError("no name of a git object")
    return name


def nothing(value: Any) -> None:
    """Read an answer that says nothing: an empty one, or an empty object.

    Raises:
        ValueError: It says something.
    """
    if value is not None and value != {}:
        raise ValueError("an answer that says something")


def _of_type(kind: type[T], value: Any) -> T:
    if not isinstance(value, kind):
        raise TypeError(f"{type(value).__name__} in place of {kind.__name__}")
    return value
