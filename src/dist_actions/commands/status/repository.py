"""Which repository on GitHub a checkout belongs to, and by which token it is read."""

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from dist_actions.errors import GitError, InputError
from dist_actions.identity.secret import Secret
from dist_actions.services.git.checkout import Git

_NAME = re.compile(r"[A-Za-z0-9._-]+/[A-Za-z0-9._-]+", re.ASCII)
#: `git@github.com:owner/name.git`, which is no URL.
_SCP_FORM = re.compile(r"(?:[^@/]+@)?(?P<host>[^:/]+):(?P<path>[^:]+)")
_PUBLIC_SERVER = "https://github.com"
#: In characters; what is longer is cut in messages.
_SHOWN = 100


def find_repository(given: str, environ: Mapping[str, str], folder: Path) -> str:
    """The repository as `owner/name`: given, of the workflow run, or that of the remote `origin`.

    Raises:
        InputError: There is none, it is not written like that, or `origin` is another server's:
            the token would be sent there.
    """
    if name := given or environ.get("GITHUB_REPOSITORY", ""):
        if not _NAME.fullmatch(name):
            raise _unknown(f"{name[:_SHOWN]!r} is no repository.", "it is written OWNER/NAME.")
        return name
    try:
        url = Git(folder, environ).run("remote", "get-url", "origin")
    except GitError as error:
        raise _unknown(
            "It is not known which repository is meant.",
            "this folder is no clone with a remote `origin`.",
        ) from error
    host, path = _taken_apart(url)
    server = environ.get("GITHUB_SERVER_URL") or _PUBLIC_SERVER
    name = path.strip("/").removesuffix(".git")
    if host != urlsplit(server).hostname or not _NAME.fullmatch(name):
        raise _unknown(
            f"The remote `origin` is no repository at {server}.",
            "it leads elsewhere; a server of your own is named by the variables GITHUB_SERVER_URL "
            "and GITHUB_API_URL.",
        )
    return name


def find_token(environ: Mapping[str, str]) -> Secret:
    """The token of the environment: `GH_TOKEN`, else `GITHUB_TOKEN`.

    Raises:
        InputError: There is none.
    """
    token = environ.get("GH_TOKEN") or environ.get("GITHUB_TOKEN") or ""
    if not token.strip():
        raise InputError(
            "There is no token for GitHub.",
            why="releases, tags and branches are read from there, and neither GH_TOKEN nor "
            "GITHUB_TOKEN is set.",
            fix='run `export GH_TOKEN="$(gh auth token)"`; in a workflow give the step '
            "`GH_TOKEN: ${{ github.token }}`.",
            anchor="status",
        )
    return Secret(token.strip())


def _taken_apart(url: str) -> tuple[str, str]:
    """Host and path of a remote's address; both empty for a folder."""
    if "://" in url:
        parts = urlsplit(url)
        return parts.hostname or "", parts.path
    found = _SCP_FORM.fullmatch(url)
    return (found["host"], found["path"]) if found else ("", "")


def _unknown(what: str, why: str) -> InputError:
    return InputError(what, why=why, fix="name it by --repository OWNER/NAME.", anchor="status")
