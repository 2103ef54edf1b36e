"""Pages of lists, with the Link header by which clients find the next one.

Spec: https://docs.github.com/rest/using-the-rest-api/using-pagination-in-the-rest-api
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import Response

from dist_sandbox.github.rest.calls import Call, reply
from dist_sandbox.github.state import Repository

Entry = TypeVar("Entry")

_DEFAULT_SIZE, _MAX_SIZE = 30, 100


def page_of(call: Call, entries: Sequence[Entry]) -> list[Entry]:
    """Take the page of a list that the query names."""
    number, size = _page_and_size(call)
    return list(entries[(number - 1) * size : number * size])


def reply_list(
    call: Call,
    entries: Sequence[Entry],
    render: Callable[[Entry, Repository], Any],
    *,
    field: str | None = None,
) -> Response:
    """Answer with the page of a list that the query names.

    Args:
        render: Makes the JSON of an entry; it gets the call's repository too.
        field: Where the list stands in an object beside `total_count`; None for the list alone.
    """
    page = [render(entry, call.repository) for entry in page_of(call, entries)]
    total = len(entries)
    body = page if field is None else {"total_count": total, field: page}
    return reply_page(call, body, total=total)


def reply_page(call: Call, body: Any, *, total: int) -> Response:
    """Answer with a page, and with the addresses of the others."""
    number, size = _page_and_size(call)
    last = max(1, -(-total // size))
    pages = {"prev": number - 1, "next": number + 1, "last": last, "first": 1}
    if number >= last:
        del pages["next"], pages["last"]
    if number == 1:
        del pages["prev"], pages["first"]
    links = ", ".join(f'<{_address(call, page)}>; rel="{rel}"' for rel, page in pages.items())
    return reply(body, headers={"Link": links} if links else {})


def _page_and_size(call: Call) -> tuple[int, int]:
    number = _number(call.query.get("page"), 1)
    size = _number(call.query.get("per_page"), _DEFAULT_SIZE)
    return max(1, number), min(max(1, size), _MAX_SIZE)


def _number(text: str | None, default: int) -> int:
    return int(text) if text is not None and text.isdigit() else default


def _address(call: Call, page: int) -> str:
    path = call.request.path.removeprefix("/api/v3")
    query = {**call.request.args.to_dict(), "page": str(page)}
    return f"{call.github.addresses.github_api}{path}?{urlencode(query)}"
