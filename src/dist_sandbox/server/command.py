"""`dist-sandbox serve`: a sandbox that runs until it is told to stop."""

import argparse
import os
import signal
from pathlib import Path
from queue import SimpleQueue
from types import FrameType

from dist_sandbox.organisation import (
    Organisation,
    PublishingRepository,
    default_environments,
    further_repository,
)
from dist_sandbox.package_index import find_package_index
from dist_sandbox.server.ready_file import describe, register_first_job, write_ready_file
from dist_sandbox.server.running import SandboxSettings, running


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
    parser.add_argument("--port", type=int, default=0, help="port to listen on; 0 for a free one")
    parser.add_argument("--public-url", help="address by which clients reach it, if it differs")
    parser.add_argument(
        "--latency", type=float, default=0.0, metavar="SECONDS", help="what each request waits"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Serve until SIGINT or SIGTERM."""
    # Unlike an event it can be told from a handler that interrupts another one.
    signals: SimpleQueue[int] = SimpleQueue()

    def on_signal(number: int, _frame: FrameType | None) -> None:
        signals.put(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, on_signal)
    with running(read_settings(arguments)) as world:
        write_ready_file(arguments.ready_file, describe(world, register_first_job(world)))
        print(f"dist-sandbox answers at {world.addresses.base}", flush=True)
        signals.get()
    arguments.ready_file.unlink(missing_ok=True)
    return 0


def read_settings(arguments: argparse.Namespace) -> SandboxSettings:
    """Make settings of the command line; the repository is named after the project's folder."""
    organisation = Organisation()
    if arguments.project is not None:
        organisation = Organisation(repository=arguments.project.resolve().name)
    environments = default_environments(organisation.repository)
    repositories = [PublishingRepository(organisation, environments)]
    for name in arguments.repository:
        repositories.append(further_repository(repositories, name))
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
        package_index=find_package_index(os.environ),
    )
