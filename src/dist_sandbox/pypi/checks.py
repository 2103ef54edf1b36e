"""What an index checks before it accepts a file, each refusal in PyPI's words.

Nothing here changes the index. A file that it has already is recognised by `is_duplicate`.
"""

import tarfile
import zipfile
import zlib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from packaging.metadata import ExceptionGroup, Metadata, RawMetadata
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version
from werkzeug.datastructures import MultiDict

from dist_sandbox.pypi.answers import help_url, refuse
from dist_sandbox.pypi.projects import IndexProject
from dist_sandbox.pypi.state import PackageIndex
from dist_sandbox.pypi.tokens import ApiToken
from dist_sandbox.uploads import Upload

#: How long a release takes new files. Source: PyPI, since July 2026.
RELEASE_OPEN_FOR = timedelta(days=14)

_MEBIBYTE = 2**20
_GIBIBYTE = 2**30

_TEXTS = (
    "metadata_version",
    "name",
    "version",
    "summary",
    "description",
    "description_content_type",
    "requires_python",
    "license_expression",
)
_LISTS = ("requires_dist", "provides_extra", "dynamic", "license_file")

#: Which wrong field is reported first; the others' errors often follow from these.
_FIRST_FIELDS = ("metadata-version", "name", "version")

#: The only wheels for plain Linux that PyPI takes: those of 32-bit Raspberry Pis.
_LINUX_WITHOUT_STANDARD = ("linux_armv6l", "linux_armv7l")

#: Letters that look alike, for names that are too similar.
_ALIKE = str.maketrans({"0": "o", "1": "l", "i": "l", "-": None})


def check_metadata(fields: MultiDict[str, str]) -> Metadata:
    """Read the core metadata in an upload's fields."""
    raw: dict[str, Any] = {name: fields[name] for name in _TEXTS if fields.get(name)}
    for name in _LISTS:
        if fields.getlist(name):
            raw["license_files" if name == "license_file" else name] = fields.getlist(name)
    try:
        metadata = Metadata.from_raw(RawMetadata(**raw))  # type: ignore[typeddict-item]
    except ExceptionGroup as group:
        errors = sorted(group.exceptions, key=_importance)
        refuse(400, f"{str(errors[0]).rstrip('.')}. See the core metadata specification.")
    if metadata.version.local:
        refuse(400, f"The use of local versions in {str(metadata.version)!r} is not allowed.")
    return metadata


def check_scope(token: ApiToken, name: str, *, now: datetime) -> None:
    """Refuse a token that is not valid for a project of this name."""
    if token.expires_at is not None and now >= token.expires_at:
        refuse(403, "Invalid API Token: token is expired")
    if token.projects is None or canonicalize_name(name) in token.projects:
        return
    kind = "project-scoped" if token.publisher is None else "OIDC scoped"
    refuse(403, f"Invalid API Token: {kind} token is not valid for project: {name!r}")


def check_new_project(index: PackageIndex, name: str, token: ApiToken) -> None:
    """Refuse a token that may not create a project of this name by its first upload."""
    if token.publisher is not None:
        refuse(
            400,
            "Non-user identities cannot create new projects. This was probably caused by "
            "successfully using a pending publisher but specifying the project name incorrectly "
            "(either in the publisher or in your project's metadata). Please ensure that both "
            "match.",
        )
    problem = find_name_problem(index, name)
    if problem:
        refuse(400, f"{problem} See {help_url('project-name')} for more information.")


def find_name_problem(index: PackageIndex, name: str) -> str:
    """Say why a new project may not have this name; empty where it may."""
    normalized_name = canonicalize_name(name)
    if normalized_name in index.settings.prohibited_names:
        return f"The name {name!r} isn't allowed."
    look = _look(normalized_name)
    if any(_look(project_name) == look for project_name in index.projects):
        return f"The name {name!r} is too similar to an existing project."
    return ""


def check_size(index: PackageIndex, project: IndexProject, upload: Upload) -> None:
    """Refuse a file that exceeds its limit or the project's."""
    limit = index.settings.file_size_limit_bytes
    if upload.size_bytes > limit:
        refuse(
            400,
            f"File too large. Limit for project {project.name!r} is {limit // _MEBIBYTE} MB. "
            f"See {help_url('file-size-limit')} for more information.",
        )
    limit = index.settings.project_size_limit_bytes
    if project.size_bytes + upload.size_bytes > limit:
        refuse(
            400,
            f"Project size too large. Limit for project {project.name!r} total size is "
            f"{limit // _GIBIBYTE} GB. See {help_url('project-size-limit')}",
        )


def is_duplicate(index: PackageIndex, upload: Upload) -> bool:
    """Tell whether the index has this file already; refuse its name or bytes in another file."""
    files = [
        file
        for project in index.projects.values()
        for file in project.files.values()
        if file.filename == upload.filename or file.blake2_256 == upload.blake2_256
    ]
    has_it = any(
        file.filename == upload.filename and file.sha256 == upload.sha256 for file in files
    )
    if files and not has_it:
        refuse(
            400,
            f"File already exists ({upload.filename!r}, with blake2_256 hash "
            f"{upload.blake2_256!r}). See {help_url('file-name-reuse')} for more information.",
        )
    return has_it


def check_release(
    index: PackageIndex, project: IndexProject, version: Version, upload: Upload, *, now: datetime
) -> None:
    """Refuse a file that its release may not get: a used name, an old release, a second sdist."""
    if upload.filename in index.used_filenames:
        refuse(
            400,
            "This filename was previously used by a file that has since been deleted. Use a "
            f"different version. See {help_url('file-name-reuse')} for more information.",
        )
    created = project.releases.get(version)
    if created is not None and created < now - RELEASE_OPEN_FOR:
        refuse(
            400,
            f"Uploading new files to releases older than {RELEASE_OPEN_FOR.days} days is not "
            "allowed.",
        )
    sdists = [file for file in project.files.values() if file.is_sdist and file.version == version]
    if sdists and not upload.filename.endswith(".whl"):
        refuse(400, "Only one sdist may be uploaded per release.")


def check_filename(filename: str, metadata: Metadata) -> None:
    """Refuse a file whose name is not normalized, or whose platform no other machine has.

    Spec: https://peps.python.org/pep-0625/ and the binary distribution format
    """
    name = canonicalize_name(metadata.name).replace("-", "_")
    if not filename.endswith(".whl"):
        expected = f"{name}-{metadata.version}.tar.gz"
        if filename != expected:
            refuse(400, f"Filename {filename!r} is invalid, should be {expected!r}.")
        return
    project = filename.partition("-")[0]
    if project != name:
        refuse(
            400,
            f"Filename {filename!r} should contain the normalized project name {name!r}, not "
            f"{project!r}.",
        )
    for platform in filename.removesuffix(".whl").rpartition("-")[2].split("."):
        if platform.startswith("linux_") and not platform.startswith(_LINUX_WITHOUT_STANDARD):
            refuse(
                400,
                f"Binary wheel {filename!r} has an unsupported platform tag {platform!r}.",
            )


def read_distribution(file: Path, filename: str) -> bytes:
    """Read the core metadata in a wheel, empty for an sdist; either must be what its name says.

    Args:
        file: Where the bytes are, under whichever name.
    """
    try:
        if filename.endswith(".whl"):
            return _wheel_metadata(file, filename)
        _check_sdist(file)
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, OSError):
        refuse(400, "Invalid distribution file. The archive cannot be read.")
    return b""


def _check_sdist(file: Path) -> None:
    with tarfile.open(file, mode="r:gz") as archive:
        names = [member.name for member in archive]
    if not any(name.count("/") == 1 and name.endswith("/PKG-INFO") for name in names):
        refuse(400, "Invalid distribution file. PKG-INFO not found at the top of the sdist.")


def _wheel_metadata(file: Path, filename: str) -> bytes:
    folder = f"{'-'.join(filename.split('-', 2)[:2])}.dist-info"
    with zipfile.ZipFile(file) as archive:
        names = frozenset(archive.namelist())
        for name in ("WHEEL", "RECORD", "METADATA"):
            if f"{folder}/{name}" not in names:
                refuse(
                    400,
                    f"Wheel {filename!r} does not contain the required {name} file: "
                    f"{folder}/{name}",
                )
        return archive.read(f"{folder}/METADATA")


def _look(name: NormalizedName) -> str:
    """Return what is the same for names that look alike."""
    return name.translate(_ALIKE)


def _importance(error: Exception) -> tuple[int, str]:
    name = str(getattr(error, "field", ""))
    rank = _FIRST_FIELDS.index(name) if name in _FIRST_FIELDS else len(_FIRST_FIELDS)
    return rank, name
