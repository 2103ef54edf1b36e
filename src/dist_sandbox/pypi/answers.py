"""Refusals as PyPI words and wraps them: HTML, JSON or plain text, as the client prefers."""

import html
from http import HTTPStatus
from typing import NoReturn

from flask import Response, abort, jsonify, make_response, request

from dist_sandbox.server.request_notes import url_for_client

_EXPLANATIONS = {
    400: "The server could not comply with the request since it is either malformed or otherwise "
    "incorrect.",
    403: "Access was denied to this resource.",
    404: "The resource could not be found.",
}


def refuse(status: int, message: str) -> NoReturn:
    """End the request with an error.

    Args:
        message: One line; the standard words of the status are put before it.
    """
    abort(_answer(status, message))


def help_url(anchor: str) -> str:
    """Return where this index explains something, `…/help/#ANCHOR`."""
    index = request.path.strip("/").split("/")[0]
    return url_for_client(f"/{index}/help/#{anchor}")


def _answer(status: int, message: str) -> Response:
    explanation = _EXPLANATIONS.get(status, "")
    title = f"{status} {message}"
    media_type = request.accept_mimetypes.best_match(
        ("text/html", "application/json", "text/plain")
    )
    if media_type == "application/json":
        phrase = HTTPStatus(status).phrase
        response = jsonify(message=f"{explanation}\n\n\n{message}\n\n", code=title, title=phrase)
        response.status_code = status
        return response
    if media_type == "text/plain":
        return _text(status, "text/plain", f"{title}\n\n{explanation}\n\n\n{message}\n\n")
    escaped = html.escape(message)
    page = (
        f"<html>\n <head>\n  <title>{status} {escaped}</title>\n </head>\n <body>\n"
        f"  <h1>{status} {escaped}</h1>\n  {explanation}<br/><br/>\n{escaped}\n\n\n"
        " </body>\n</html>"
    )
    return _text(status, "text/html", page)


def _text(status: int, mimetype: str, text: str) -> Response:
    response = make_response(text, status)
    response.mimetype = mimetype
    return response
