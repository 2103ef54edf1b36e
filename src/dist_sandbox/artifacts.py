"""Workflow artifacts: zip files that jobs of one run pass to each other."""

import hashlib
import re
import threading
from pathlib import Path

from flask import Blueprint, Response, jsonify, request, send_file

_NAME = re.compile(r"[A-Za-z0-9 @+_.()-]{1,200}")


class ArtifactStore:
    """Artifacts by run and name; an existing one must be removed before another takes its name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()

    def add(self, run_id: int, name: str, content: bytes) -> bool:
        """Keep an artifact, unless the run has one of this name; tell whether it was kept."""
        path = self._path(run_id, name)
        with self._lock:
            if path.exists():
                return False
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            return True

    def remove(self, run_id: int, name: str) -> bool:
        """Remove an artifact; tell whether there was one."""
        path = self._path(run_id, name)
        with self._lock:
            existed = path.is_file()
            path.unlink(missing_ok=True)
            return existed

    def find(self, run_id: int, name: str) -> Path | None:
        """Find the file of an artifact."""
        path = self._path(run_id, name)
        return path if path.is_file() else None

    def files(self, run_id: int) -> list[Path]:
        """List the files of a run's artifacts, in the order of their names."""
        files = (self._folder / str(run_id)).glob("*.zip")
        return sorted(files, key=lambda file: file.stem)

    def _path(self, run_id: int, name: str) -> Path:
        return self._folder / str(run_id) / f"{name}.zip"


def create_artifact_routes(blueprint: Blueprint, artifacts: ArtifactStore) -> None:
    """Add the routes that upload, list and download artifacts."""

    @blueprint.get("/artifacts/<int:run_id>")
    def list_artifacts(run_id: int) -> Response:
        rows = [
            {"name": file.stem, "sha256": _sha256(file), "size": file.stat().st_size}
            for file in artifacts.files(run_id)
        ]
        return jsonify(artifacts=rows)

    @blueprint.put("/artifacts/<int:run_id>/<name>")
    def put_artifact(run_id: int, name: str) -> tuple[Response, int]:
        if not _NAME.fullmatch(name) or name.startswith("."):
            return jsonify(message="the name holds characters that artifacts cannot have"), 422
        content = request.get_data()
        if not artifacts.add(run_id, name, content):
            return jsonify(message=f"an artifact named {name} exists in this run"), 409
        return jsonify(name=name, sha256=hashlib.sha256(content).hexdigest()), 201

    @blueprint.delete("/artifacts/<int:run_id>/<name>")
    def delete_artifact(run_id: int, name: str) -> tuple[Response, int]:
        if not artifacts.remove(run_id, name):
            return jsonify(message=f"run {run_id} has no artifact named {name}"), 404
        return jsonify(), 200

    @blueprint.get("/artifacts/<int:run_id>/<name>")
    def get_artifact(run_id: int, name: str) -> Response | tuple[Response, int]:
        path = artifacts.find(run_id, name)
        if path is None:
            return jsonify(message=f"run {run_id} has no artifact named {name}"), 404
        return send_file(path, mimetype="application/zip")


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
