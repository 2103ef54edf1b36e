"""Open the gateway of a sandbox."""

import contextlib
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

from packaging.utils import canonicalize_name

from dist_sandbox.gateway.authority import CertificateAuthority
from dist_sandbox.gateway.exchanges import Exchanges
from dist_sandbox.gateway.log import GatewayLog
from dist_sandbox.gateway.mirrors import Mirrors
from dist_sandbox.gateway.proxy import listening
from dist_sandbox.gateway.python_packages import PythonPackages
from dist_sandbox.gateway.reading import Reading
from dist_sandbox.gateway.relay import Relay
from dist_sandbox.gateway.routing import Permissions
from dist_sandbox.world import World

#: What clients reach without a proxy: this machine.
_LOOPBACK = "127.0.0.1,localhost,::1"
#: Variables that name a file of trusted certificates: of OpenSSL, requests, curl, git, node, pip,
#: cargo, Google's and Amazon's command lines, httplib2, gRPC, npm and yarn.
_CERTIFICATE_VARIABLES = (
    "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO",
    "NODE_EXTRA_CA_CERTS", "PIP_CERT", "CARGO_HTTP_CAINFO", "AWS_CA_BUNDLE", "HTTPLIB2_CA_CERTS",
    "CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE", "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH", "NIX_SSL_CERT_FILE",
    "DENO_CERT", "NPM_CONFIG_CAFILE", "npm_config_cafile", "YARN_HTTPS_CA_FILE_PATH",
)  # fmt: skip
_PROXY_VARIABLES = (
    "HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "https_proxy", "http_proxy", "all_proxy",
)  # fmt: skip
_PACKAGE_PATH = re.compile(r"/pypi/(simple|pypi|files)/(?:.*/)?([^/]+)/?", re.DOTALL)


@dataclass(frozen=True)
class Gateway:
    """An open gateway.

    Attributes:
        port: The port on loopback.
        socket: The same in the file system, for whoever has no network.
        authority: The certificate to trust, in PEM.
        log: What passed.
    """

    port: int
    socket: Path
    authority: Path
    log: GatewayLog

    def variables(self, job: str = "") -> dict[str, str]:
        """Return the environment variables by which clients use the gateway.

        `job` is the job that they run in, for the log.
        """
        return {
            **self.proxy_variables(job),
            "NO_PROXY": _LOOPBACK,
            "no_proxy": _LOOPBACK,
            **dict.fromkeys(_CERTIFICATE_VARIABLES, str(self.authority)),
            # git would also read each certificate of the system, which takes longer than a request.
            "GIT_SSL_CAPATH": str(self.authority.parent),
            # node's own clients look at the proxy's variables only if they are asked to.
            "NODE_USE_ENV_PROXY": "1",
        }

    def proxy_variables(self, job: str = "") -> dict[str, str]:
        """Return those of these variables that name the proxy, and in it the job."""
        user = f"{quote(job, safe='')}:x@" if job else ""
        return dict.fromkeys(_PROXY_VARIABLES, f"http://{user}127.0.0.1:{self.port}")


@contextlib.contextmanager
def open_gateway(
    world: World,
    *,
    folder: Path,
    packages: str,
    cache: Path,
    environ: Mapping[str, str],
    allowed_hosts: Sequence[str] = (),
) -> Iterator[Gateway]:
    """Open a gateway to a running sandbox until the block ends.

    Args:
        world: The sandbox.
        folder: Where its certificate is written.
        packages: The simple index that real packages are read from.
        cache: Folder that keeps what was read.
        environ: The user's environment, in which npm is asked for its registry.
        allowed_hosts: Further hosts that may be read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    authority, log = CertificateAuthority(folder / "authority.crt"), GatewayLog()
    relay, mirrors = Relay(cache, [packages]), Mirrors(environ, packages)
    permissions = Permissions(
        is_mirror=mirrors.has,
        allowed=frozenset(host.lower() for host in allowed_hosts),
        has_repository=lambda owner, name: world.github.find_repository(owner, name) is not None,
        has_package=lambda path: has_package(world, path),
    )
    index_url = _without_credentials(packages)
    reading = Reading(relay, mirrors, PythonPackages(index_url, relay.read_page))
    exchanges = Exchanges(world.application, reading, permissions, log)
    # The name of a socket may have about a hundred characters, which a temporary folder of the
    # user's choice can exceed.
    with (
        contextlib.closing(relay),
        tempfile.TemporaryDirectory(prefix="gateway-", dir="/tmp") as short,
        listening(exchanges, authority, socket_file=Path(short) / "socket") as port,
    ):
        yield Gateway(port, Path(short) / "socket", authority.file, log)


def _without_credentials(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def has_package(world: World, path: str) -> bool:
    """Tell whether the simulated PyPI has the project or the file at this path."""
    match = _PACKAGE_PATH.fullmatch(path)
    if match is None:
        return True
    index, name = world.pypi["pypi"], match[2]
    if match[1] == "files":
        return index.find_file(name.removesuffix(".metadata")) is not None
    project = path.split("/")[3]
    return canonicalize_name(project) in index.projects
