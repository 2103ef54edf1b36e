"""One refusal, and what cases of it share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from support.publishing.job import PublishingJob

Inputs = dict[str, str] | None
Preparation = Callable[[PublishingJob], Inputs]

NO_WRITER = "roles/artifactregistry.writer"
#: What is shown of a job wherever federation or a publisher refuses it.
CLAIMS = (
    "sub=repo:eigenoid/",
    "repository=eigenoid/eigenoid-sample",
    "ref=refs/tags/v0.1.0-dev",
    "environment=dev",
    "workflow_ref=eigenoid/eigenoid-sample/.github/workflows/release.yml@refs/tags/v0.1.0-dev",
)
POOL = "projects/100000000001/locations/global/workloadIdentityPools/github"
PROVIDER = f"{POOL}/providers/repository-900100"
DESCRIBE = f"gcloud iam workload-identity-pools providers describe {PROVIDER}"
FORM = "Owner `eigenoid`, Repository name `eigenoid-sample`, Workflow name `release.yml`, "


_PULL = {"event": "pull_request", "ref": "refs/pull/1/merge"}
#: A pull request of somebody else's copy, and of a branch of the repository itself.
FORK = {**_PULL, "payload": {"pull_request": {"head": {"repo": {"full_name": "x/sample"}}}}}
NO_FORK = {
    **_PULL,
    "payload": {"pull_request": {"head": {"repo": {"full_name": "eigenoid/eigenoid-sample"}}}},
}


def nothing(_: PublishingJob) -> None:
    """Leave the sandbox as it is."""


@dataclass(frozen=True)
class Case:
    """One refusal.

    Attributes:
        anchor: Heading of docs/troubleshooting.md.
        messages: What the annotation says, in any order.
        prepare: Brings the sandbox into the state that refuses.
        inputs: Changes of what the workflow gives.
        options: How the runner starts the action.
        exit_status: 1 refused, 2 bad input, 3 not available.
    """

    anchor: str
    messages: tuple[str, ...]
    prepare: Preparation = nothing
    inputs: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    exit_status: int = 1


PYPI = {"index": "pypi"}
#: For what may be over soon, and is waited for otherwise.
AT_ONCE = {"max-wait": "2s"}
#: A binding may be on its way, which is waited for.
NO_WAITING = {"max-wait": "2s"}
NO_AUTHORITIES = {
    # Nothing is below a file.
    "SSL_CERT_FILE": str(Path(__file__) / "authorities.pem"),
    "REQUESTS_CA_BUNDLE": "",
    "CURL_CA_BUNDLE": "",
}
NO_IDENTITY = {"permissions": {"contents": "read"}}
