"""A project's page in HTML or JSON, for whatever pypiserver does not show.

Spec: https://packaging.python.org/en/latest/specifications/simple-repository-api/
"""

import json
from collections.abc import Sequence
from html import escape

from flask import Response, make_response, request

from dist_sandbox.google.artifact_registry.repositories import Link
from dist_sandbox.google.artifact_registry.settings import RepositorySettings

_JSON = "application/vnd.pypi.simple.v1+json"
_HTML = "text/html"


def answer_page(
    project: str, links: Sequence[Link], *, base: str, settings: RepositorySettings
) -> Response:
    """The page in the format that the repository offers and the client likes best.

    Args:
        base: What file names are appended to.
    """
    if _wants_json(settings):
        answer = make_response(_json(project, links, base, settings.shows_hashes))
        answer.headers["Content-Type"] = _JSON
        return answer
    answer = make_response(_html(project, links, base, settings.shows_hashes))
    answer.headers["Content-Type"] = "text/html; charset=utf-8"
    return answer


def _wants_json(settings: RepositorySettings) -> bool:
    if len(set(settings.page_formats)) == 1:
        return settings.page_formats[0] == "json"
    return request.accept_mimetypes.best_match([_HTML, _JSON], default=_HTML) == _JSON


def _json(project: str, links: Sequence[Link], base: str, shows_hashes: bool) -> str:
    files = [
        {
            "filename": link.filename,
            "url": f"{base}{link.filename}",
            "hashes": {"sha256": link.sha256} if shows_hashes and link.sha256 else {},
        }
        for link in links
    ]
    return json.dumps({"meta": {"api-version": "1.0"}, "name": project, "files": files})


def _html(project: str, links: Sequence[Link], base: str, shows_hashes: bool) -> str:
    lines = ["<!DOCTYPE html>", "<html>", f"<head><title>{escape(project)}</title></head>"]
    lines += ["<body>", f"<h1>{escape(project)}</h1>"]
    for link in links:
        fragment = f"#sha256={link.sha256}" if shows_hashes and link.sha256 else ""
        address = escape(f"{base}{link.filename}{fragment}")
        lines.append(f'<a href="{address}">{escape(link.filename)}</a><br/>')
    return "\n".join([*lines, "</body>", "</html>", ""])
