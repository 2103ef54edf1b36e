"""Pages of lists, with the Link header by which clients find the next one.

Spec: https://docs.github.com/rest/using-the-rest-api/using-pagination-in-the-rest-api
"""

from collections.abc import Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import Response

from dist_sandbox.github.rest.calls import Call, reply

Item = TypeVar("Item")

_DEFAULT_SIZE, _MAX_SIZE = 30, 100


def page_of(call: Call, items: Sequence[Item]) -> list[Item]:
    """The part of a list that was asked for."""
    number, size = _asked(call)
    return list(items[(number - 1) * size : number * size])


def reply_page(call: Call, body: Any, *, total: int) -> Response:
    """An answer with one page, and addresses of the others."""
    number, size = _asked(call)
    last = max(1, -(-total // size))
    pages = {"prev": number - 1, "next": number + 1, "last": last, "first": 1}
    if number >= last:
        del pages["next"], pages["last"]
    if number == 1:
        del pages["prev"], pages["first"]
    links = ", ".join(f'<{_address(call, page)}>; rel="{rel}"' for rel, page in pages.items())
    return reply(body, headers={"Link": links} if links else {})


def _asked(call: Call) -> tuple[int, int]:
    number = _number(call.query.get("page"), 1)
    size = _number(call.query.get("per_page"), _DEFAULT_SIZE)
    return max(1, number), min(max(1, size), _MAX_SIZE)


def _number(text: str | None, default: int) -> int:
    return int(text) if text is not None and text.isdigit() else default


def _address(call: Call, page: int) -> str:
    path = call.request.path.removeprefix("/api/v3")
    query = {**call.request.args.to_dict(), "page": str(page)}
    return f"{call.world.addresses.github_api}{path}?{urlencode(query)}"
