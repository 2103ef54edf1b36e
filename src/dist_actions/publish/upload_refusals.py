"""Puts an index's refusal of an upload into words that say what to change; pure."""

from dist_actions.errors import UploadError

_SHOWN_CHARACTERS = 300


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
        body: Text of the answer; HTML is left out of the message.
        reason: Its reason phrase, which is where PyPI writes the cause.
    """
    told = f"{body} {reason}".lower()
    shown = reason if body.lstrip().startswith("<") else body
    said = " ".join(shown.split())[:_SHOWN_CHARACTERS] or reason
    why, fix, anchor = next(
        (row for text, row in _SAID if text in told),
        _REDIRECTED if 300 <= status < 400 else _BY_STATUS.get(status, _OTHER),
    )
    return UploadError(
        f"{label} refused {file_name}: {said} (HTTP {status}).", why=why, fix=fix, anchor=anchor
    )


#: Causes by what the index says, in the order of asking.
_SAID = (
    (
        "filename has already been used",
        (
            "a file of this name was there and was deleted; PyPI never gives a name out again.",
            "raise the version, and release again.",
            "burnt-name",
        ),
    ),
    (
        "14 days",
        (
            "this version is there for more than 14 days, and takes no new files.",
            "raise the version, and release again.",
            "closed-release",
        ),
    ),
    (
        "too similar",
        (
            "another project has a name that looks like this one.",
            "choose another name.",
            "project-name",
        ),
    ),
    (
        "isn't allowed to upload to project",
        (
            "the project belongs to others, or the token is for another project.",
            "ask an owner to add you, or take a token of this project.",
            "upload-403",
        ),
    ),
    (
        "file too large",
        (
            "the file is larger than the index accepts.",
            "make the file smaller, or ask for a higher limit.",
            "file-size",
        ),
    ),
    (
        "project size too large",
        (
            "all files of the project together are larger than the index accepts.",
            "delete old releases, or ask for a higher limit.",
            "file-size",
        ),
    ),
    (
        "attestation",
        (
            "the index does not accept the attestation, or its signer is no publisher of it.",
            "publish to PyPI by Trusted Publishing, from the workflow of the publisher; or set "
            "attestations to false.",
            "attestations",
        ),
    ),
    (
        "virtual repositor",
        (
            "a virtual repository only gathers others, and takes no uploads.",
            "give the standard repository behind it as repository.",
            "repository-kind",
        ),
    ),
    (
        "remote repositor",
        (
            "a remote repository mirrors another index, and takes no uploads.",
            "give a standard repository as repository.",
            "repository-kind",
        ),
    ),
)
_REDIRECTED = (
    "the address of the repository redirects, and credentials are sent nowhere else.",
    "give the address that it redirects to, with a slash at its end, if you trust it.",
    "index-redirects",
)
_OTHER = (
    "the index does not accept this file; its answer says why.",
    "correct the package's metadata, raise the version, and release again.",
    "upload-refused",
)
_BY_STATUS = {
    401: (
        "the index does not know this user or its token has expired.",
        "check the credentials; with federation, run the job again.",
        "upload-401",
    ),
    403: (
        "the account or token may not upload there; in Artifact Registry also a repository that "
        "does not exist, or a wrong location: it answers all three alike.",
        "on PyPI, take a token of this project; in Artifact Registry, compare location, project "
        "and repository with `gcloud artifacts repositories list`, and grant the account "
        "roles/artifactregistry.writer on the repository.",
        "upload-403",
    ),
    404: (
        "there is no such repository at this address, or the account may not know of it.",
        "compare the address; in Artifact Registry location, project and repository with "
        "`gcloud artifacts repositories list`.",
        "upload-403",
    ),
    413: (
        "the file is larger than the index accepts.",
        "make the file smaller, or ask for a higher limit.",
        "file-size",
    ),
}
