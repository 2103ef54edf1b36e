"""Put an index's refusals of reads and uploads into words that say what to change; pure."""

import html
import re

from dist_actions.abbreviation import QUOTED_PAGE, quote_answer
from dist_actions.errors import UploadError
from dist_actions.services.answers import is_redirect
from dist_actions.services.refusals import Explanation, find_explanation

_TITLE = re.compile(r"<title>\s*(?:[0-9]{3}\s)?(.*?)</title>", re.DOTALL | re.IGNORECASE)

_UNREADABLE_BY_STATUS = {
    401: Explanation(
        why="the index does not know this user and password, or the token has expired.",
        fix="check username and password; with federation, run the job again.",
        anchor="index-unreadable",
    ),
    403: Explanation(
        why="the account may not read there; in Artifact Registry also: there is no such "
        "repository, or the location is wrong.",
        fix="in Artifact Registry, compare location, project and repository with `gcloud artifacts "
        "repositories list`, and grant the account roles/artifactregistry.writer on the "
        "repository, which includes reading; elsewhere check username, password and index-url.",
        anchor="index-unreadable",
    ),
}
#: For whoever only reads, by the inputs that say from where.
_NOT_ADMITTED = Explanation(
    why="the index does not know this user and password, they have expired, or they may not read "
    "there.",
    fix="check the inputs username and password; where they are right, let that user read.",
    anchor="index-unreadable",
)
_NOT_FOUND = Explanation(
    why="the address is not that of a simple index, or a proxy answered in its place.",
    fix="open the address in a browser, and compare it with the input indexes; the address of most "
    "ends with /simple/.",
    anchor="index-unreadable",
)
_UNREADABLE = Explanation(
    why="the address is not that of a Python index, or a proxy answered in its place.",
    fix="open the address in a browser; compare index-url, or project, location and repository.",
    anchor="index-unreadable",
)


def explain_unreadable(
    index_url: str, problem: str, *, status: int = 200, answer: str = "", publishes: bool = True
) -> UploadError:
    """Explain that an index's page of a project cannot be used.

    Args:
        problem: What was seen: `HTTP 403`, `it is not the page of a project`.
        status: HTTP status of its answer.
        answer: Its text; a page is left out of the message.
        publishes: Whether the job publishes there, by the inputs for that; else it only reads.
    """
    words = "" if answer.lstrip().startswith("<") else quote_answer(answer, QUOTED_PAGE)
    words = words.rstrip(".")
    explanation = _UNREADABLE_BY_STATUS.get(status, _UNREADABLE)
    if not publishes:
        explanation = _NOT_ADMITTED if status in _UNREADABLE_BY_STATUS else _NOT_FOUND
    return explanation.error(
        UploadError,
        f"The index {index_url} cannot be read: {problem}{f': {words}' if words else ''}.",
    )


def describe_unreadable(error: Exception) -> str:
    """Say what is wrong with a page, if another read may show it: a proxy can have answered."""
    return error.what.rstrip(".") if isinstance(error, UploadError) else ""


def says_exists(status: int, body: str) -> bool:
    """Tell whether the answer means that a file of this name is there, whatever its bytes are."""
    return status == 409 or (status == 400 and "already exists" in body.lower())


def explain_upload_refusal(
    label: str, file_name: str, status: int, body: str, reason: str
) -> UploadError:
    """Explain an upload that was answered with neither success nor a passing failure.

    Args:
        label: How messages name the index.
        body: Text of the answer; of a page only its title is shown, where PyPI says why.
        reason: Its reason phrase, where older servers do.
    """
    answer = _read_answer(body, reason)
    by_status = _REDIRECTED if is_redirect(status) else _REFUSED_BY_STATUS.get(status, _REFUSED)
    explanation = find_explanation(_REFUSED_BY_TEXT, f"{answer} {reason}") or by_status
    return explanation.error(
        UploadError, f"{label} refused {file_name}: {answer.rstrip('.')} (HTTP {status})."
    )


def _read_answer(body: str, reason: str) -> str:
    """Read the index's own words, on one line."""
    text = body
    if body.lstrip().startswith("<"):
        title = _TITLE.search(body)
        text = html.unescape(title[1]) if title else reason
    return quote_answer(text) or reason


_NEXT_VERSION = "raise the version, and release again."
_BURNT_NAME = Explanation(
    why="a file of this name was there and was deleted; PyPI never gives a name out again.",
    fix=_NEXT_VERSION,
    anchor="burnt-name",
)
_TOO_LARGE = Explanation(
    why="the file is larger than the index accepts.",
    fix="make the file smaller, or ask the index for a higher limit.",
    anchor="file-size",
)
#: By what the index says, in the order of asking.
_REFUSED_BY_TEXT = {
    "filename has already been used": _BURNT_NAME,
    "previously used by a file that has since been deleted": _BURNT_NAME,
    "releases older than 14 days": Explanation(
        why="this version has been there for more than 14 days, and takes no new files.",
        fix=_NEXT_VERSION,
        anchor="closed-release",
    ),
    "too similar": Explanation(
        why="another project has a name that looks like this one.",
        fix="choose another name.",
        anchor="project-name",
    ),
    "isn't allowed to upload to project": Explanation(
        why="the project belongs to others.",
        fix="ask an owner of the project to add you; or, if only the name is the same, choose "
        "another one.",
        anchor="foreign-project",
    ),
    "not valid for project": Explanation(
        why="the token is for another project: this one belongs to others, or the token's "
        "scope, or the publisher, names another.",
        fix="take a token of this project, or add the publisher on this project's page.",
        anchor="foreign-project",
    ),
    "cannot create new projects": Explanation(
        why="the project is not there, and the publisher is of a project with another name.",
        fix="write the same name into the package's metadata and the publisher.",
        anchor="trusted-publishing-pending",
    ),
    "isn't allowed": Explanation(
        why="nobody may have a project of this name.",
        fix="choose another name.",
        anchor="project-name",
    ),
    "authentication information": Explanation(
        why="the index does not know this token: it was deleted, mistyped, or is one of "
        "another index. PyPI and TestPyPI share no tokens.",
        fix="make an API token there, store it as the secret that password names, and leave "
        "username out.",
        anchor="upload-401",
    ),
    "password authentication is no longer supported": Explanation(
        why="PyPI takes API tokens alone, whose user is __token__.",
        fix="make an API token there, store it as the secret that password names, and leave "
        "username out.",
        anchor="upload-401",
    ),
    "project size too large": Explanation(
        why="all files of the project together are larger than the index accepts.",
        fix="delete old releases on the project's page, or ask the index for a higher limit.",
        anchor="file-size",
    ),
    "file too large": _TOO_LARGE,
    "attestation": Explanation(
        why="the index does not accept the attestation, or its signer is no publisher of the "
        "project.",
        fix="publish by Trusted Publishing, from the publisher's own workflow; or set "
        "attestations to false.",
        anchor="attestations",
    ),
    "virtual repositor": Explanation(
        why="a virtual repository only gathers others, and takes no uploads.",
        fix="give the standard repository behind it as repository.",
        anchor="repository-kind",
    ),
    "remote repositor": Explanation(
        why="a remote repository mirrors another index, and takes no uploads.",
        fix="give a standard repository as repository.",
        anchor="repository-kind",
    ),
}
_REDIRECTED = Explanation(
    why="the address of the repository redirects, and credentials are sent nowhere else.",
    fix="give the address that it redirects to, with a slash at its end, if you trust it.",
    anchor="index-redirects",
)
_REFUSED = Explanation(
    why="the index does not accept this file; its answer says why.",
    fix="correct what it names, raise the version, and release again.",
    anchor="upload-refused",
)
_REFUSED_BY_STATUS = {
    401: Explanation(
        why="the index does not know this user and password, or the token has expired.",
        fix="check username and password; with federation, run the job again.",
        anchor="upload-401",
    ),
    403: Explanation(
        why="the account or token may not upload there; in Artifact Registry also: there is no "
        "such repository, or the location is wrong. It answers all three alike.",
        fix="in Artifact Registry, compare location, project and repository with `gcloud artifacts "
        "repositories list`, and grant the account roles/artifactregistry.writer on the "
        "repository; elsewhere take a token that may upload.",
        anchor="upload-403",
    ),
    404: Explanation(
        why="there is no such repository at this address, or the account may not know of it.",
        fix="compare the address; in Artifact Registry location, project and repository with "
        "`gcloud artifacts repositories list`.",
        anchor="upload-403",
    ),
    413: _TOO_LARGE,
}
