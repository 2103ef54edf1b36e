"""The Security Token Service: an ID token for a federated token.

Spec: RFC 8693; https://cloud.google.com/iam/docs/reference/sts/rest/v1/TopLevel/token
"""

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NoReturn

from flask import Blueprint, Response, jsonify, request

from dist_sandbox.google.api_errors import enforce_quota
from dist_sandbox.google.identity.access_tokens import Identity
from dist_sandbox.google.identity.attributes import (
    MappedAttributesError,
    condition_accepts,
    map_attributes,
)
from dist_sandbox.google.identity.oauth_errors import OAuthError, answer_oauth_errors
from dist_sandbox.google.identity.providers import Provider, parse_audience
from dist_sandbox.google.identity.subject_tokens import RefusedTokenError, SubjectTokens
from dist_sandbox.google.quotas import Quota
from dist_sandbox.google.state import Google
from dist_sandbox.keys.issuer_keys import IssuerKeys
from dist_sandbox.server.request_notes import note_principal

_GRANT_TYPE = "urn:ietf:params:oauth:grant-type:token-exchange"
_ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105 - a type's name
_SUBJECT_TOKEN_TYPES = (
    "urn:ietf:params:oauth:token-type:jwt",
    "urn:ietf:params:oauth:token-type:id_token",
)

#: How long a federated token lasts. Source: `expires_in` of the real service's answers.
_LIFETIME = timedelta(hours=1)

#: Field names of the JSON form, which the API's own description uses, by those of the RFC.
_JSON_NAMES = {
    "grant_type": "grantType",
    "audience": "audience",
    "scope": "scope",
    "requested_token_type": "requestedTokenType",
    "subject_token": "subjectToken",
    "subject_token_type": "subjectTokenType",
}

_BAD_AUDIENCE = (
    'Invalid value for "audience". This value should be the full resource name of the Identity '
    "Provider. See https://cloud.google.com/iam/docs/reference/sts/rest/v1/TopLevel/token for the "
    "list of possible formats."
)
_NO_TARGET = (
    'The target service indicated by the "audience" parameters is invalid. This might either be '
    "because the pool or provider is disabled or deleted or because it doesn't exist."
)
_THROTTLED = (
    "The request was throttled due to rate limit: sts.googleapis.com/requests. Please retry after "
    "a few seconds."
)
_REJECTED = "The given credential is rejected by the attribute condition."
_REPLAYED = "The given ID Token was exchanged before."


def create_blueprint(google: Google) -> Blueprint:
    """Create the service, to be mounted at the root."""
    blueprint = Blueprint("sts", __name__, url_prefix="/sts")
    subject_tokens = SubjectTokens(IssuerKeys(google.addresses.bypass_gateway))
    answer_oauth_errors(blueprint)
    enforce_quota(blueprint, google, "sts", _throttle)

    @blueprint.post("/v1/token")
    def exchange() -> Response:
        fields = _fields()
        provider = _checked_provider(google, fields)
        identity = _federated_identity(google, provider, subject_tokens, fields["subject_token"])
        token = google.tokens.issue(
            identity,
            scopes=frozenset(fields["scope"].split()),
            expires_at=google.clock.now() + _LIFETIME,
        )
        note_principal(request.environ, identity.name)
        return jsonify(
            access_token=token.value,
            issued_token_type=_ACCESS_TOKEN,
            token_type="Bearer",  # noqa: S106 - a type's name
            expires_in=int(_LIFETIME.total_seconds()),
        )

    return blueprint


def _throttle(quota: Quota) -> NoReturn:
    raise OAuthError(
        "quota_exceeded", _THROTTLED, status=429, retry_after_seconds=quota.retry_after_seconds
    )


def _fields() -> dict[str, str]:
    """Return the request's fields under the RFC's names, from a form or from JSON."""
    body: Any = request.get_json(silent=True) if request.is_json else request.form
    if not isinstance(body, Mapping):
        body = {}
    fields: dict[str, str] = {}
    for name, json_name in _JSON_NAMES.items():
        value = body.get(name, body.get(json_name, ""))
        fields[name] = value if isinstance(value, str) else ""
    return fields


def _checked_provider(google: Google, fields: Mapping[str, str]) -> Provider:
    """Return the provider that is addressed, once everything but the token is in order."""
    expected = {
        "grant_type": (_GRANT_TYPE,),
        "requested_token_type": (_ACCESS_TOKEN,),
        "subject_token_type": _SUBJECT_TOKEN_TYPES,
    }
    for name, allowed in expected.items():
        if fields[name] not in allowed:
            kind = "unsupported_grant_type" if name == "grant_type" else "invalid_request"
            raise OAuthError(kind, f'Invalid value for "{name}".')
    for name in ("subject_token", "scope"):
        if not fields[name]:
            raise OAuthError("invalid_request", f'Missing required parameter: "{name}".')
    resource_name = parse_audience(fields["audience"])
    if resource_name is None:
        raise OAuthError("invalid_request", _BAD_AUDIENCE)
    provider = google.providers.get(resource_name)
    if provider is None or not provider.enabled or provider.pool in google.disabled_pools:
        raise OAuthError("invalid_target", _NO_TARGET)
    return provider


def _federated_identity(
    google: Google, provider: Provider, subject_tokens: SubjectTokens, subject_token: str
) -> Identity:
    """Verify an ID token, and return the identity that it grants."""
    try:
        claims = subject_tokens.verify(subject_token, provider, now=google.clock.now())
        mapped = map_attributes(provider.attribute_mapping, claims)
    except RefusedTokenError as error:
        raise OAuthError("invalid_grant", str(error)) from error
    except MappedAttributesError as error:
        raise OAuthError("invalid_request", str(error)) from error
    if not condition_accepts(provider.attribute_condition, claims, mapped):
        raise OAuthError("unauthorized_client", _REJECTED)
    token_id = str(claims.get("jti") or hashlib.sha256(subject_token.encode()).hexdigest())
    is_first = google.tokens.first_exchange(f"{provider.issuer_uri} {token_id}")
    if google.refuses_replay and not is_first:
        raise OAuthError("invalid_grant", _REPLAYED)
    return Identity.of_federation(provider.pool, mapped)
