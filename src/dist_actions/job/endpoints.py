"""Where Google's services and PyPI answer; pure.

The defaults are the public addresses. An organisation with private endpoints sets others by
environment variables; so does the sandbox.
"""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from dist_actions.errors import InputError

#: What an address means that names no port.
_DEFAULT_PORTS = {"https": 443, "http": 80}
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
#: IPv6 addresses whose last 32 bits are an IPv4 one: IPv4-compatible, IPv4-translated, NAT64.
#: Spec: RFC 4291, section 2.5.5.1; RFC 2765, section 2.1; RFC 6052, section 2.1
_TRANSLATED = tuple(map(ipaddress.IPv6Network, ("::/96", "::ffff:0:0:0/96", "64:ff9b::/96")))
#: NAT64 of a local network, with the IPv4 address at a place of its choice, and site-local ones.
#: Spec: RFC 8215; RFC 3879
_LOCAL = tuple(map(ipaddress.IPv6Network, ("64:ff9b:1::/48", "fec0::/10")))
#: Where Azure's machines, GitHub's runners too, reach the services of their host.
_AZURE_HOST = ipaddress.IPv4Address("168.63.129.16")
_LOCATION = re.compile(r"[a-z][a-z0-9-]{0,40}", re.ASCII)


@dataclass(frozen=True)
class GoogleEndpoints:
    """Addresses without a trailing slash.

    Attributes:
        sts_url: The token exchange itself, with its path.
        iam_credentials_url: Base of the IAM Credentials API, without its version.
        artifact_registry_url: A host, with `{location}` in it.
        artifact_registry_api_url: Base of the Artifact Registry API, without its version.
        oauth_token_url: Where a service account's key is used; the address in the key is not
            followed.
    """

    sts_url: str = "https://sts.googleapis.com/v1/token"
    iam_credentials_url: str = "https://iamcredentials.googleapis.com"
    artifact_registry_url: str = "https://{location}-python.pkg.dev"
    artifact_registry_api_url: str = "https://artifactregistry.googleapis.com"
    oauth_token_url: str = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "GoogleEndpoints":
        """Choose the public addresses, or those that the environment sets.

        Raises:
            InputError: One is neither https nor on loopback.
        """
        default = cls()
        return cls(
            _endpoint(environ, "DIST_ACTIONS_STS_URL", default.sts_url),
            _endpoint(environ, "DIST_ACTIONS_IAM_CREDENTIALS_URL", default.iam_credentials_url),
            _endpoint(environ, "DIST_ACTIONS_ARTIFACT_REGISTRY_URL", default.artifact_registry_url),
            _endpoint(
                environ, "DIST_ACTIONS_ARTIFACT_REGISTRY_API_URL", default.artifact_registry_api_url
            ),
            _endpoint(environ, "DIST_ACTIONS_OAUTH_TOKEN_URL", default.oauth_token_url),
        )

    def repository_url(self, location: str, project_id: str, repository: str) -> str:
        """Return the URL for uploads to an Artifact Registry repository, with a trailing slash."""
        host = self.artifact_registry_url.replace("{location}", location)
        return f"{host}/{project_id}/{repository}/"

    def index_url(self, location: str, project_id: str, repository: str) -> str:
        """Return the URL at which installers read that repository, with a trailing slash.

        Spec: https://cloud.google.com/artifact-registry/docs/python/authentication
        """
        return f"{self.repository_url(location, project_id, repository)}simple/"

    def place_of(self, index_url: str) -> tuple[str, str, str] | None:
        """Split what `index_url()` makes into project, location and repository; None for others.

        Args:
            index_url: With or without its trailing slash.
        """
        host = re.escape(self.artifact_registry_url).replace(r"\{location\}", "(?P<location>[^/]+)")
        match = re.fullmatch(
            f"{host}/(?P<project>[^/]+)/(?P<repository>[^/]+)/simple/?", index_url, re.ASCII
        )
        if match is None or not is_location(match["location"]):
            return None
        return match["project"], match["location"], match["repository"]

    def repository_api_url(self, location: str, project_id: str, repository: str) -> str:
        """Return the URL of that repository in the Artifact Registry API."""
        name = f"projects/{project_id}/locations/{location}/repositories/{repository}"
        return f"{self.artifact_registry_api_url}/v1/{name}"

    def impersonation_url(self, service_account: str) -> str:
        """Return the URL at which an access token of a service account is minted.

        Spec: https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/generateAccessToken
        """
        account = f"projects/-/serviceAccounts/{service_account}:generateAccessToken"
        return f"{self.iam_credentials_url}/v1/{account}"


@dataclass(frozen=True)
class PyPIEndpoints:
    """Addresses of PyPI or TestPyPI.

    Attributes:
        repository_url: Where uploads go, with a trailing slash.
        index_url: Where installers read, with a trailing slash.
        oidc_url: Base of Trusted Publishing, without a trailing slash.
        publishing_url: The page on which people add pending publishers.
    """

    repository_url: str
    index_url: str
    oidc_url: str
    publishing_url: str

    @classmethod
    def from_environ(
        cls, environ: Mapping[str, str], name: str, repository_url: str
    ) -> "PyPIEndpoints":
        """Choose the public addresses, or those below the one that the environment sets.

        Args:
            environ: Holds `DIST_ACTIONS_PYPI_URL` or `DIST_ACTIONS_TESTPYPI_URL` where another
                is to be used.
            name: `pypi` or `testpypi`.
            repository_url: Where uploads go otherwise, as twine knows it.

        Raises:
            InputError: The one that is set is neither https nor on loopback.
        """
        parts = urlsplit(repository_url)
        public = f"{parts.scheme}://{parts.netloc.removeprefix('upload.')}"
        variable = f"DIST_ACTIONS_{name.upper()}_URL"
        base = _endpoint(environ, variable, public)
        return cls(
            repository_url=repository_url if base == public else f"{base}/legacy/",
            index_url=f"{base}/simple/",
            oidc_url=f"{base}/_/oidc",
            publishing_url=f"{base}/manage/account/publishing/",
        )


def origin(url: str) -> tuple[str, str]:
    """Return the origin (scheme, host and port) that credentials must not leave."""
    parts = urlsplit(url)
    default = _DEFAULT_PORTS.get(parts.scheme)
    netloc = parts.netloc.lower()
    return parts.scheme, netloc.removesuffix(f":{default}") if default else netloc


def is_safe_url(url: str) -> bool:
    """Tell whether credentials may be sent there: https, or http on this machine; no user part."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    if not host or "@" in parts.netloc or parts.fragment:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)


def is_public_address(address: str) -> bool:
    """Tell whether an IP address is one of the public Internet, and no form of another one.

    Args:
        address: As a resolver gives it, with a zone where it has one.
    """
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour
        if any(ip in network for network in _LOCAL):
            return False
        if any(ip in network for network in _TRANSLATED):
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public_address(str(inner))
    return ip.is_global and not ip.is_multicast and ip != _AZURE_HOST


def is_location(text: str) -> bool:
    """Tell whether a text can be a Google Cloud location, such as `us-central1`."""
    return _LOCATION.fullmatch(text) is not None


def _endpoint(environ: Mapping[str, str], name: str, default: str) -> str:
    url = (environ.get(name) or default).rstrip("/")
    if not is_safe_url(url):
        raise InputError(
            f"{name} is {url!r}.",
            why="credentials are sent there, so it must be https, or http on loopback.",
            fix=f"correct {name} or leave it out.",
        )
    return url
