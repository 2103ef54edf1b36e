"""Trusted Publishers: which workflow of which repository may publish a project.

Spec: https://docs.github.com/actions/reference/security/oidc for the claims; PyPI's own
documentation of Trusted Publishers and of their troubleshooting for the checks and their words.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from packaging.utils import NormalizedName

#: The workflow file's name in `job_workflow_ref`; both a name and a ref may hold an `@`.
_WORKFLOW_FILE = re.compile(r"[^/]+\.ya?ml(?=@)")

_REQUIRED_CLAIMS = (
    "repository",
    "repository_owner",
    "repository_owner_id",
    "job_workflow_ref",
    "jti",
    "event_name",
    "ref",
    "sha",
)


class NoPublisherError(Exception):
    """No publisher fits an ID token; the text says why, in PyPI's words."""


@dataclass(frozen=True)
class TrustedPublisher:
    """One workflow that may publish one project.

    Attributes:
        project: The project's name, normalized.
        owner: Login of the repository's owner.
        owner_id: Numeric ID of the repository's owner, so that a login that changed hands does not
            inherit the project.
        repository: The repository's name without its owner.
        workflow: Name of the workflow's file, without its folder.
        environment: Name of the GitHub Environment; empty for any and for none.
        pending: Whether it waits for its project, which its first use creates.
    """

    project: NormalizedName
    owner: str
    owner_id: int
    repository: str
    workflow: str
    environment: str = ""
    pending: bool = False

    @property
    def identity(self) -> tuple[str, str, str, str]:
        """Return what distinguishes it: publishers of one identity are one, of several projects."""
        return self.owner, self.repository, self.workflow, self.environment.lower()


def find_publisher(
    publishers: Iterable[TrustedPublisher], claims: Mapping[str, Any]
) -> TrustedPublisher:
    """Find the publisher that fits verified claims; one with an environment before one without.

    Raises:
        NoPublisherError: None fits, or the claims are not of a kind that may publish.
    """
    for name in _REQUIRED_CLAIMS:
        if claims.get(name) is None:
            raise NoPublisherError(f"Missing claim {name!r}")
    workflow_ref = str(claims["job_workflow_ref"])
    match = _WORKFLOW_FILE.search(workflow_ref)
    if match is None:
        raise NoPublisherError("Could not extract workflow filename from OIDC claims")
    by_environment = {
        publisher.environment.lower(): publisher
        for publisher in reversed(list(publishers))
        if _matches(publisher, claims, match.group(0))
    }
    environment = str(claims.get("environment") or "").lower()
    publisher = by_environment.get(environment) or by_environment.get("")
    if publisher is None:
        raise NoPublisherError("Publisher with matching claims was not found")
    _check_workflow(publisher, claims)
    if claims["event_name"] == "pull_request_target":
        raise NoPublisherError(
            "Publishing from a workflow invoked via 'pull_request_target' is not supported."
        )
    return publisher


def _matches(publisher: TrustedPublisher, claims: Mapping[str, Any], workflow: str) -> bool:
    """Tell whether repository, owner and workflow file are the publisher's, to the letter."""
    return (
        claims["repository"] == f"{publisher.owner}/{publisher.repository}"
        and claims["repository_owner"] == publisher.owner
        and str(claims["repository_owner_id"]) == str(publisher.owner_id)
        and workflow == publisher.workflow
    )


def _check_workflow(publisher: TrustedPublisher, claims: Mapping[str, Any]) -> None:
    """Refuse a job that is not written in the publisher's workflow itself.

    A reusable workflow's job is refused even where the file called is the publisher's: PyPI
    documents it as unsupported, though it lets some through by accident.
    """
    path = f"{claims['repository']}/.github/workflows/{publisher.workflow}"
    expected = sorted(f"{path}@{claims[name]}" for name in ("ref", "sha") if claims[name])
    workflow_ref = claims["job_workflow_ref"]
    caller = claims.get("workflow_ref", workflow_ref)
    if workflow_ref not in expected or caller != workflow_ref:
        raise NoPublisherError(
            "The job_workflow_ref claim does not match, expecting one of "
            f"{expected!r}, got {workflow_ref!r}"
        )
