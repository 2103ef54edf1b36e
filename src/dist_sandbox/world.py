"""Everything that one sandbox knows, in one value that its services share."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from dist_sandbox.addresses import Addresses
from dist_sandbox.clock import Clock
from dist_sandbox.faults.fault import Faults
from dist_sandbox.faults.gate import Gate
from dist_sandbox.github.seed import seed_readme
from dist_sandbox.github.state import GitHub, Repository
from dist_sandbox.google.state import Google
from dist_sandbox.jobs import Jobs
from dist_sandbox.organisation import Organisation, PublishingRepository, SandboxEnvironment
from dist_sandbox.pypi.state import IndexName, PackageIndex
from dist_sandbox.server.request_log import RequestLog
from dist_sandbox.sigstore.state import Sigstore

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


@dataclass
class World:
    """The state of one sandbox.

    The folder `state` holds the git repositories, the keys and the indexes' files; `pypi` holds
    PyPI and TestPyPI by the first part of their addresses. Every request waits `latency_seconds`
    before it is served. Whoever controls the sandbox presents the `control_token`, which is new at
    each start. The `application` answers every request, once the sandbox runs.
    """

    state: Path
    addresses: Addresses
    clock: Clock
    github: GitHub
    google: Google
    pypi: Mapping[IndexName, PackageIndex]
    sigstore: Sigstore
    requests: RequestLog = field(default_factory=RequestLog)
    faults: Faults = field(default_factory=Faults)
    gate: Gate = field(default_factory=Gate)
    latency_seconds: float = 0.0
    control_token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    application: "WSGIApplication" = field(init=False, repr=False)

    @property
    def publishing(self) -> Sequence[PublishingRepository]:
        """Return the repositories that publish, in order of their making."""
        return self.google.publishing

    @property
    def organisation(self) -> Organisation:
        """Return the organisation, with the repository that the sandbox was started for."""
        return self.publishing[0].organisation

    @property
    def environments(self) -> tuple[SandboxEnvironment, ...]:
        """Return that repository's environments, in the order of promotion."""
        return self.publishing[0].environments

    def add_repository(self, publishing: PublishingRepository) -> Repository:
        """Make a further repository that publishes, with a commit on each environment's branch."""
        repository = self.github.add_publishing_repository(publishing)
        seed_readme(repository, [environment.branch for environment in publishing.environments])
        self.google.add(publishing)
        return repository

    @property
    def jobs(self) -> Jobs:
        """Return the running jobs, which GitHub knows."""
        return self.github.jobs
