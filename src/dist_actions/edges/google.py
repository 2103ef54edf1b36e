"""An access token of Google Cloud for the job: ID token → federated token → access token.

google-auth does the exchange; it neither retries nor explains, which is done here. No credentials
file is ever written: one in the workspace ends up inside sdists.
Spec: https://cloud.google.com/iam/docs/workload-identity-federation-with-deployment-pipelines
"""

import json
from collections.abc import Mapping
from typing import Any

import google.auth.transport
import requests
from google.auth import exceptions, identity_pool

from dist_actions.claims import describe_claims, read_unverified_claims
from dist_actions.edges.http import HttpClient, UnreadableError
from dist_actions.edges.oidc import request_id_token
from dist_actions.edges.runner import Runner
from dist_actions.endpoints import GoogleEndpoints
from dist_actions.errors import IdentityError
from dist_actions.federation import Federation
from dist_actions.google_refusals import explain_exchange_refusal, explain_impersonation_refusal
from dist_actions.secret import Secret

_SCOPE = "https://www.googleapis.com/auth/cloud-platform"
_JWT = "urn:ietf:params:oauth:token-type:jwt"
#: A publication takes minutes; a token that leaks should not live longer.
_LIFETIME_SECONDS = 900


def mint_access_token(
    federation: Federation,
    endpoints: GoogleEndpoints,
    environ: Mapping[str, str],
    http: HttpClient,
    runner: Runner,
) -> Secret:
    """Exchange the job's ID token for an access token.

    A try that fails is repeated from the start: an ID token is good for one exchange.

    Raises:
        IdentityError: The job may not have an ID token, or Google refuses it.
        ServiceUnavailableError: A service did not answer.
    """

    def attempt() -> Secret:
        audience = f"https://iam.googleapis.com/{federation.provider}"
        id_token = request_id_token(environ, audience, http)
        runner.mask(id_token)
        return _exchange(id_token, federation, endpoints, http)

    secret = http.retries.call("exchange the ID token at Google", attempt, http.classify)
    runner.mask(secret)
    return secret


def _exchange(
    id_token: Secret, federation: Federation, endpoints: GoogleEndpoints, http: HttpClient
) -> Secret:
    claims = read_unverified_claims(id_token.reveal())
    transport = _Transport(http)
    credentials = identity_pool.Credentials(  # type: ignore[no-untyped-call]
        audience=f"//iam.googleapis.com/{federation.provider}",
        subject_token_type=_JWT,
        token_url=endpoints.sts_url,
        subject_token_supplier=_Supplier(id_token),
        service_account_impersonation_url=(
            endpoints.impersonation_url(federation.service_account)
            if federation.service_account
            else None
        ),
        service_account_impersonation_options={"token_lifetime_seconds": _LIFETIME_SECONDS},
        scopes=[_SCOPE],
    )
    try:
        credentials.refresh(transport)  # type: ignore[no-untyped-call]
    except exceptions.OAuthError as error:
        raise _exchange_refused(error, federation, claims) from error
    except exceptions.GoogleAuthError as error:
        raise explain_impersonation_refusal(
            transport.last_status, federation.service_account, federation.provider, claims
        ) from error
    return Secret(str(credentials.token))


def _exchange_refused(
    error: exceptions.OAuthError, federation: Federation, claims: Mapping[str, Any]
) -> IdentityError:
    try:
        body = json.loads(error.args[1])
    except (IndexError, TypeError, ValueError):
        body = {}
    return explain_exchange_refusal(
        str(body.get("error", "unknown")),
        str(body.get("error_description", "")),
        provider=federation.provider,
        claims=describe_claims(claims),
    )


class _Supplier(identity_pool.SubjectTokenSupplier):
    """Hands google-auth the ID token that is at hand already."""

    def __init__(self, id_token: Secret) -> None:
        self._id_token = id_token

    def get_subject_token(self, context: object, request: object) -> str:
        """The ID token."""
        del context, request
        return self._id_token.reveal()


class _Answer(google.auth.transport.Response):
    """An answer as google-auth reads it; its base declares abstract properties."""

    def __init__(self, status: int, headers: Mapping[str, str], data: bytes) -> None:
        self._status, self._headers, self._data = status, headers, data

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self._status

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers."""
        return self._headers

    @property
    def data(self) -> bytes:
        """The body."""
        return self._data


class _Transport(google.auth.transport.Request):
    """Carries google-auth's requests, one try each."""

    def __init__(self, http: HttpClient) -> None:
        self._http = http
        self.last_status = 0

    def __call__(
        self,
        url: str,
        method: str = "GET",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        **_: object,
    ) -> _Answer:
        del timeout
        response = self._http.send_once(
            requests.Request(method, url, data=body, headers=dict(headers or {}))
        )
        self.last_status = response.status_code
        if response.status_code == 200 and not _is_json(response.content):
            raise UnreadableError
        return _Answer(response.status_code, response.headers, response.content)


def _is_json(data: bytes) -> bool:
    try:
        json.loads(data)
    except ValueError:
        return False
    return True
