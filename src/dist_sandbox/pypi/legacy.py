"""The upload API of an index.

Spec: https://peps.python.org/pep-0694/ (its section on the existing, legacy upload API)
"""

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, make_response, redirect, request
from packaging.metadata import Metadata
from packaging.utils import canonicalize_name
from werkzeug.wrappers import Response as WsgiResponse

from dist_sandbox.clock import Clock
from dist_sandbox.pypi import checks
from dist_sandbox.pypi.answers import help_url, refuse
from dist_sandbox.pypi.archives import read_archive
from dist_sandbox.pypi.attestations import InvalidAttestationError, parse_attestations
from dist_sandbox.pypi.forms import check_description, check_form, read_metadata
from dist_sandbox.pypi.projects import HostedFile, IndexProject
from dist_sandbox.pypi.state import PackageIndex
from dist_sandbox.pypi.tokens import ApiToken
from dist_sandbox.server.request_notes import note_file, note_principal, url_for_client
from dist_sandbox.uploads import (
    InvalidUploadError,
    Upload,
    read_fields,
    receive_upload,
    require_same_digests,
)

#: The user name that goes with an API token as password.
_TOKEN_USER = "__token__"  # noqa: S105 - a user's name

_CHUNK_BYTES = 2**20


def add_upload_routes(blueprint: Blueprint, index: PackageIndex, clock: Clock) -> None:
    """Add `legacy/` of one index."""

    @blueprint.post("/legacy")
    def add_slash() -> WsgiResponse:
        return redirect(url_for_client(f"{request.path}/"), 308)

    @blueprint.post("/legacy/")
    def upload() -> Response:
        token = _authenticate(index)
        note_principal(request.environ, token.principal)
        form = read_fields(request)
        check_form(form)
        metadata = read_metadata(form)
        try:
            with index.lock:
                added = _add_upload(index, token, metadata, now=clock.now())
        except InvalidUploadError as error:
            refuse(400, str(error))
        if added is not None:
            note_file(request.environ, added.filename, added.sha256)
        return make_response("", 200)


def _authenticate(index: PackageIndex) -> ApiToken:
    """Return the API token in the request's Basic credentials."""
    if not index.settings.uploads:
        refuse(
            403,
            "New uploads are temporarily disabled. "
            f"See {help_url('admin-intervention')} for more information.",
        )
    login = request.authorization
    basic = login if login is not None and login.type == "basic" else None
    if basic is not None and basic.username != _TOKEN_USER:
        refuse(
            403,
            "Username/Password authentication is no longer supported. Migrate to API Tokens or "
            f"Trusted Publishers instead. See {help_url('apitoken')}",
        )
    token = index.tokens.find((basic.password or "").strip()) if basic is not None else None
    if token is None:
        refuse(
            403,
            "Invalid or non-existent authentication information. "
            f"See {help_url('invalid-auth')} for more information.",
        )
    return token


def _add_upload(
    index: PackageIndex, token: ApiToken, metadata: Metadata, *, now: datetime
) -> HostedFile | None:
    """Check the upload and add its file; return None where the index has it already."""
    project = index.projects.get(canonicalize_name(metadata.name))
    if project is None:
        checks.check_new_project(index, metadata.name, token)
        project = IndexProject(metadata.name)
    checks.check_scope(token, project.name, now=now)
    check_description(metadata)
    upload = receive_upload(request)
    checks.check_ending(upload.filename, request.form["filetype"])
    checks.check_size(index, project, upload)
    require_same_digests(upload, request.form)
    if checks.is_duplicate(index, upload):
        return None
    checks.check_release(index, project, metadata.version, upload, now=now)
    checks.check_filename(upload.filename, metadata)
    with _spooled(index.folder, upload) as partial:
        wheel_metadata, contents = read_archive(partial, upload.filename)
        checks.check_contents(contents, metadata)
        file = HostedFile(
            filename=upload.filename,
            version=metadata.version,
            size_bytes=upload.size_bytes,
            sha256=upload.sha256,
            blake2_256=upload.blake2_256,
            metadata_sha256=hashlib.sha256(wheel_metadata).hexdigest() if wheel_metadata else "",
            requires_python=str(metadata.requires_python or ""),
            uploaded_at=now,
            attestations=_attestations(index, upload, token),
            publisher=token.publisher,
        )
        index.add_file(project, file, partial, wheel_metadata)
    return file


def _attestations(
    index: PackageIndex, upload: Upload, token: ApiToken
) -> tuple[dict[str, Any], ...]:
    text = request.form.get("attestations")
    if text is None:
        return ()
    try:
        return parse_attestations(
            text,
            token,
            index.trust_config,
            filename=upload.filename,
            sha256=upload.sha256,
        )
    except InvalidAttestationError as error:
        refuse(400, f"Invalid attestations supplied during upload: {error}")


@contextmanager
def _spooled(folder: Path, upload: Upload) -> Iterator[Path]:
    """Write the upload beside the other files; a reader must never see half a file."""
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".", delete=False) as partial:
        shutil.copyfileobj(upload.content, partial, _CHUNK_BYTES)
    try:
        yield Path(partial.name)
    finally:
        Path(partial.name).unlink(missing_ok=True)
