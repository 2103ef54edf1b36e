"""Read an upload of a distribution, and check that its parts agree.

Spec: https://peps.python.org/pep-0694/ (its section on the existing, legacy upload API)
"""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Any

from flask import Request
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    NormalizedName,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import Version
from werkzeug.datastructures import MultiDict

from dist_actions.versions.parsing import parse_version

_CHUNK_BYTES = 2**20

#: What the fields may have together; a long README travels as the field `description`.
_FIELDS_LIMIT_BYTES = 16 * 2**20


class InvalidUploadError(Exception):
    """An upload that no index takes; the text is the answer's."""


@dataclass(frozen=True)
class Upload:
    """One distribution as it was sent, with its hex digests."""

    filename: str
    #: The file, at its beginning; open until the request ends.
    content: IO[bytes]
    size_bytes: int
    sha256: str
    blake2_256: str
    md5: str


def parse_filename(filename: str) -> tuple[NormalizedName, Version]:
    """Return project and version in the name of a distribution.

    Raises:
        InvalidUploadError: It is no distribution's name.
    """
    parse = parse_wheel_filename if filename.endswith(".whl") else parse_sdist_filename
    try:
        name, version = parse(filename)[:2]
    except (InvalidSdistFilename, InvalidWheelFilename) as error:
        raise InvalidUploadError(f"Invalid file name {filename!r}.") from error
    return name, version


def read_fields(request: Request) -> MultiDict[str, str]:
    """Read the form's fields, which may be as long as a README."""
    request.max_form_memory_size = _FIELDS_LIMIT_BYTES
    return request.form


def parse_upload(request: Request) -> Upload:
    """Parse the distribution in a multipart upload, whose parts must agree.

    Raises:
        InvalidUploadError: A part is missing, the file's name is no distribution's or tells
            another project or version than the fields, or a digest differs.
    """
    upload = receive_upload(request)
    _check_filename(upload.filename, request.form)
    require_same_digests(upload, request.form)
    return upload


def receive_upload(request: Request) -> Upload:
    """Parse the distribution in a multipart upload, whatever its name and the fields say.

    Raises:
        InvalidUploadError: It is no upload, or the file is missing.
    """
    fields = read_fields(request)
    if fields.get(":action") != "file_upload":
        raise InvalidUploadError(f"Unsupported ':action': {fields.get(':action', '')!r}.")
    part = request.files.get("content")
    if part is None or not part.filename:
        raise InvalidUploadError("Upload payload does not have a file.")
    digests = _digests(part.stream)
    size = part.stream.seek(0, os.SEEK_END)
    part.stream.seek(0)
    return Upload(
        filename=part.filename,
        content=part.stream,
        size_bytes=size,
        sha256=digests["sha256"],
        blake2_256=digests["blake2b"],
        md5=digests["md5"],
    )


def require_same_digests(upload: Upload, fields: Mapping[str, str]) -> None:
    """Compare the file's digests with those in the fields.

    Raises:
        InvalidUploadError: One differs.
    """
    for field, digest in (
        ("sha256_digest", upload.sha256),
        ("md5_digest", upload.md5),
        ("blake2_256_digest", upload.blake2_256),
    ):
        if fields.get(field) and fields[field].lower() != digest:
            raise InvalidUploadError(
                "The digest supplied does not match a digest calculated from the uploaded file: "
                f"{field}."
            )


def _check_filename(filename: str, fields: Mapping[str, str]) -> None:
    """Compare the file's name with the metadata fields."""
    name, version = parse_filename(filename)
    project, field_version = fields.get("name", ""), fields.get("version", "")
    if canonicalize_name(project) != name:
        raise InvalidUploadError(f"File name {filename!r} is not one of project {project!r}.")
    if parse_version(field_version) != version:
        raise InvalidUploadError(f"File name {filename!r} is not one of version {field_version!r}.")


def _digests(stream: IO[bytes]) -> dict[str, str]:
    hashes: dict[str, Any] = {
        "sha256": hashlib.sha256(),
        "md5": hashlib.md5(usedforsecurity=False),
        "blake2b": hashlib.blake2b(digest_size=32),
    }
    while chunk := stream.read(_CHUNK_BYTES):
        for running_hash in hashes.values():
            running_hash.update(chunk)
    return {algorithm: file_hash.hexdigest() for algorithm, file_hash in hashes.items()}
