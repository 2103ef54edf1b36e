"""What an index checks before it accepts a file, each refusal in PyPI's words.

Nothing here changes the index. A file that it has already is recognised by `is_duplicate`.
"""

from datetime import datetime, timedelta

from packaging.metadata import Metadata
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from dist_actions.distributions.pypi_rules.contents import Contents, find_content_problems
from dist_actions.distributions.pypi_rules.file_names import (
    find_name_problems,
    find_project_problems,
)
from dist_sandbox.pypi.answers import help_url, refuse
from dist_sandbox.pypi.forms import ENDINGS
from dist_sandbox.pypi.projects import IndexProject
from dist_sandbox.pypi.state import PackageIndex
from dist_sandbox.pypi.tokens import ApiToken
from dist_sandbox.uploads import Upload

#: How long a release takes new files. Source: PyPI, since July 2026.
RELEASE_OPEN_FOR = timedelta(days=14)

_MEBIBYTE = 2**20
_GIBIBYTE = 2**30

#: Letters that look alike, for names that are too similar.
_ALIKE = str.maketrans({"0": "o", "1": "l", "i": "l", "-": None})


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
    for problem in find_project_problems(name):
        return problem.text
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


def check_ending(filename: str, filetype: str) -> None:
    """Refuse a file whose name cannot be one of its type's."""
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in filename):
        refuse(400, "Cannot upload a file with non-printable characters in the name.")
    if "/" in filename or "\\" in filename:
        refuse(400, "Cannot upload a file with '/' or '\\' in the name.")
    endings = tuple(ending for known in ENDINGS.values() for ending in known)
    ending = next((ending for ending in endings if filename.endswith(ending)), None)
    if ending is None:
        refuse(400, "Invalid file extension: Use .tar.gz, .whl or .zip extension.")
    if ending not in ENDINGS[filetype]:
        refuse(
            400,
            f"Invalid file extension: Extension {ending} is invalid for filetype {filetype}.",
        )


def check_filename(filename: str, metadata: Metadata) -> None:
    """Refuse a file whose name is not the normalised one, or whose platform PyPI does not know."""
    for problem in find_name_problems(filename, metadata.name, metadata.version):
        refuse(400, problem.text)


def check_contents(contents: Contents, metadata: Metadata) -> None:
    """Refuse a file for what is in it, or is missing."""
    for problem in find_content_problems(contents, metadata):
        refuse(400, problem.text)


def _look(name: NormalizedName) -> str:
    """Return what is the same for names that look alike."""
    return name.translate(_ALIKE)
