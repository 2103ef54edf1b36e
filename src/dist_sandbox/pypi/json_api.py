"""PyPI's JSON API, as far as the index knows what it shows.

Spec: the page "JSON API" of PyPI's documentation
"""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, jsonify
from packaging.utils import canonicalize_name
from packaging.version import Version

from dist_actions.versions.parsing import parse_version
from dist_sandbox.pypi.answers import refuse
from dist_sandbox.pypi.projects import HostedFile, IndexProject
from dist_sandbox.pypi.state import PackageIndex
from dist_sandbox.server.request_notes import url_for_client


def add_json_routes(blueprint: Blueprint, index: PackageIndex) -> None:
    """Add the JSON API of one index."""

    @blueprint.get("/pypi/<name>/json")
    def show_project(name: str) -> Response:
        project, files = _find(index, name)
        by_version = _group(files)
        finals = [version for version in by_version if not version.is_prerelease]
        newest = max(finals or by_version)
        releases = {str(version): _show(index, rows) for version, rows in by_version.items()}
        return jsonify(**_describe(index, project, newest, by_version[newest]), releases=releases)

    @blueprint.get("/pypi/<name>/<version>/json")
    def show_release(name: str, version: str) -> Response:
        project, files = _find(index, name)
        parsed = parse_version(version)
        if parsed is None or (rows := _group(files).get(parsed)) is None:
            refuse(404, "Not Found")
        return jsonify(_describe(index, project, parsed, rows))


def _find(index: PackageIndex, name: str) -> tuple[IndexProject, tuple[HostedFile, ...]]:
    project = index.projects.get(canonicalize_name(name))
    files = index.read_files(canonicalize_name(name))
    if project is None or not files:
        refuse(404, "Not Found")
    return project, files


def _group(files: Sequence[HostedFile]) -> dict[Version, list[HostedFile]]:
    by_version: dict[Version, list[HostedFile]] = {}
    for file in files:
        by_version.setdefault(file.version, []).append(file)
    return by_version


def _describe(
    index: PackageIndex, project: IndexProject, version: Version, files: Sequence[HostedFile]
) -> dict[str, Any]:
    url = url_for_client(f"/{index.name}/project/{project.normalized_name}/")
    info = {
        "name": project.name,
        "version": str(version),
        "requires_python": files[0].requires_python or None,
        "package_url": url,
        "project_url": url,
        "release_url": f"{url}{version}/",
        "yanked": False,
        "yanked_reason": None,
    }
    return {"info": info, "urls": _show(index, files), "vulnerabilities": []}


def _show(index: PackageIndex, files: Sequence[HostedFile]) -> list[dict[str, Any]]:
    return [
        {
            "filename": file.filename,
            "url": url_for_client(f"/{index.name}/files/{file.filename}"),
            "digests": {"sha256": file.sha256, "blake2b_256": file.blake2_256},
            "packagetype": "sdist" if file.is_sdist else "bdist_wheel",
            "requires_python": file.requires_python or None,
            "size": file.size_bytes,
            "upload_time_iso_8601": file.uploaded_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "yanked": False,
            "yanked_reason": None,
        }
        for file in files
    ]
