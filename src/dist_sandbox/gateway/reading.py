"""Read from real services what a build needs, each kind from where this machine reads it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from dist_sandbox.gateway.mirrors import Mirrors
from dist_sandbox.gateway.python_packages import PythonPackages
from dist_sandbox.gateway.relay import Relay, RelayError

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

_PROJECT_PAGE = re.compile(r"/pypi/simple/([^/]+)/?")
_FILE = re.compile(r"/pypi/files/(?:.*/)?([^/]+)", re.DOTALL)


@dataclass(frozen=True)
class Reading:
    """Reads packages, and hosts that the user lets through."""

    relay: Relay
    mirrors: Mirrors
    packages: PythonPackages

    def answer(
        self,
        method: str,
        url: str,
        path: str,
        headers: Mapping[str, str],
        start_response: "StartResponse",
    ) -> Iterable[bytes]:
        """Answer a request with what a real service answers.

        Args:
            method: GET or HEAD.
            url: The real address.
            path: Where the sandbox would have served it, if it is PyPI's.
            headers: The client's, by name in lower case.
            start_response: Begins the answer.

        Raises:
            RelayError: The service does not answer.
        """
        parts = urlsplit(url)
        if path.startswith("/pypi/") and not self.packages.is_pypi:
            return self._answer_package(method, path, headers, start_response)
        registry = self.mirrors.find_npm_registry(parts.hostname or "")
        if registry:
            path_and_query = parts._replace(scheme="", netloc="").geturl()
            url = f"{registry.rstrip('/')}{path_and_query}"
        return self.relay.answer(method, url, headers, start_response)

    def _answer_package(
        self, method: str, path: str, headers: Mapping[str, str], start: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer from an index that is not PyPI."""
        if match := _PROJECT_PAGE.fullmatch(path):
            page = self.packages.read_project(match[1], headers.get("accept", "text/html"))
            if page is None:
                return _absent(start)
            data = page.text.encode()
            start("200 OK", [("Content-Type", page.media_type), ("Content-Length", str(len(data))),
                             ("Vary", "Accept")])  # fmt: skip
            return [data] if method == "GET" else []
        match = _FILE.fullmatch(path)
        url = self.packages.find_file(match[1]) if match else ""
        if url:
            return self.relay.answer(method, url, headers, start)
        if match:
            return _absent(start)
        raise RelayError("the JSON API of PyPI is not read from another index")


def _absent(start: "StartResponse") -> Iterable[bytes]:
    start("404 Not Found", [("Content-Length", "0")])
    return []
