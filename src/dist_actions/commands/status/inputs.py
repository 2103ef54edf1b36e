"""Which repository the status is about, and with what GitHub and the indexes are read."""

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from dist_actions.abbreviation import QUOTED_NAME
from dist_actions.errors import GitError, InputError
from dist_actions.identity.secret import Secret
from dist_actions.indexes.environment_indexes import IndexReaders, read_index_readers
from dist_actions.job.endpoints import GoogleEndpoints
from dist_actions.job.inputs import InputReader
from dist_actions.services.git.checkout import Git

#: The inputs of promote that say how an index is read, by the variables that usually hold them.
_INDEX_VARIABLES = {
    "indexes": "INDEXES",
    "workload-identity-provider": "READER_WIF_PROVIDER",
    "service-account": "READER_SA_EMAIL",
    "username": "INDEX_USERNAME",
    "password": "INDEX_PASSWORD",
}
_NAME = re.compile(r"[A-Za-z0-9._-]+/[A-Za-z0-9._-]+", re.ASCII)
#: `git@github.com:owner/name.git`, which is no URL.
_SCP_FORM = re.compile(r"(?:[^@/]+@)?(?P<host>[^:/]+):(?P<path>[^:]+)")
_PUBLIC_SERVER = "https://github.com"
#: What a header may hold.
_TOKEN = re.compile(r"[!-~]+", re.ASCII)


def find_repository(name: str, environ: Mapping[str, str], folder: Path) -> str:
    """Find the repository's `owner/name`: the argument, the workflow run's, or that of `origin`.

    Raises:
        InputError: There is none, it is not written like that, or `origin` is another server's:
            the token would be sent there.
    """
    if name := name or environ.get("GITHUB_REPOSITORY", ""):
        if not _NAME.fullmatch(name):
            raise _unknown_repository(
                f"{name[:QUOTED_NAME]!r} is no repository.", "it is written OWNER/NAME."
            )
        return name
    try:
        git = Git.asking(folder, environ, own_configuration=True)
        url = git.run("remote", "get-url", "origin")
    except GitError as error:
        raise _unknown_repository(
            "It is not known which repository is meant.",
            "this folder is no clone with a remote `origin`.",
        ) from error
    host, path = _split_url(url)
    server = environ.get("GITHUB_SERVER_URL") or _PUBLIC_SERVER
    name = path.strip("/").removesuffix(".git")
    if host != urlsplit(server).hostname or not _NAME.fullmatch(name):
        raise _unknown_repository(
            f"The remote `origin` is no repository at {server}.",
            "it leads elsewhere; a server of your own is named by the variables GITHUB_SERVER_URL "
            "and GITHUB_API_URL.",
        )
    return name


def has_token(environ: Mapping[str, str]) -> bool:
    """Tell whether the environment holds a token, be it usable or not."""
    return bool(_read_token(environ))


def _read_token(environ: Mapping[str, str]) -> str:
    return (environ.get("GH_TOKEN") or environ.get("GITHUB_TOKEN") or "").strip()


def find_token(environ: Mapping[str, str]) -> Secret:
    """Read the token of the environment: `GH_TOKEN`, else `GITHUB_TOKEN`.

    Raises:
        InputError: There is none, or it cannot be one.
    """
    token = _read_token(environ)
    if not token:
        raise InputError(
            "There is no token for GitHub.",
            why="releases, tags and branches are read from there, and neither GH_TOKEN nor "
            "GITHUB_TOKEN is set.",
            fix='run `export GH_TOKEN="$(gh auth token)"`; in a workflow write '
            "`GH_TOKEN: ${{ github.token }}` into `env:`.",
            anchor="status",
        )
    if not _TOKEN.fullmatch(token):
        raise InputError(
            "The token for GitHub holds a character that no token has.",
            why="no request could carry it; a line break is often pasted along.",
            fix='run `export GH_TOKEN="$(gh auth token)"`.',
            anchor="status",
        )
    return Secret(token)


def _split_url(url: str) -> tuple[str, str]:
    """Split a remote's address into host and path; both empty for a folder."""
    if "://" in url:
        parts = urlsplit(url)
        return parts.hostname or "", parts.path
    scp = _SCP_FORM.fullmatch(url)
    return (scp["host"], scp["path"]) if scp else ("", "")


def _unknown_repository(problem: str, why: str) -> InputError:
    return InputError(problem, why=why, fix="name it by --repository OWNER/NAME.", anchor="status")


def read_indexes(environ: Mapping[str, str]) -> IndexReaders:
    """Read from the variables of the environment how the indexes are read.

    Raises:
        InputError: One or more are unusable.
    """
    inputs = {
        f"INPUT_{name.upper()}": environ.get(variable, "")
        for name, variable in _INDEX_VARIABLES.items()
    }
    reader = InputReader(inputs, _INDEX_VARIABLES)
    readers = read_index_readers(reader, GoogleEndpoints.from_environ(environ))
    reader.finish()
    return readers
