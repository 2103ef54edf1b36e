"""Access tokens of Google Cloud for the job, by its ID token or by a service account's key.

google-auth does the exchanges; it neither retries nor explains, which is done here. No credentials
file is ever written: one in the workspace ends up inside sdists.
Spec: https://cloud.google.com/iam/docs/workload-identity-federation-with-deployment-pipelines
"""

import json
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qs

from google.auth import exceptions, identity_pool, transport
from google.oauth2 import service_account

from dist_actions.errors import IdentityError
from dist_actions.identity.claims import has_numbered_subject, read_unverified_claims
from dist_actions.identity.google import ACCESS_TOKEN_USER, Federation, ServiceAccountKey
from dist_actions.identity.secret import Secret
from dist_actions.job.endpoints import GoogleEndpoints
from dist_actions.services.answers import is_success
from dist_actions.services.google.refusals import (
    explain_damaged_key,
    explain_exchange_refusal,
    explain_impersonation_refusal,
    explain_key_refusal,
)
from dist_actions.services.http import HttpClient
from dist_actions.services.json_fields import text
from dist_actions.services.login import Minted
from dist_actions.services.oidc import request_id_token
from dist_actions.services.retries import Retries
from dist_actions.services.runner import Runner

#: Of the answers of the token exchange, of IAM Credentials, and of the OAuth token endpoint.
_MINTED = ("access_token", "accessToken", "id_token")
#: How IAM Credentials writes a time.
_IAM_TIME = "%Y-%m-%dT%H:%M:%SZ"
_SCOPE = "https://www.googleapis.com/auth/cloud-platform"
_JWT = "urn:ietf:params:oauth:token-type:jwt"
#: A publication takes minutes; a token that leaks should not live longer.
_LIFETIME = timedelta(minutes=15)
#: Pauses while a new binding of the service account may be on its way, together 100 seconds: it
#: takes up to some minutes, and one that is missing should be told soon.
#: Spec: https://cloud.google.com/iam/docs/access-change-propagation
_BINDING_PAUSES_SECONDS = (5, 10, 20, 30, 35)
_IMPERSONATION = "iam.serviceAccounts.getAccessToken"


def mint_access_token(
    federation: Federation,
    endpoints: GoogleEndpoints,
    environ: Mapping[str, str],
    http: HttpClient,
    runner: Runner,
    *,
    lifetime: timedelta = _LIFETIME,
    reads: bool = False,
) -> Minted:
    """Exchange the job's ID token for an access token.

    A try that fails is repeated from the start: an ID token is good for one exchange.

    Args:
        lifetime: Of the service account's token; the federated token itself lasts an hour.
        reads: Whether the job only reads, for messages.

    Raises:
        IdentityError: The job may not have an ID token, or Google refuses it.
        ServiceUnavailableError: A service did not answer.
    """

    def attempt() -> Minted:
        audience = f"https://iam.googleapis.com/{federation.provider}"
        id_token = request_id_token(environ, audience, http, runner)
        if has_numbered_subject(read_unverified_claims(id_token.reveal())):
            runner.log(
                "This repository's ID tokens have a subject with numeric IDs; a condition that "
                "compares the subject must have them too."
            )
        exchange = _Exchange(federation, endpoints, lifetime, reads=reads)
        return exchange.run(id_token, _Transport(http, runner))

    return _await_binding(
        http.retries,
        lambda: http.retries.call("exchange the ID token at Google", attempt, http.classify),
    )


def _await_binding(retries: Retries, exchange: Callable[[], Minted]) -> Minted:
    """Give a binding that was made a moment ago time to work, though never more than `max_wait`."""
    waited = 0.0
    for pause in (*_BINDING_PAUSES_SECONDS, math.inf):
        try:
            return exchange()
        except _NotBoundError as error:
            waited += pause
            if waited > retries.max_wait.total_seconds():
                raise error.refusal from error
            retries.log(f"{error.refusal.what} A new binding takes a while; next try in {pause} s")
            retries.clock.sleep(pause)
    raise AssertionError("the last try returns or raises")


class _NotBoundError(Exception):
    """The job may not act as the service account, or not yet."""

    def __init__(self, refusal: IdentityError) -> None:
        super().__init__(refusal.what)
        self.refusal = refusal


def mint_by_key(
    key: ServiceAccountKey, endpoints: GoogleEndpoints, http: HttpClient, runner: Runner
) -> Minted:
    """Exchange an assertion that the key signs for an access token.

    The token address in the key is not followed: whoever wrote it would get the assertion.

    Raises:
        IdentityError: The key is damaged, or Google refuses it.
        ServiceUnavailableError: The service did not answer.
    Spec: https://developers.google.com/identity/protocols/oauth2/service-account#httprest
    """
    runner.mask(key.private_key)
    info = {**key.info, "token_uri": endpoints.oauth_token_url}
    try:
        credentials = service_account.Credentials.from_service_account_info(  # type: ignore[no-untyped-call]
            info, scopes=[_SCOPE]
        )
    except (ValueError, exceptions.GoogleAuthError) as error:
        raise explain_damaged_key(key.email) from error

    def attempt() -> Minted:
        try:
            credentials.refresh(_Transport(http, runner))
        except exceptions.RefreshError as error:
            raise _key_refused(error, key.email) from error
        return _minted(credentials)

    return http.retries.call("use the service account's key", attempt, http.classify)


def _key_refused(error: exceptions.RefreshError, email: str) -> IdentityError:
    body = error.args[1] if len(error.args) > 1 and isinstance(error.args[1], dict) else {}
    return explain_key_refusal(
        str(body.get("error", "unknown")), str(body.get("error_description", "")), email
    )


def _minted(credentials: Any) -> Minted:
    """Read what google-auth holds after a refresh; its times are UTC without a zone."""
    expiry: datetime | None = credentials.expiry
    return Minted(
        Secret(str(credentials.token)), expiry.replace(tzinfo=timezone.utc) if expiry else None
    )


@dataclass(frozen=True)
class _Exchange:
    """What an ID token is exchanged for, and where."""

    federation: Federation
    endpoints: GoogleEndpoints
    lifetime: timedelta
    reads: bool

    def run(self, id_token: Secret, carrier: "_Transport") -> Minted:
        """Exchange an ID token, once."""
        federation, claims = self.federation, read_unverified_claims(id_token.reveal())
        account = federation.service_account
        credentials = identity_pool.Credentials(  # type: ignore[no-untyped-call]
            audience=f"//iam.googleapis.com/{federation.provider}",
            subject_token_type=_JWT,
            token_url=self.endpoints.sts_url,
            subject_token_supplier=_Supplier(id_token),
            service_account_impersonation_url=(
                self.endpoints.impersonation_url(account) if account else None
            ),
            service_account_impersonation_options={
                "token_lifetime_seconds": int(self.lifetime.total_seconds())
            },
            scopes=[_SCOPE],
        )
        try:
            credentials.refresh(carrier)  # type: ignore[no-untyped-call]
        except exceptions.OAuthError as error:
            raise self._exchange_refused(error, claims) from error
        except exceptions.GoogleAuthError as error:
            body = str(error.args[1]) if len(error.args) > 1 else ""
            refusal = explain_impersonation_refusal(
                carrier.last_status,
                body,
                service_account=account,
                provider=federation.provider,
                claims=claims,
            )
            if carrier.last_status == 403 and _IMPERSONATION in body:
                raise _NotBoundError(refusal) from error
            raise refusal from error
        return _minted(credentials)

    def _exchange_refused(
        self, error: exceptions.OAuthError, claims: Mapping[str, Any]
    ) -> IdentityError:
        try:
            body = json.loads(error.args[1])
        except (IndexError, TypeError, ValueError):
            body = {}
        code, description = body.get("error", "unknown"), body.get("error_description", "")
        if isinstance(code, dict):  # the form of Google's other services
            code, description = code.get("status", "unknown"), code.get("message", "")
        return explain_exchange_refusal(
            str(code),
            str(description),
            provider=self.federation.provider,
            claims=claims,
            reads=self.reads,
        )


class _Supplier(identity_pool.SubjectTokenSupplier):
    """Hands google-auth the ID token that is at hand already."""

    def __init__(self, id_token: Secret) -> None:
        self._id_token = id_token

    def get_subject_token(self, context: object, request: object) -> str:
        """Return the ID token."""
        del context, request
        return self._id_token.reveal()


class _Transport(transport.Request):
    """What google-auth calls to send a request: our own client, one try each.

    What it signs, and what comes back, is masked here: federated tokens are seen nowhere else.

    Attributes:
        last_status: HTTP status of the newest answer; 0 before the first.
    """

    def __init__(self, http: HttpClient, runner: Runner) -> None:
        self._http = http
        self._runner = runner
        self.last_status = 0

    def __call__(
        self,
        url: str,
        method: str = "GET",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        **_: object,
    ) -> "_Answer":
        """Send a request; the time limits are our client's."""
        del timeout
        sent = parse_qs((body or b"").decode("utf-8", errors="replace"))
        self._mask(sent.get("assertion", []))
        answer = self._http.ask_once(
            "exchange the ID token at Google", method, url, data=body, headers=dict(headers or {})
        )
        self.last_status = answer.status_code
        minted = answer.json_object()
        self._mask(minted[name] for name in _MINTED if isinstance(minted.get(name), str))
        if is_success(answer.status_code):
            answer.read_json(_require_token)
            return _Answer(200, answer.headers, answer.content)
        # google-auth breaks down over a refusal that is no UTF-8, or JSON and no object.
        words = "{}" if _is_json(answer.content) else answer.text
        content = json.dumps(minted) if minted else words
        return _Answer(answer.status_code, answer.headers, content.encode())

    def _mask(self, values: Iterable[str]) -> None:
        for value in values:
            self._runner.mask(Secret(value), ACCESS_TOKEN_USER)


def _require_token(body: Any) -> None:
    """Stumble over what google-auth needs and an answer lacks."""
    if "accessToken" in body:
        text(body["accessToken"] or None)
        datetime.strptime(body["expireTime"], _IAM_TIME).replace(tzinfo=timezone.utc)
    else:
        text(body["access_token"] or None)
        timedelta(seconds=int(body["expires_in"]))


class _Answer(transport.Response):
    """An answer as google-auth reads it; its base declares abstract properties."""

    def __init__(self, status: int, headers: Mapping[str, str], data: bytes) -> None:
        self._status, self._headers, self._data = status, headers, data

    @property
    def status(self) -> int:
        """Return the HTTP status."""
        return self._status

    @property
    def headers(self) -> Mapping[str, str]:
        """Return the headers."""
        return self._headers

    @property
    def data(self) -> bytes:
        """Return the body."""
        return self._data


def _is_json(data: bytes) -> bool:
    try:
        json.loads(data)
    except RecursionError:
        return True
    except ValueError:
        return False
    return True
