"""Keep the containers of a rehearsal from every network but the gateway."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from dist_sandbox.rehearse.errors import ToolError
from dist_sandbox.rehearse.walls.bubblewrap import INSIDE
from dist_sandbox.rehearse.walls.enclosing import PROGRAMS, Gateway
from dist_sandbox.rehearse.walls.engine_proxy import engine_proxy
from dist_sandbox.rehearse.walls.engine_requests import LABEL, ContainerRules

_DEFAULT_ENGINE = "/var/run/docker.sock"
_SCHEME = "unix://"
#: How act calls the volume of the tools that setup actions install.
_TOOL_CACHE = "act-toolcache"


def find_engine(environ: Mapping[str, str]) -> Path | None:
    """Find the socket of an engine on this machine; None for one that is elsewhere."""
    host = environ.get("DOCKER_HOST") or f"{_SCHEME}{_DEFAULT_ENGINE}"
    socket = Path(host.removeprefix(_SCHEME))
    return socket if host.startswith(_SCHEME) and socket.is_socket() else None


@contextlib.contextmanager
def container_walls(
    engine: Path,
    image: str,
    gateway: Gateway,
    *,
    folders: Sequence[Path],
    keeps_tools: bool = False,
) -> Iterator[str]:
    """Give the containers a network that holds nothing but the gateway, until the block ends.

    It is the network of a container without any, in which the relay to the gateway runs; every
    container that act makes joins it. At the end all of them are removed.

    Args:
        engine: The engine's socket.
        image: The image of a job's container, whose Python runs the relay.
        gateway: Where their connections go.
        folders: Folders of this machine, of which a container may see parts.
        keeps_tools: Whether the tool cache of act outlives the rehearsal.

    Yields:
        The value of `DOCKER_HOST` for act.

    Raises:
        ToolError: The engine does not start the relay.
    """
    name = f"dist-sandbox-{os.getpid()}-{gateway.port}"
    kept_volumes = (_TOOL_CACHE,) if keeps_tools else ()
    rules = ContainerRules(name, tuple(map(str, folders)), str(gateway.authority), kept_volumes)
    docker = [shutil.which("docker") or "docker", "--host", f"{_SCHEME}{engine}"]
    with (
        contextlib.ExitStack() as ending,
        subprocess.Popen(
            [*docker, *_relay_command(name, image, gateway)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as relay,
    ):
        ending.callback(_remove_everything, docker, name)
        ending.callback(relay.terminate)
        assert relay.stdout and relay.stderr  # noqa: S101, PT018 - PIPE was asked for
        if relay.stdout.readline().strip() != "ready":
            relay.terminate()
            raise _no_relay(image, relay.stderr.read())
        with engine_proxy(engine, rules) as socket:
            yield f"{_SCHEME}{socket}"


def _relay_command(name: str, image: str, gateway: Gateway) -> list[str]:
    return [
        "run", "--rm", "--interactive", "--name", name, "--label", f"{LABEL}={name}",
        "--network", "none", "--dns", "127.0.0.1", "--user", "0:0", "--pull", "never",
        "--volume", f"{PROGRAMS}:{INSIDE}/programs:ro",
        "--volume", f"{gateway.socket}:{INSIDE}/gateway",
        "--entrypoint", "python3", image,
        "-I", "-S", f"{INSIDE}/programs/entrance.py", str(gateway.port), f"{INSIDE}/gateway",
    ]  # fmt: skip


def _remove_everything(docker: Sequence[str], name: str) -> None:
    """Remove what the engine has of this rehearsal: containers, networks, volumes."""
    label = f"label={LABEL}={name}"
    for resource, condition, remove in (
        ("container", ("--all", "--filter", label), ("rm", "--force", "--volumes")),
        ("network", ("--filter", label), ("rm",)),
        ("volume", ("--filter", f"name={name}-"), ("rm", "--force")),
    ):
        listing = [*docker, resource, "ls", "--quiet", *condition]
        completed = subprocess.run(listing, capture_output=True, text=True, check=False)
        identifiers = completed.stdout.split()
        if identifiers:
            command = [*docker, resource, *remove, *identifiers]
            subprocess.run(command, capture_output=True, check=False)


def _no_relay(image: str, problem: str) -> ToolError:
    reason = problem.strip().splitlines()[-1:] or ["it ended at once"]
    return ToolError(
        f"No container of the image {image} reaches the rehearsal.",
        why=f"its relay did not start: {reason[0]}.",
        fix="take an image that has python3, with --image; --walls none rehearses without it, and "
        "the containers then reach the network.",
    )
