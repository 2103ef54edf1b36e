"""`dist-sandbox serve`: a sandbox that runs until it is told to stop."""

import argparse
import contextlib
import os
import shlex
import signal
import threading
from pathlib import Path
from queue import SimpleQueue
from types import FrameType

from pip._internal.models.index import PyPI

from dist_actions.commands.options import refuse_without
from dist_sandbox.errors import ServingError
from dist_sandbox.gateway.opening import open_gateway
from dist_sandbox.gateway.routing import require_hosts
from dist_sandbox.organisation import (
    Organisation,
    PublishingRepository,
    default_environments,
    further_repository,
    repository_name,
)
from dist_sandbox.package_index import default_cache, find_package_index
from dist_sandbox.server.ready_file import describe, register_first_job, write_ready_file
from dist_sandbox.server.running import SandboxSettings, running
from dist_sandbox.world import World


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `serve` to the command line."""
    parser = subparsers.add_parser(
        "serve", help="run the simulators until stopped", description=__doc__
    )
    parser.add_argument("--state", type=Path, required=True, help="folder for everything it keeps")
    parser.add_argument(
        "--ready-file", type=Path, required=True, help="JSON file, written once the port answers"
    )
    parser.add_argument("--project", type=Path, help="project that the branch dev starts with")
    parser.add_argument(
        "--repository", action="append", default=[], metavar="NAME",
        help="a further repository of the organisation; may be given several times",
    )  # fmt: skip
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument(
        "--port", type=_read_port, default=0, help="port to listen on; 0 for a free one"
    )
    parser.add_argument("--public-url", help="address by which clients reach it, if it differs")
    parser.add_argument(
        "--latency",
        type=_read_seconds,
        default=0.0,
        metavar="SECONDS",
        help="what each request waits",
    )
    parser.add_argument(
        "--gateway", action="store_true",
        help="serve the real host names too, by a proxy; prints the variables for clients, to eval",
    )  # fmt: skip
    parser.add_argument(
        "--allow-host", action="append", default=[], metavar="HOST",
        help="with --gateway: a further host that may be read; may be given several times",
    )  # fmt: skip
    parser.set_defaults(run=run)


def _read_port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) < 1 << 16):
        raise argparse.ArgumentTypeError(f"{text!r} is no port: give a number from 0 to 65535")
    return int(text)


def _read_seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1
    if not 0 <= seconds < threading.TIMEOUT_MAX:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds, such as 0.2")
    return seconds


def run(arguments: argparse.Namespace) -> int:
    """Serve until SIGINT or SIGTERM.

    Raises:
        InputError: An option has no effect.
        SandboxError: It cannot listen at this address, or write its files.
    """
    refuse_without(
        "--gateway",
        "--allow-host",
        given=arguments.allow_host and not arguments.gateway,
        effect="it lets clients of the gateway read a further host",
    )
    try:
        return _serve(arguments)
    except OSError as error:
        raise ServingError.of_system(error) from error


def _serve(arguments: argparse.Namespace) -> int:
    # Unlike an event it can be told from a handler that interrupts another one.
    signals: SimpleQueue[int] = SimpleQueue()

    def on_signal(number: int, _frame: FrameType | None) -> None:
        signals.put(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, on_signal)
    with running(read_settings(arguments)) as world, contextlib.ExitStack() as closing:
        ready = describe(world, register_first_job(world))
        variables = _open_gateway(world, arguments, closing) if arguments.gateway else {}
        write_ready_file(arguments.ready_file, ready | {"gateway_variables": variables})
        for name, value in variables.items():
            print(f"export {name}={shlex.quote(value)}")
        mark = "# " if variables else ""
        print(f"{mark}dist-sandbox answers at {world.addresses.base}", flush=True)
        signals.get()
    arguments.ready_file.unlink(missing_ok=True)
    return 0


def _open_gateway(
    world: World, arguments: argparse.Namespace, closing: contextlib.ExitStack
) -> dict[str, str]:
    """Open a gateway until the sandbox stops, and return the variables for its clients."""
    gateway = open_gateway(
        world,
        folder=arguments.state.absolute() / "gateway",
        packages=find_package_index(os.environ),
        cache=default_cache(os.environ) / "packages",
        environ=os.environ,
        allowed_hosts=require_hosts(arguments.allow_host),
    )
    return closing.enter_context(gateway).variables()


def read_settings(arguments: argparse.Namespace) -> SandboxSettings:
    """Make settings of the command line; the repository is named after the project's folder."""
    organisation = Organisation()
    if arguments.project is not None:
        organisation = Organisation(repository=repository_name(arguments.project.resolve()))
    environments = default_environments(organisation)
    repositories = [PublishingRepository(organisation, environments)]
    for name in arguments.repository:
        repositories.append(further_repository(repositories, name))
    pypi = f"{PyPI.simple_url}/"
    return SandboxSettings(
        state=arguments.state,
        host=arguments.host,
        port=arguments.port,
        public_url=arguments.public_url,
        project=arguments.project,
        latency_seconds=arguments.latency,
        organisation=organisation,
        environments=environments,
        further=tuple(repositories[1:]),
        # Behind a gateway, PyPI's name leads to the machine's index.
        package_index=pypi if arguments.gateway else find_package_index(os.environ),
        real_names=arguments.gateway,
    )
