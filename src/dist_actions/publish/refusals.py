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
        body: Text of the answer.
        reason: Its reason phrase.
    """
    said = " ".join(body.split())[:_SHOWN_CHARACTERS] or reason
    why, fix, anchor = _CAUSES.get(
        status,
        (
            "the index does not accept this file; its answer says why.",
            "correct the package's metadata, raise the version, and release again.",
            "upload-refused",
        ),
    )
    return UploadError(
        f"{label} refused {file_name}: {said} (HTTP {status}).", why=why, fix=fix, anchor=anchor
    )


_CAUSES = {
    401: (
        "the index does not know this user or its token has expired.",
        "check the credentials; with federation, run the job again.",
        "upload-401",
    ),
    403: (
        "the account may not upload there, the repository does not exist, or the location is "
        "wrong: Artifact Registry answers all three alike.",
        "compare location, project and repository with `gcloud artifacts repositories list`, and "
        "grant the account roles/artifactregistry.writer on the repository.",
        "upload-403",
    ),
    404: (
        "there is no such repository at this location, or the account may not know of it.",
        "compare location, project and repository with `gcloud artifacts repositories list`.",
        "upload-403",
    ),
    413: (
        "the file is larger than the index accepts.",
        "make the file smaller, or ask for a higher limit.",
        "upload-refused",
    ),
}
