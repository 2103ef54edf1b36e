"""An upload token of PyPI for the job, by Trusted Publishing.

Spec: PyPI's documentation of Trusted Publishers, its part on internals
"""

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from functools import partial
from typing import Any

from dist_actions.errors import IdentityError
from dist_actions.identity.claims import is_reusable_workflow, read_unverified_claims
from dist_actions.identity.secret import Secret
from dist_actions.job.endpoints import PyPIEndpoints
from dist_actions.services.answers import is_success
from dist_actions.services.http import Answer, HttpClient
from dist_actions.services.index.trusted_publishing_refusals import (
    explain_mint_refusal,
    refuse_reusable_workflow,
)
from dist_actions.services.json_fields import text
from dist_actions.services.login import Minted
from dist_actions.services.oidc import request_id_token
from dist_actions.services.runner import Runner

#: How long PyPI's tokens last.
_LIFETIME = timedelta(minutes=15)


def mint_upload_token(
    label: str,
    endpoints: PyPIEndpoints,
    environ: Mapping[str, str],
    http: HttpClient,
    runner: Runner,
    *,
    username: str,
) -> Minted:
    """Exchange the job's ID token for a token that may upload.

    A try that fails is repeated from the start: an ID token is good for one exchange.

    Args:
        label: How messages name the index.
        http: Without credentials.
        username: With whom the token is sent.

    Raises:
        IdentityError: The job may not have an ID token, stands in a reusable workflow, or no
            publisher fits it.
        ServiceUnavailableError: A service did not answer.
    """
    audience = _audience(label, endpoints, http)
    operation = f"get an upload token from {label}"

    def attempt() -> Minted:
        id_token = request_id_token(environ, audience, http, runner)
        claims = read_unverified_claims(id_token.reveal())
        if is_reusable_workflow(claims):
            raise refuse_reusable_workflow(label, claims)
        url = f"{endpoints.oidc_url}/mint-token"
        answer = http.ask_once(operation, "POST", url, json={"token": id_token.reveal()})
        if not is_success(answer.status_code):
            raise _refused(label, answer, claims, endpoints)
        minted = answer.read_json(partial(_minted, now=http.retries.clock.now()))
        runner.mask(minted.secret, username)
        return minted

    return http.retries.call(operation, attempt, http.classify)


def _audience(label: str, endpoints: PyPIEndpoints, http: HttpClient) -> str:
    operation = f"ask {label} for its audience"

    def attempt() -> str:
        answer = http.ask_once(operation, "GET", f"{endpoints.oidc_url}/audience")
        if not is_success(answer.status_code):
            raise _refused(label, answer, {}, endpoints)
        return answer.read_json(lambda body: text(body["audience"] or None))

    return http.retries.call(operation, attempt, http.classify)


def _minted(body: Any, now: datetime) -> Minted:
    expires = body.get("expires")
    return Minted(
        Secret(text(body["token"] or None)),
        datetime.fromtimestamp(expires, timezone.utc)
        if isinstance(expires, int)
        else now + _LIFETIME,
    )


def _refused(
    label: str, answer: Answer, claims: Mapping[str, Any], endpoints: PyPIEndpoints
) -> IdentityError:
    errors = answer.json_object().get("errors")
    return explain_mint_refusal(
        label,
        answer.status_code,
        errors if isinstance(errors, list) else [],
        claims,
        endpoints.publishing_url,
    )
