"""The real names of the simulated services, and where the sandbox serves each; pure.

PyPI's names are those that twine and pip know.
"""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from pip._internal.models.index import PyPI, TestPyPI
from twine.utils import DEFAULT_REPOSITORY, TEST_REPOSITORY

#: What stands for a part of both addresses.
_LOCATION = "{location}"
#: Where GitHub's runners ask for ID tokens, and for whatever else is no part of its API.
_RUNNER = "https://pipelines.actions.githubusercontent.com"
#: GitHub's own addresses below a repository that the sandbox serves.
_REPOSITORY = (
    r"/[A-Za-z0-9-]+/[A-Za-z0-9._-]+"
    r"(/info/refs|/git-upload-pack|/git-receive-pack|/releases/download/.+)"
)


@dataclass(frozen=True)
class ServiceName:
    """One service: the path that the sandbox serves it at, and its real address.

    `below` is the form of what follows either, where not everything is served.
    """

    path: str
    url: str
    below: str = r"(/.*)?"

    @property
    def host(self) -> str:
        """Return the real host."""
        return urlsplit(self.url).netloc

    @property
    def real_path(self) -> str:
        """Return the path of the real address."""
        return urlsplit(self.url).path


def _python_index(path: str, upload_url: str, index_url: str, files_host: str) -> list[ServiceName]:
    return [
        ServiceName(f"{path}/legacy", upload_url.rstrip("/")),
        ServiceName(f"{path}/files", f"https://{files_host}/packages"),
        ServiceName(path, index_url.rstrip("/"), r"/(simple|pypi|_/oidc|integrity)(/.*)?"),
        # Clients ask for tokens at the host that they upload to; it is the same service.
        ServiceName(path, f"https://{urlsplit(upload_url).netloc}", r"/_/oidc(/.*)?"),
    ]


SERVICES = (
    ServiceName("/api/graphql", "https://api.github.com/graphql"),
    ServiceName("/api/v3", "https://api.github.com"),
    ServiceName("/api/uploads", "https://uploads.github.com"),
    ServiceName("/api/release-assets", "https://release-assets.githubusercontent.com"),
    ServiceName("/oidc/token", f"{_RUNNER}/idtoken"),
    ServiceName("/oidc", "https://token.actions.githubusercontent.com"),
    ServiceName("/_runner/artifacts", "https://results-receiver.actions.githubusercontent.com"),
    ServiceName("/_runner", _RUNNER),
    ServiceName("/sts", "https://sts.googleapis.com"),
    ServiceName("/iam-credentials", "https://iamcredentials.googleapis.com"),
    ServiceName("/artifact-registry-api", "https://artifactregistry.googleapis.com"),
    ServiceName(f"/artifact-registry/{_LOCATION}", f"https://{_LOCATION}-python.pkg.dev"),
    ServiceName("/oauth2", "https://oauth2.googleapis.com"),
    *_python_index("/pypi", DEFAULT_REPOSITORY, PyPI.url, PyPI.file_storage_domain),
    *_python_index("/testpypi", TEST_REPOSITORY, TestPyPI.url, TestPyPI.file_storage_domain),
    ServiceName("/private-index", "https://packages.private.test"),
    ServiceName("/api/v2", "https://fulcio.sigstore.dev/api/v2"),
    ServiceName("/sigstore/rekor", "https://rekor.sigstore.dev"),
    ServiceName("/sigstore", "https://sigstore.test"),
    ServiceName("/_installers", "https://astral.sh", r"/uv/([0-9.]+/)?install\.sh"),
    ServiceName("/_installers/poetry", "https://install.python-poetry.org"),
    ServiceName(
        "/_installers/poetry",
        "https://raw.githubusercontent.com/python-poetry/install.python-poetry.org",
        r"/[^/]+/install-poetry\.py",
    ),
    ServiceName("", "https://github.com", _REPOSITORY),
)


def real_url(path: str) -> str:
    """Return the real address of what the sandbox serves at this path."""
    matches = ((_match(service.path, path), service) for service in SERVICES)
    match, service = max(
        ((match, service) for match, service in matches if match),
        key=lambda pair: len(pair[1].path),
    )
    return f"{_fill(service.url, match)}{path[match.end() :]}"


def service_path(host: str, path: str) -> str | None:
    """Find where the sandbox serves what this host has at this path; None where it does not.

    Args:
        host: In lower case, without a port.
        path: Decoded, without the query.
    """
    candidates = []
    for service in SERVICES:
        named, below = _match(service.host, host), _match(service.real_path, path)
        if named and below and named.end() == len(host):
            rest = path[below.end() :]
            if re.fullmatch(service.below, rest, re.DOTALL):
                candidates.append((len(service.real_path), f"{_fill(service.path, named)}{rest}"))
    return max(candidates)[1] if candidates else None


def is_simulated(host: str) -> bool:
    """Tell whether this host, in lower case, is that of a simulated service."""
    matches = (_match(service.host, host) for service in SERVICES)
    return any(match is not None and match.end() == len(host) for match in matches)


def _match(beginning: str, text: str) -> re.Match[str] | None:
    """Match what a text begins with, up to a slash, a query or the end."""
    pattern = re.escape(beginning).replace(re.escape(_LOCATION), "(?P<location>[a-z][a-z0-9-]*)")
    return re.match(f"{pattern}(?=[/?]|$)", text)


def _fill(template: str, match: re.Match[str]) -> str:
    return template.replace(_LOCATION, match.groupdict().get("location", ""))
