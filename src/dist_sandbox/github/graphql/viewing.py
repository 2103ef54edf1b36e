"""Who asks a GraphQL query, what is refused, and how lists become connections."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dist_sandbox.github.access.principals import Principal
from dist_sandbox.github.state import GitHub

#: Source: "Rate limits and node limits for the GraphQL API".
_MOST_RECORDS = 100


class QueryError(Exception):
    """A field that is refused; its neighbours are answered.

    Its kind is GitHub's `type` of the error.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message

    @classmethod
    def forbidden(cls) -> "QueryError":
        """Refuse a token that lacks a permission."""
        return cls("FORBIDDEN", "Resource not accessible by integration")


@dataclass(frozen=True)
class Viewer:
    """Whoever asks, and the GitHub that is asked."""

    github: GitHub
    principal: Principal

    def require(self, *permissions: tuple[str, str]) -> None:
        """Refuse what needs permissions that the token lacks.

        Raises:
            QueryError: One of them is missing.
        """
        if not all(self.principal.may(name, access) for name, access in permissions):
            raise QueryError.forbidden()


def connect(name: str, nodes: Sequence[Any], arguments: dict[str, Any]) -> dict[str, Any]:
    """Make a connection with the part of a list that the arguments name.

    Args:
        name: Field of the connection, for refusals.
        arguments: `first` or `last`, and `after`.

    Raises:
        QueryError: Nothing says how many, or more than GitHub hands out at once.
    """
    first, count = arguments.get("first"), _read_count(name, arguments)
    start = _position(arguments.get("after"))
    end = min(start + count, len(nodes))
    if first is None:
        start, end = max(len(nodes) - count, 0), len(nodes)
    page = list(nodes[start:end])
    return {
        "nodes": page,
        "total_count": len(nodes),
        "page_info": {
            "start_cursor": _cursor(start + 1) if page else None,
            "end_cursor": _cursor(end) if page else None,
            "has_next_page": end < len(nodes),
            "has_previous_page": start > 0,
        },
    }


def _read_count(name: str, arguments: dict[str, Any]) -> int:
    """Read how many nodes of a connection are asked for."""
    first: int | None = arguments.get("first")
    last: int | None = arguments.get("last")
    count = last if first is None else first
    if count is None:
        raise QueryError(
            "MISSING_PAGINATION_BOUNDARIES",
            f"You must provide a `first` or `last` value to properly paginate the `{name}` "
            "connection.",
        )
    word = "last" if first is None else "first"
    if count > _MOST_RECORDS:
        raise QueryError(
            "EXCESSIVE_PAGINATION",
            f"Requesting {count} records on the `{name}` connection exceeds the `{word}` limit of "
            f"{_MOST_RECORDS} records.",
        )
    return count


def _cursor(position: int) -> str:
    return base64.b64encode(f"cursor:v1:{position}".encode()).decode()


def _position(cursor: str | None) -> int:
    if not cursor:
        return 0
    try:
        return int(base64.b64decode(cursor).decode().rpartition(":")[2])
    except ValueError:
        message = f"`{cursor}` does not appear to be a valid cursor."
        raise QueryError("INVALID_CURSOR_ARGUMENTS", message) from None
