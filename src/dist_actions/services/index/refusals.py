"""Puts an index that cannot be read into words that say what to change; pure."""

from dist_actions.errors import UploadError
from dist_actions.services.refusals import Cause

_SHOWN_CHARACTERS = 200

_BY_STATUS = {
    401: Cause(
        why="the index does not know this user and password, or the token has expired.",
        fix="check username and password; with federation, run the job again.",
        anchor="index-unreadable",
    ),
    403: Cause(
        why="the account may not read there; in Artifact Registry also: there is no such "
        "repository, or the location is wrong.",
        fix="in Artifact Registry, compare location, project and repository with `gcloud artifacts "
        "repositories list`, and grant the account roles/artifactregistry.writer on the "
        "repository, which includes reading; elsewhere check username, password and index-url.",
        anchor="index-unreadable",
    ),
}
_OTHER = Cause(
    why="the address is not that of a Python index, or a proxy answered in its place.",
    fix="open the address in a browser; compare index-url, or project, location and repository.",
    anchor="index-unreadable",
)


def explain_unreadable(
    index_url: str, problem: str, *, status: int = 200, said: str = ""
) -> UploadError:
    """The error for an index whose page of a project cannot be used.

    Args:
        index_url: Where it is read.
        problem: What was seen: `HTTP 403`, `it is not the page of a project`.
        status: HTTP status of its answer.
        said: Its answer; a page is left out of the message.
    """
    words = "" if said.lstrip().startswith("<") else " ".join(said.split())[:_SHOWN_CHARACTERS]
    words = words.rstrip(".")
    cause = _BY_STATUS.get(status, _OTHER)
    return UploadError(
        f"The index {index_url} cannot be read: {problem}{f': {words}' if words else ''}.",
        why=cause.why,
        fix=cause.fix,
        anchor=cause.anchor,
    )


def explain_redirect(index_url: str, location: str) -> UploadError:
    """The error for an index that sends its readers elsewhere.

    Args:
        index_url: Where it is read.
        location: Where it redirects to.
    """
    return UploadError(
        f"The index {index_url} redirects to {location[:_SHOWN_CHARACTERS] or 'nowhere'}.",
        why="credentials are sent to the address that was given, and nowhere else.",
        fix="give the address that it redirects to, if you trust it.",
        anchor="index-redirects",
    )
