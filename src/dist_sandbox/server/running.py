"""Start and stop a sandbox: one process, one port, every service."""

import contextlib
import fcntl
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Blueprint
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from dist_sandbox import installers, private_index
from dist_sandbox.addresses import Addresses
from dist_sandbox.clock import Clock
from dist_sandbox.errors import AddressError, StateInUseError
from dist_sandbox.faults.injection import FaultInjection
from dist_sandbox.github.access import oidc
from dist_sandbox.github.git import smart_http
from dist_sandbox.github.graphql import endpoint as graphql
from dist_sandbox.github.releases import downloads as release_downloads
from dist_sandbox.github.rest import routes as rest
from dist_sandbox.github.seed import seed_project, seed_readme
from dist_sandbox.github.state import GitHub
from dist_sandbox.google import routes as google_routes
from dist_sandbox.google.state import Google
from dist_sandbox.keys.issuer_keys import IssuerKeys
from dist_sandbox.organisation import (
    Organisation,
    PublishingRepository,
    SandboxEnvironment,
    default_environments,
)
from dist_sandbox.pypi import routes as pypi_routes
from dist_sandbox.pypi.state import create_indexes
from dist_sandbox.server import control, runner
from dist_sandbox.server.admission import Admission, AdmissionControl, Origin
from dist_sandbox.server.middleware import Middleware
from dist_sandbox.server.routing import create_services
from dist_sandbox.sigstore import routes as sigstore_routes
from dist_sandbox.sigstore.state import Sigstore
from dist_sandbox.world import World

#: How long stopping may take: the server looks this often whether it is to stop.
_POLL_SECONDS = 0.02

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    Wrapper = Callable[[WSGIApplication, World], WSGIApplication]


@dataclass(frozen=True)
class SandboxSettings:
    """How a sandbox is set up.

    Attributes:
        state: Folder for the git repository, keys and files; made where it is absent.
        host: Address to listen on.
        port: Port to listen on; 0 for any free one.
        public_url: Scheme, host and port by which clients reach it, where that differs from
            where it listens (behind a container's port mapping). Beside loopback names it is
            the only address that is answered.
        project: Folder of a project that `dev` starts with.
        latency_seconds: How long every request waits.
        organisation: The simulated organisation.
        environments: Its environments, in the order of promotion.
        is_new: Whether its repository has nothing but a default branch on GitHub.
        further: Further repositories of the organisation, which publish as well.
        real_names: Whether the services are known by their real names, for clients that reach them
            through a gateway.
        package_index: The simple index of real packages, to which the cache of PyPI sends whoever
            asks for what the simulated PyPI does not have; empty for none.
    """

    state: Path
    host: str = "127.0.0.1"
    port: int = 0
    public_url: str | None = None
    project: Path | None = None
    latency_seconds: float = 0.0
    organisation: Organisation = field(default_factory=Organisation)
    environments: tuple[SandboxEnvironment, ...] = field(default_factory=default_environments)
    is_new: bool = False
    further: tuple[PublishingRepository, ...] = ()
    package_index: str = ""
    real_names: bool = False


class _QuietHandler(WSGIRequestHandler):
    """Serves without writing request lines: the request log is the only one."""

    protocol_version = "HTTP/1.1"
    # An answer is a few small packets; each would wait until the client confirms the one before.
    disable_nagle_algorithm = True

    def log(self, *_arguments: object) -> None:
        """Log nothing."""

    def send_response(self, code: int, message: str | None = None) -> None:
        """Begin an answer; the date is the sandbox's, so the server adds none of its own."""
        self.send_response_only(code, message)


def create_world(settings: SandboxSettings, base: str) -> World:
    """Create the state of a sandbox that is reached at `base`."""
    state, clock = settings.state.absolute(), Clock()
    addresses = Addresses(base, settings.real_names)
    first = PublishingRepository(
        settings.organisation, settings.environments, is_new=settings.is_new
    )
    publishing = [first, *settings.further]
    github = GitHub.for_organisation(
        settings.organisation,
        publishing,
        addresses=addresses,
        clock=clock,
        folder=state / "github",
    )
    google = Google(
        publishing,
        addresses,
        clock,
        folder=state / "google",
        package_index=settings.package_index,
    )
    sigstore = Sigstore(addresses, clock)
    for row, repository in zip(publishing, github.repositories.values(), strict=True):
        branches = [environment.branch for environment in row.environments]
        seed_readme(repository, () if row.is_new else branches)
    if settings.project is not None:
        seed_project(github.repository, settings.project, settings.environments[0].branch)
    return World(
        state=state,
        addresses=addresses,
        clock=clock,
        github=github,
        google=google,
        pypi=create_indexes(
            state / "pypi",
            settings.organisation,
            oidc_issuer=addresses.oidc_issuer,
            trust_config=sigstore.trust_config,
        ),
        sigstore=sigstore,
        latency_seconds=settings.latency_seconds,
    )


def create_application(world: World, blueprints: Iterable[Blueprint] | None = None) -> Middleware:
    """Create one WSGI application of these services of a sandbox; without any, of all services."""
    app = create_services(_every_service(world) if blueprints is None else blueprints)
    return Middleware(FaultInjection(app, world.faults, world.clock, world.gate), world)


def _every_service(world: World) -> list[Blueprint]:
    keys = IssuerKeys(world.addresses.bypass_gateway)
    return [
        *rest.create_blueprints(world.github, world.requests),
        graphql.create_blueprint(world.github, world.requests),
        release_downloads.create_blueprint(world.github),
        installers.create_blueprint(),
        smart_http.create_blueprint(world.github),
        oidc.create_blueprint(world.github, world.state / "oidc" / "issuer.pem"),
        *google_routes.create_blueprints(world.google),
        *pypi_routes.create_blueprints(world.pypi, world.clock, keys),
        private_index.create_blueprint(
            world.state / "private-index", url=world.addresses.private_index
        ),
        sigstore_routes.create_blueprint(world.sigstore),
        control.create_blueprint(world),
        runner.create_blueprint(world),
    ]


@contextlib.contextmanager
def _claimed(state: Path) -> Iterator[None]:
    """Keep other sandboxes out of a folder; the system ends the claim of one that was killed.

    Raises:
        StateInUseError: Another one runs in it.
    """
    with (state / ".lock").open("w") as claim:
        try:
            fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StateInUseError.in_folder(state) from error
        yield


@contextlib.contextmanager
def running(settings: SandboxSettings, *, around: "Wrapper | None" = None) -> Iterator[World]:
    """Run a sandbox in the background until the block ends; its port answers from the start.

    Whoever wants to look at requests and answers gives `around`, which wraps the services of the
    world in a further WSGI application.

    Raises:
        AddressError: The public address is none.
        StateInUseError: Another sandbox runs in the folder of the state.
    """
    if settings.public_url is not None and Origin.parse(settings.public_url.rstrip("/")) is None:
        raise AddressError.unusable(settings.public_url)
    settings.state.mkdir(parents=True, exist_ok=True)
    with (
        _claimed(settings.state),
        socket.create_server((settings.host, settings.port), backlog=128) as listener,
    ):
        port = listener.getsockname()[1]
        host = "127.0.0.1" if settings.host in ("", "0.0.0.0") else settings.host  # noqa: S104
        base = settings.public_url or f"http://{host}:{port}"
        world = create_world(settings, base.rstrip("/"))
        application: WSGIApplication = create_application(world)
        if around is not None:
            application = around(application, world)
        world.application = application
        with serving(application, settings.host, listener, public_url=base):
            yield world


@contextlib.contextmanager
def serving(
    application: "WSGIApplication",
    host: str,
    listener: socket.socket,
    *,
    public_url: str = "",
    tls: ssl.SSLContext | None = None,
) -> Iterator[None]:
    """Serve an application in the background until the block ends.

    Only requests to loopback names and to the public address reach it, and none of a web page.
    """
    port = listener.getsockname()[1]
    admission = Admission.of_listener(port, public_url=public_url, tls=tls is not None)
    server: BaseWSGIServer = make_server(
        host,
        port,
        AdmissionControl(application, admission),
        threaded=True,
        request_handler=_QuietHandler,
        ssl_context=tls,
        fd=listener.fileno(),
    )
    thread = threading.Thread(
        target=server.serve_forever, args=(_POLL_SECONDS,), name="dist-sandbox", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
