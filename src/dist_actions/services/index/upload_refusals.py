"""Puts an index's refusal of an upload into words that say what to change; pure."""

import html
import re

from dist_actions.errors import UploadError
from dist_actions.services.refusals import Cause, find_cause

_SHOWN_CHARACTERS = 300
_TITLE = re.compile(r"<title>\s*(?:[0-9]{3}\s)?(.*?)</title>", re.DOTALL | re.IGNORECASE)


def says_exists(status: int, body: str) -> bool:
    """Whether the answer means that a file of this name is there, whatever its bytes are."""
    return status == 409 or (status == 400 and "already exists" in body.lower())


def explain_upload_refusal(
    label: str, file_name: str, status: int, body: str, reason: str
) -> UploadError:
    """The error for an upload that was answered with neither success nor a passing failure.

    Args:
        label: How messages name the index.
        file_name: The distribution.
        status: HTTP status.
        body: Text of the answer; of a page only its title is shown, where PyPI writes the cause.
        reason: Its reason phrase, where older servers do.
    """
    said = _said(body, reason)
    cause = find_cause(_SAID, f"{said} {reason}")
    if cause is None:
        cause = _REDIRECTED if 300 <= status < 400 else _BY_STATUS.get(status, _OTHER)
    return UploadError(
        f"{label} refused {file_name}: {said.rstrip('.')} (HTTP {status}).",
        why=cause.why,
        fix=cause.fix,
        anchor=cause.anchor,
    )


def _said(body: str, reason: str) -> str:
    """The index's own words, on one line."""
    text = body
    if body.lstrip().startswith("<"):
        title = _TITLE.search(body)
        text = html.unescape(title[1]) if title else reason
    return " ".join(text.split())[:_SHOWN_CHARACTERS] or reason


_NEXT_VERSION = "raise the version, and release again."
#: Causes by what the index says, in the order of asking.
_SAID = (
    (
        "filename has already been used",
        Cause(
            why="a file of this name was there and was deleted; PyPI never gives a name out again.",
            fix=_NEXT_VERSION,
            anchor="burnt-name",
        ),
    ),
    (
        "previously used by a file that has since been deleted",
        Cause(
            why="a file of this name was there and was deleted; PyPI never gives a name out again.",
            fix=_NEXT_VERSION,
            anchor="burnt-name",
        ),
    ),
    (
        "releases older than 14 days",
        Cause(
            why="this version has been there for more than 14 days, and takes no new files.",
            fix=_NEXT_VERSION,
            anchor="closed-release",
        ),
    ),
    (
        "too similar",
        Cause(
            why="another project has a name that looks like this one.",
            fix="choose another name.",
            anchor="project-name",
        ),
    ),
    (
        "isn't allowed to upload to project",
        Cause(
            why="the project belongs to others.",
            fix="ask an owner of the project to add you; or, if only the name is the same, choose "
            "another one.",
            anchor="foreign-project",
        ),
    ),
    (
        "not valid for project",
        Cause(
            why="the token is for another project: this one belongs to others, or the token's "
            "scope, or the publisher, names another.",
            fix="take a token of this project, or add the publisher on this project's page.",
            anchor="foreign-project",
        ),
    ),
    (
        "cannot create new projects",
        Cause(
            why="the project is not there, and the publisher is of a project with another name.",
            fix="write the same name into the package's metadata and the publisher.",
            anchor="trusted-publishing-pending",
        ),
    ),
    (
        "isn't allowed",
        Cause(
            why="nobody may have a project of this name.",
            fix="choose another name.",
            anchor="project-name",
        ),
    ),
    (
        "authentication information",
        Cause(
            why="the index does not know this token: it was deleted, mistyped, or is one of "
            "another index. PyPI and TestPyPI share no tokens.",
            fix="make an API token there, store it as the secret that password names, and leave "
            "username out.",
            anchor="upload-401",
        ),
    ),
    (
        "password authentication is no longer supported",
        Cause(
            why="PyPI takes API tokens alone, whose user is __token__.",
            fix="make an API token there, store it as the secret that password names, and leave "
            "username out.",
            anchor="upload-401",
        ),
    ),
    (
        "project size too large",
        Cause(
            why="all files of the project together are larger than the index accepts.",
            fix="delete old releases on the project's page, or ask the index for a higher limit.",
            anchor="file-size",
        ),
    ),
    (
        "file too large",
        Cause(
            why="the file is larger than the index accepts.",
            fix="make the file smaller, or ask the index for a higher limit.",
            anchor="file-size",
        ),
    ),
    (
        "attestation",
        Cause(
            why="the index does not accept the attestation, or its signer is no publisher of the "
            "project.",
            fix="publish by Trusted Publishing, from the publisher's own workflow; or set "
            "attestations to false.",
            anchor="attestations",
        ),
    ),
    (
        "virtual repositor",
        Cause(
            why="a virtual repository only gathers others, and takes no uploads.",
            fix="give the standard repository behind it as repository.",
            anchor="repository-kind",
        ),
    ),
    (
        "remote repositor",
        Cause(
            why="a remote repository mirrors another index, and takes no uploads.",
            fix="give a standard repository as repository.",
            anchor="repository-kind",
        ),
    ),
)
_REDIRECTED = Cause(
    why="the address of the repository redirects, and credentials are sent nowhere else.",
    fix="give the address that it redirects to, with a slash at its end, if you trust it.",
    anchor="index-redirects",
)
_OTHER = Cause(
    why="the index does not accept this file; its answer says why.",
    fix="correct what it names, raise the version, and release again.",
    anchor="upload-refused",
)
_TOO_LARGE = Cause(
    why="the file is larger than the index accepts.",
    fix="make the file smaller, or ask the index for a higher limit.",
    anchor="file-size",
)
_BY_STATUS = {
    401: Cause(
        why="the index does not know this user and password, or the token has expired.",
        fix="check username and password; with federation, run the job again.",
        anchor="upload-401",
    ),
    403: Cause(
        why="the account or token may not upload there; in Artifact Registry also: there is no "
        "such repository, or the location is wrong. It answers all three alike.",
        fix="in Artifact Registry, compare location, project and repository with `gcloud artifacts "
        "repositories list`, and grant the account roles/artifactregistry.writer on the "
        "repository; elsewhere take a token that may upload.",
        anchor="upload-403",
    ),
    404: Cause(
        why="there is no such repository at this address, or the account may not know of it.",
        fix="compare the address; in Artifact Registry location, project and repository with "
        "`gcloud artifacts repositories list`.",
        anchor="upload-403",
    ),
    413: _TOO_LARGE,
}
