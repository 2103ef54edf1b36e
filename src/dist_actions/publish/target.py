"""Where distributions are published to: an Artifact Registry repository, keylessly."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dist_actions.edges.http import HttpClient
from dist_actions.edges.retries import Retries
from dist_actions.edges.runner import Runner
from dist_actions.endpoints import GoogleEndpoints, is_location
from dist_actions.errors import InputError
from dist_actions.federation import Federation
from dist_actions.inputs import InputReader

if TYPE_CHECKING:
    from dist_actions.edges.index import Index

#: The user name that makes Artifact Registry take an access token as password.
#: Spec: https://cloud.google.com/artifact-registry/docs/python/authentication
_TOKEN_USER = "oauth2accesstoken"  # noqa: S105 - a user name
_PROVIDER = re.compile(
    r"projects/[0-9]+/locations/global/workloadIdentityPools/[a-z0-9-]+/providers/[a-z0-9-]+"
)
_ACCOUNT = re.compile(r"[a-z0-9-]+@[a-z0-9.:-]+\.gserviceaccount\.com", re.ASCII)
_PROJECT = re.compile(r"[a-z][a-z0-9.:-]{4,62}", re.ASCII)
_REPOSITORY = re.compile(r"[a-z][a-z0-9-]{0,62}", re.ASCII)
#: The variable of the GitHub Environment that each input is usually given.
_VARIABLES = {
    "workload-identity-provider": "GCP_WIF_PROVIDER",
    "service-account": "GCP_SA_EMAIL",
    "project-id": "GCP_PROJECT_ID",
    "location": "AR_LOCATION",
    "repository": "AR_REPOSITORY",
}
_REQUIRED = ("workload-identity-provider", "project-id", "location", "repository")


@dataclass(frozen=True)
class ArtifactRegistryTarget:
    """One Artifact Registry repository and how the job becomes known to it."""

    federation: Federation
    project_id: str
    location: str
    repository: str

    @property
    def label(self) -> str:
        """How messages name it."""
        return f"Artifact Registry {self.project_id}/{self.repository} in {self.location}"

    def index_url(self, endpoints: GoogleEndpoints) -> str:
        """Where installers read it."""
        return endpoints.index_url(self.location, self.project_id, self.repository)

    def open(
        self,
        endpoints: GoogleEndpoints,
        environ: Mapping[str, str],
        retries: Retries,
        runner: Runner,
    ) -> "Index":
        """Mint an access token and open the index with it.

        Raises:
            IdentityError: No token could be minted.
            ServiceUnavailableError: A service did not answer.
        """
        # Imported where they are needed: the phases that only plan or build start without them.
        from dist_actions.edges.google import mint_access_token  # noqa: PLC0415
        from dist_actions.edges.index import Index  # noqa: PLC0415

        token = mint_access_token(self.federation, endpoints, environ, HttpClient(retries), runner)
        return Index(
            self.label,
            repository_url=endpoints.repository_url(
                self.location, self.project_id, self.repository
            ),
            index_url=self.index_url(endpoints),
            username=_TOKEN_USER,
            password=token,
            http=HttpClient(retries, _TOKEN_USER, token.reveal()),
        )


def read_target(inputs: InputReader) -> ArtifactRegistryTarget:
    """Read the target's inputs; what is unusable is refused through `inputs`."""
    provider = inputs.text("workload-identity-provider").removeprefix("//iam.googleapis.com/")
    account = inputs.text("service-account")
    project_id, location = inputs.text("project-id"), inputs.text("location")
    repository = inputs.text("repository")
    checks = (
        ("workload-identity-provider", provider, _PROVIDER.fullmatch(provider)),
        ("service-account", account, _ACCOUNT.fullmatch(account)),
        ("project-id", project_id, _PROJECT.fullmatch(project_id)),
        ("location", location, is_location(location)),
        ("repository", repository, _REPOSITORY.fullmatch(repository)),
    )
    for name, value, usable in checks:
        if value and not usable:
            inputs.refuse(name, f"is {value!r}", _EXAMPLES[name])
    return ArtifactRegistryTarget(Federation(provider, account), project_id, location, repository)


def require_target(target: ArtifactRegistryTarget, environment: str) -> None:
    """Refuse a target with a setting missing.

    Args:
        target: As read.
        environment: Name of the GitHub Environment that should hold it; empty where unknown.

    Raises:
        InputError: Settings are missing; their variables and the environment are named.
    """
    values = {
        "workload-identity-provider": target.federation.provider,
        "project-id": target.project_id,
        "location": target.location,
        "repository": target.repository,
    }
    missing = [name for name in _REQUIRED if not values[name]]
    if not missing:
        return
    where = f"the GitHub Environment {environment!r}" if environment else "the GitHub Environment"
    variables = ", ".join(_VARIABLES[name] for name in missing)
    why = (
        f"the job does not name {where} with `environment:`, so its variables are empty."
        if len(missing) == len(_REQUIRED)
        else f"{where} does not set {variables}."
    )
    raise InputError(
        f"The inputs {', '.join(missing)} are empty (usually the variables {variables}).",
        why=why,
        fix=f"add `environment:` to the job, and set {variables} in {where} "
        "(Settings, Environments).",
        anchor="environment-variables",
    )


_EXAMPLES = {
    "workload-identity-provider": "write projects/PROJECT_NUMBER/locations/global/"
    "workloadIdentityPools/POOL/providers/PROVIDER",
    "service-account": "write NAME@PROJECT.iam.gserviceaccount.com",
    "project-id": "write the project's ID, such as eigenoid-dev",
    "location": "write a location, such as us-central1",
    "repository": "write the repository's name, such as eigenoid-python",
}
