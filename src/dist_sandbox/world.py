"""Everything that one sandbox knows, in one value that its services share."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dist_sandbox.addresses import Addresses
from dist_sandbox.clock import Clock
from dist_sandbox.github.state import GitHub
from dist_sandbox.google.state import Google
from dist_sandbox.jobs import Jobs
from dist_sandbox.organisation import Organisation, SandboxEnvironment
from dist_sandbox.pypi.state import IndexName, PackageIndex
from dist_sandbox.server.faults import Faults
from dist_sandbox.server.request_log import RequestLog
from dist_sandbox.sigstore.state import Sigstore


@dataclass
class World:
    """The state of one sandbox.

    The folder `state` holds the git repository, the keys and the indexes' files. `environments`
    are what the organisation releases to, in order, and `pypi` holds PyPI and TestPyPI by the
    first part of their addresses. Every request waits `latency_seconds` before it is served.
    Whoever controls the sandbox presents the `control_token`, which is new at each start.
    """

    state: Path
    addresses: Addresses
    organisation: Organisation
    environments: tuple[SandboxEnvironment, ...]
    clock: Clock
    github: GitHub
    google: Google
    pypi: Mapping[IndexName, PackageIndex]
    sigstore: Sigstore
    requests: RequestLog = field(default_factory=RequestLog)
    faults: Faults = field(default_factory=Faults)
    latency_seconds: float = 0.0
    control_token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)

    @property
    def jobs(self) -> Jobs:
        """Return the running jobs, which GitHub knows."""
        return self.github.jobs
