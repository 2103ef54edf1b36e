"""What it means that an index sends its readers elsewhere; pure."""

from urllib.parse import unquote, urljoin, urlsplit

from packaging.utils import NormalizedName, canonicalize_name

from dist_actions.abbreviation import QUOTED_PAGE
from dist_actions.errors import UploadError
from dist_actions.job.endpoints import is_safe_url, origin
from dist_actions.services.answers import is_redirect


def forwarding_target(status: int, url: str, location: str, project: NormalizedName) -> str:
    """Find where an index forwards the readers of a project that it does not have; empty for no.

    It answers with the page of the same project on another host. Whoever asks for a login, or has
    moved, redirects to another page.

    Args:
        status: HTTP status of its answer.
        url: Who answered.
        location: Where the answer redirects.
    """
    try:
        target = urljoin(url, location)
        path = urlsplit(target).path
    except ValueError:
        return ""
    name = unquote(path).rstrip("/").rpartition("/")[2]
    is_elsewhere = is_safe_url(target) and origin(target) != origin(url)
    forwards = is_redirect(status) and is_elsewhere and canonicalize_name(name) == project
    return target if forwards else ""


def explain_redirect(index_url: str, url: str, location: str) -> UploadError:
    """Explain that an index sends its readers where they are not sent on.

    Args:
        index_url: As it was given.
        url: Who redirects; another page of the same host once redirects were followed.
        location: Where to.
    """
    message = f"The index {index_url} redirects to {location[:QUOTED_PAGE] or 'nowhere'}."
    try:
        stays = bool(location) and origin(urljoin(url, location)) == origin(url)
    except ValueError:
        stays = False
    if stays:
        return UploadError(
            message,
            why="it redirects within its own host again and again, so no page is ever shown.",
            fix="open index-url in a browser, and give the address at which the index shows its "
            "projects.",
            anchor="index-redirects",
        )
    return UploadError(
        message,
        why="credentials are sent to the address that was given, and nowhere else.",
        fix="give the address that it redirects to, if you trust it.",
        anchor="index-redirects",
    )


def explain_forwarded_upload(label: str, names: str, index_url: str, target: str) -> UploadError:
    """Explain that the page of what was uploaded forwards to another index.

    Args:
        label: How messages name the index.
        names: Of the files that it took.
        index_url: Where they should be read.
        target: Where that forwards.
    """
    return UploadError(
        f"{label} accepted {names}, but {index_url} forwards to {target[:QUOTED_PAGE]}.",
        why="index-url is not where this repository shows what it takes, so nothing proves that "
        "the files are there.",
        fix="set index-url to the address that pip installs this repository's packages from, and "
        "run the job again; files that are there are not sent again.",
        anchor="index-redirects",
    )
