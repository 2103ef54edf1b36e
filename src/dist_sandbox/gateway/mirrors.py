"""Where packages are read from: hosts of this machine's indexes and mirrors.

What npm reads from is asked of npm itself, and only once a host is wanted that is no other's.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

from pip._internal.models.index import PyPI

#: Rust's registry, which cargo knows without any configuration.
_CRATES = ("index.crates.io", "static.crates.io")
_APT_SOURCES = Path("/etc/apt")
_APT_URL = re.compile(r"(?<![\w+])https?://([A-Za-z0-9.-]+)")
_NPM_SECONDS = 20


class Mirrors:
    """The hosts that packages are read from.

    `environ` is the user's own environment, in which npm is asked; `index_url` is the simple index
    of Python packages.
    """

    def __init__(self, environ: Mapping[str, str], index_url: str) -> None:
        self._environ = environ
        index = {PyPI.file_storage_domain, urlsplit(index_url).hostname or ""}
        self._hosts = frozenset({*index, *_CRATES, *_apt_hosts()})

    def has(self, host: str) -> bool:
        """Tell whether packages are read from this host."""
        return host in self._hosts or host in self._npm

    def find_npm_registry(self, host: str) -> str:
        """Find the address that the registry of this host is read from, if it is another one."""
        return "" if host in self._hosts else self._npm.get(host, "")

    @cached_property
    def _npm(self) -> Mapping[str, str]:
        """Map the hosts of npm's registry to where this machine reads it from, if elsewhere.

        The registry that npm knows without any configuration is read from the user's.
        """
        own = _ask_npm(self._environ)
        plain = _ask_npm({"PATH": self._environ.get("PATH", ""), "HOME": "/nonexistent"})
        own_host, plain_host = (urlsplit(url).hostname or "" for url in (own, plain))
        return {plain_host: own if own_host != plain_host else "", own_host: ""}


def _apt_hosts() -> Iterator[str]:
    """List the hosts of the machine's own Debian mirrors."""
    for file in (*_APT_SOURCES.glob("sources.list"), *_APT_SOURCES.glob("sources.list.d/*")):
        try:
            yield from _APT_URL.findall(file.read_text(encoding="utf-8", errors="replace"))
        except OSError:
            continue


def _ask_npm(environ: Mapping[str, str]) -> str:
    """Ask npm for its registry; empty without npm."""
    npm = shutil.which("npm", path=environ.get("PATH"))
    if npm is None:
        return ""
    try:
        completed = subprocess.run(
            [npm, "config", "get", "registry"],
            cwd="/",
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_NPM_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    url = completed.stdout.strip()
    return url if completed.returncode == 0 and url.startswith(("https://", "http://")) else ""
