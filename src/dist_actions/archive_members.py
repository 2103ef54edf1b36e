"""Refuses distributions that carry somebody's credentials; reads names only, extracts nothing."""

import re
import tarfile
import zipfile
from collections.abc import Iterable
from pathlib import Path

from dist_actions.errors import ReleaseError

#: Files that hold credentials and get into sdists by accident.
#: `gha-creds-*.json` is what google-github-actions/auth writes into the workspace.
_CREDENTIALS = re.compile(
    r"(^|/)(gha-creds-[^/]*\.json|\.pypirc|\.netrc|\.env|id_(rsa|dsa|ecdsa|ed25519)|"
    r"application_default_credentials\.json)$"
)


def refuse_credentials(paths: Iterable[Path]) -> None:
    """Look at the names of all members.

    Raises:
        ReleaseError: One is known to hold credentials, or an archive cannot be read.
    """
    for path in paths:
        found = next((name for name in _members(path) if _CREDENTIALS.search(name)), None)
        if found is not None:
            raise ReleaseError(
                f"{path.name} holds {found}.",
                why="files of that name hold credentials; whoever installs the package gets them.",
                fix="remove it from the workspace before the build, and exclude it from the sdist.",
                anchor="distributions",
            )


def _members(path: Path) -> list[str]:
    try:
        if path.suffix == ".whl":
            with zipfile.ZipFile(path) as wheel:
                return wheel.namelist()
        with tarfile.open(path) as sdist:
            return sdist.getnames()
    except (tarfile.TarError, zipfile.BadZipFile, OSError, EOFError) as error:
        raise ReleaseError(
            f"{path.name} cannot be read: {error}.",
            why="the file is damaged or no archive of its kind.",
            fix="build it again.",
            anchor="distributions",
        ) from error
