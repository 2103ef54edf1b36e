"""The index that this machine's installers take packages from, and where they are kept."""

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from twine.utils import DEFAULT_REPOSITORY

from dist_actions.job.installer_settings import choose_settings
from dist_actions.services.foreign_code.pip_configuration import read_pip_configurations

_VARIABLES = ("PIP_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX_URL")


def find_package_index(environ: Mapping[str, str]) -> str:
    """Return the address of the simple index, with a slash at its end: PyPI's unless set."""
    texts = read_pip_configurations(environ).values()
    settings = choose_settings(environ, texts, Path.cwd())
    chosen = next((settings[name] for name in _VARIABLES if settings.get(name)), "")
    if chosen:
        return f"{re.sub('^[A-Za-z0-9_-]+=', '', chosen).rstrip('/')}/"
    host = urlsplit(DEFAULT_REPOSITORY).hostname or ""
    return f"https://{host.removeprefix('upload.')}/simple/"


def default_cache(environ: Mapping[str, str]) -> Path:
    """Return the folder that makes the second rehearsal faster than the first."""
    base = environ.get("XDG_CACHE_HOME") or str(
        Path(environ.get("HOME", "~")).expanduser() / ".cache"
    )
    return Path(base) / "dist-sandbox"
