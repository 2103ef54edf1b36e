"""Whoever reads an index: a federated account in Artifact Registry, or a user elsewhere."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dist_actions.errors import IdentityError
from dist_actions.identity.google import ACCESS_TOKEN_USER, Federation
from dist_actions.identity.secret import Secret
from dist_actions.indexes.logins import google_member
from dist_actions.indexes.targets import ArtifactRegistryTarget, RepositoryTarget
from dist_actions.job.endpoints import GoogleEndpoints
from dist_actions.login.public_names import PublicNameCheck, PublicNames
from dist_actions.services.google.repositories import RepositoriesApi
from dist_actions.services.google.tokens import mint_access_token
from dist_actions.services.http import HttpClient
from dist_actions.services.login import Login
from dist_actions.services.retries import Retries
from dist_actions.services.runner import Runner

#: No project has this name: it ends as none may.
_NO_PROJECT = "dist-actions-login-"
_REFUSALS = (401, 403)


@dataclass(frozen=True)
class Reader:
    """A credential that was seen to read the index.

    Attributes:
        username: With whom it is sent.
        secret: The password or token; empty where everybody may read.
        expires_at: When it ends; None where nobody knows.
        is_virtual: Whether the index is a virtual repository of Artifact Registry.
        find_public_names: Finds private names that the index serves from the public one, too.
    """

    username: str
    secret: Secret
    expires_at: datetime | None = None
    is_virtual: bool = False
    find_public_names: Callable[[], PublicNames] = field(default=PublicNames, repr=False)


def read_artifact_registry(
    target: ArtifactRegistryTarget,
    environ: Mapping[str, str],
    retries: Retries,
    runner: Runner,
    lifetime: timedelta,
) -> Reader:
    """Mint a reader's token, and ask what the repository is.

    Raises:
        IdentityError: No token could be minted, or it may not read the repository.
        ServiceUnavailableError: A service did not answer.
    """
    federation = target.identity
    if not isinstance(federation, Federation):
        raise TypeError("readers have no keys")
    endpoints, http = GoogleEndpoints.from_environ(environ), HttpClient(retries)
    minted = mint_access_token(
        federation, endpoints, environ, http, runner, lifetime=lifetime, reads=True
    )
    login = Login.of_password(ACCESS_TOKEN_USER, minted.secret, retries.clock)
    member = google_member(federation, environ)
    api = RepositoriesApi(endpoints.artifact_registry_api_url, member, login, http)
    resource = endpoints.repository_api_url(target.location, target.project_id, target.repository)
    description = api.describe(resource.rpartition("/v1/")[2])
    check = PublicNameCheck(api, endpoints, login, retries)
    return Reader(
        ACCESS_TOKEN_USER,
        minted.secret,
        minted.expires_at,
        description.is_virtual,
        lambda: check.run(description),
    )


def read_repository(target: RepositoryTarget, retries: Retries, runner: Runner) -> Reader:
    """Look whether the index takes the user and password that the job was given.

    Raises:
        IdentityError: It does not.
        ServiceUnavailableError: It did not answer.
    """
    username, secret = target.login.username, target.login.secret
    login = None
    if secret:
        runner.mask(secret, username)
        login = Login.of_password(username, secret, retries.clock)
    answer = HttpClient(retries, login).send(
        "read the index", "GET", f"{target.index_url}{_NO_PROJECT}/"
    )
    if answer.status_code in _REFUSALS:
        raise IdentityError(
            f"{target.label} refuses to be read (HTTP {answer.status_code}).",
            why="user and password are wrong or have expired, or may not read there."
            if secret
            else "it wants a user and a password, and the inputs username and password are empty.",
            fix="make a token that may read the index, store it as a secret, and give it as "
            "password, with its user as username.",
            anchor="password",
        )
    return Reader(username, secret)
