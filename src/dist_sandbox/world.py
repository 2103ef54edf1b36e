"""Everything that one sandbox knows, in one value that its services share."""

from dataclasses import dataclass, field
from pathlib import Path

from dist_sandbox.clock import Clock
from dist_sandbox.github.state import GitHub
from dist_sandbox.google.state import Google
from dist_sandbox.jobs import Jobs
from dist_sandbox.request_log import RequestLog


@dataclass(frozen=True)
class Addresses:
    """Where a sandbox's services answer.

    Attributes:
        base: Scheme, host and port without a trailing slash.
    """

    base: str

    @property
    def github_server(self) -> str:
        """What `GITHUB_SERVER_URL` holds."""
        return self.base

    @property
    def github_api(self) -> str:
        """What `GITHUB_API_URL` holds."""
        return f"{self.base}/api/v3"

    @property
    def github_uploads(self) -> str:
        """Prefix of a release's `upload_url`."""
        return f"{self.base}/api/uploads"

    @property
    def oidc_issuer(self) -> str:
        """The `iss` of ID tokens; its discovery document is below it."""
        return f"{self.base}/oidc"

    @property
    def sts(self) -> str:
        """The token exchange endpoint."""
        return f"{self.base}/sts/v1/token"

    @property
    def iam_credentials(self) -> str:
        """Base of the IAM Credentials API, without its version."""
        return f"{self.base}/iam-credentials"

    @property
    def artifact_registry(self) -> str:
        """Template of an Artifact Registry host: `{location}` stands for the location."""
        return f"{self.base}/artifact-registry/{{location}}"

    def upload_url(self, *, location: str, project_id: str, repository: str) -> str:
        """Where distributions are uploaded to."""
        host = self.artifact_registry.format(location=location)
        return f"{host}/{project_id}/{repository}/"

    def index_url(self, *, location: str, project_id: str, repository: str) -> str:
        """Where installers read from."""
        upload = self.upload_url(location=location, project_id=project_id, repository=repository)
        return f"{upload}simple/"


@dataclass
class World:
    """The state of one sandbox.

    Attributes:
        state: Folder that holds the git repository, the keys and the indexes' files.
        latency_seconds: What every request waits before it is served.
    """

    state: Path
    addresses: Addresses
    github: GitHub
    google: Google
    clock: Clock = field(default_factory=Clock)
    jobs: Jobs = field(default_factory=Jobs)
    requests: RequestLog = field(default_factory=RequestLog)
    latency_seconds: float = 0.0
