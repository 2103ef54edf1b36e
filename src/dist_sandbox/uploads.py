"""Reads an upload of a distribution, and checks that its parts tell one story.

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
from packaging.version import InvalidVersion, Version
from werkzeug.datastructures import MultiDict

#: Form field by name of the digest's algorithm in `hashlib`.
_DIGEST_FIELDS = {"sha256": "sha256_digest", "md5": "md5_digest", "blake2b": "blake2_256_digest"}

_CHUNK_BYTES = 2**20

#: What the fields may have together; a long README travels as the field `description`.
_FIELDS_LIMIT_BYTES = 16 * 2**20


class InvalidUploadError(Exception):
    """An upload that no index takes; the text is the answer's."""


@dataclass(frozen=True)
class Upload:
    """One distribution as it was sent.

    Attributes:
        content: The file, at its beginning; open until the request ends.
        sha256: Hex digest of the file.
        blake2_256: The same by BLAKE2b with 32 bytes.
    """

    filename: str
    content: IO[bytes]
    size_bytes: int
    sha256: str
    blake2_256: str


def read_fields(request: Request) -> MultiDict[str, str]:
    """The form's fields, which may be as long as a README."""
    request.max_form_memory_size = _FIELDS_LIMIT_BYTES
    return request.form


def parse_upload(request: Request) -> Upload:
    """The distribution in a multipart upload.

    Raises:
        InvalidUploadError: A part is missing, the file's name is no distribution's or tells
            another project or version than the fields, or a digest differs.
    """
    fields = read_fields(request)
    if fields.get(":action") != "file_upload":
        raise InvalidUploadError(f"Unsupported ':action': {fields.get(':action', '')!r}.")
    sent = request.files.get("content")
    if sent is None or not sent.filename:
        raise InvalidUploadError("Missing file part 'content'.")
    _check_filename(sent.filename, fields)
    digests = _check_digests(sent.stream, fields)
    size = sent.stream.seek(0, os.SEEK_END)
    sent.stream.seek(0)
    return Upload(
        filename=sent.filename,
        content=sent.stream,
        size_bytes=size,
        sha256=digests["sha256"],
        blake2_256=digests["blake2b"],
    )


def _check_filename(filename: str, fields: Mapping[str, str]) -> None:
    """Compare the file's name with the metadata fields."""
    name, version = _parse_filename(filename)
    given_name, given_version = fields.get("name", ""), fields.get("version", "")
    if canonicalize_name(given_name) != name:
        raise InvalidUploadError(f"File name {filename!r} is not one of project {given_name!r}.")
    try:
        same = Version(given_version) == version
    except InvalidVersion:
        same = False
    if not same:
        raise InvalidUploadError(f"File name {filename!r} is not one of version {given_version!r}.")


def _parse_filename(filename: str) -> tuple[NormalizedName, Version]:
    try:
        if filename.endswith(".whl"):
            name, version, _, _ = parse_wheel_filename(filename)
        else:
            name, version = parse_sdist_filename(filename)
    except (InvalidSdistFilename, InvalidWheelFilename) as error:
        raise InvalidUploadError(f"Invalid file name {filename!r}.") from error
    return name, version


def _check_digests(stream: IO[bytes], fields: Mapping[str, str]) -> dict[str, str]:
    """The file's digests, once those that the fields give are the same."""
    digests: dict[str, Any] = {
        "sha256": hashlib.sha256(),
        "md5": hashlib.md5(usedforsecurity=False),
        "blake2b": hashlib.blake2b(digest_size=32),
    }
    while chunk := stream.read(_CHUNK_BYTES):
        for digest in digests.values():
            digest.update(chunk)
    found = {algorithm: digest.hexdigest() for algorithm, digest in digests.items()}
    for algorithm, field_name in _DIGEST_FIELDS.items():
        given = fields.get(field_name)
        if given and given.lower() != found[algorithm]:
            raise InvalidUploadError(f"The file's {algorithm} digest differs from {field_name!r}.")
    return found
