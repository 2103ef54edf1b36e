"""The simple index, its files, their metadata and their provenance.

Spec: https://peps.python.org/pep-0503/, 0691, 0700, 0658 and 0740
"""

import html
import json
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, jsonify, make_response, redirect, request, send_file
from packaging.utils import NormalizedName, canonicalize_name
from werkzeug.wrappers import Response as WsgiResponse

from dist_sandbox.pypi.answers import refuse
from dist_sandbox.pypi.projects import HostedFile
from dist_sandbox.pypi.state import PackageIndex
from dist_sandbox.server.request_notes import url_for_client

_JSON = "application/vnd.pypi.simple.v1+json"
_HTML = "application/vnd.pypi.simple.v1+html"
_OFFERS = ("text/html", _HTML, _JSON)

_API_VERSION = "1.4"
_META = {"api-version": _API_VERSION}


def add_reading_routes(blueprint: Blueprint, index: PackageIndex) -> None:
    """Add everything of one index that only reads."""

    @blueprint.get("/simple/")
    def projects() -> Response:
        with index.lock:
            names = sorted(index.projects)
        if _media_type() == _JSON:
            return _json({"meta": _META, "projects": [{"name": name} for name in names]})
        links = [f'<a href="{_base(index)}/simple/{name}/">{name}</a><br/>' for name in names]
        return _html("Simple index", links)

    @blueprint.get("/simple/<name>/")
    def project(name: str) -> WsgiResponse:
        normalized_name = canonicalize_name(name)
        files = index.read_files(normalized_name)
        if files is None:
            refuse(404, "Not Found")
        if name != normalized_name:
            return redirect(f"{_base(index)}/simple/{normalized_name}/", 301)
        if _media_type() == _JSON:
            return _json(_project_json(index, normalized_name, files))
        return _html(f"Links for {normalized_name}", [_link(index, file) for file in files])

    _add_file_routes(blueprint, index)


def _add_file_routes(blueprint: Blueprint, index: PackageIndex) -> None:
    @blueprint.get("/files/<filename>")
    def download(filename: str) -> Response:
        distribution = filename.removesuffix(".metadata")
        _, file = index.find_file(distribution) or (None, None)
        if file is None or (distribution != filename and not file.metadata_sha256):
            refuse(404, "Not Found")
        return send_file(index.folder / filename, mimetype="application/octet-stream")

    @blueprint.get("/integrity/<project>/<version>/<filename>/provenance")
    def provenance(project: str, version: str, filename: str) -> Response:
        holder, file = index.find_file(filename) or (None, None)
        if (
            holder is None
            or file is None
            or not file.attestations
            or holder.normalized_name != canonicalize_name(project)
            or str(file.version) != version
        ):
            refuse(404, f"No provenance available for {filename}")
        return jsonify(_provenance(file))


def _project_json(
    index: PackageIndex, name: NormalizedName, files: Sequence[HostedFile]
) -> dict[str, Any]:
    return {
        "meta": _META,
        "name": name,
        "project-status": {"status": "active"},
        "versions": [str(version) for version in sorted({file.version for file in files})],
        "files": [_file_json(index, name, file) for file in files],
    }


def _file_json(index: PackageIndex, name: NormalizedName, file: HostedFile) -> dict[str, Any]:
    metadata = {"sha256": file.metadata_sha256} if file.metadata_sha256 else False
    provenance_url = f"{_base(index)}/integrity/{name}/{file.version}/{file.filename}/provenance"
    return {
        "filename": file.filename,
        "url": _file_url(index, file),
        "hashes": {"sha256": file.sha256},
        "requires-python": file.requires_python or None,
        "size": file.size_bytes,
        "upload-time": file.uploaded_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "yanked": False,
        "data-dist-info-metadata": metadata,
        "core-metadata": metadata,
        "provenance": provenance_url if file.attestations else None,
    }


def _link(index: PackageIndex, file: HostedFile) -> str:
    attributes = f'href="{_file_url(index, file)}#sha256={file.sha256}"'
    if file.requires_python:
        attributes += f' data-requires-python="{html.escape(file.requires_python)}"'
    if file.metadata_sha256:
        digest = f"sha256={file.metadata_sha256}"
        attributes += f' data-dist-info-metadata="{digest}" data-core-metadata="{digest}"'
    return f"<a {attributes}>{file.filename}</a><br/>"


def _provenance(file: HostedFile) -> dict[str, Any]:
    publisher = file.publisher
    bundle: dict[str, Any] = {"publisher": None, "attestations": list(file.attestations)}
    if publisher is not None:
        bundle["publisher"] = {
            "kind": "GitHub",
            "claims": None,
            "repository": f"{publisher.owner}/{publisher.repository}",
            "workflow": publisher.workflow,
            "environment": publisher.environment or None,
        }
    return {"version": 1, "attestation_bundles": [bundle]}


def _base(index: PackageIndex) -> str:
    """Return the index's address, as this client reaches it."""
    return url_for_client(f"/{index.name}")


def _file_url(index: PackageIndex, file: HostedFile) -> str:
    return url_for_client(f"/{index.name}/files/{file.filename}")


def _media_type() -> str:
    """Choose what the client likes best; the first offer where it does not care."""
    return request.accept_mimetypes.best_match(_OFFERS, default="text/html") or "text/html"


def _json(body: dict[str, Any]) -> Response:
    response = make_response(f"{json.dumps(body)}\n")
    response.headers["Content-Type"] = _JSON
    response.headers["Vary"] = "Accept"
    return response


def _html(title: str, links: Sequence[str]) -> Response:
    lines = [
        "<!DOCTYPE html>",
        "<html>",
        "  <head>",
        f'    <meta name="pypi:repository-version" content="{_API_VERSION}">',
        f"    <title>{title}</title>",
        "  </head>",
        "  <body>",
        f"    <h1>{title}</h1>",
        *(f"    {link}" for link in links),
        "  </body>",
        "</html>",
        "",
    ]
    response = make_response("\n".join(lines))
    response.headers["Content-Type"] = _HTML if _media_type() == _HTML else "text/html"
    response.headers["Vary"] = "Accept"
    return response
