"""The IAM Credentials API: a federated token for an access token of a service account.

Spec: https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/generateAccessToken
"""

import re
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, jsonify

from dist_sandbox.google.api_errors import (
    GoogleApiError,
    answer_api_errors,
    enforce_api_quota,
    invalid_argument,
    permission_denied,
    read_json_object,
    require_bearer,
)
from dist_sandbox.google.identity.access_tokens import Identity
from dist_sandbox.google.state import Google

_LONGEST = timedelta(hours=1)
_DURATION = re.compile(r"([0-9]+(?:\.[0-9]{1,9})?)s")
#: The scope that google-auth asks for where the federated token is only to impersonate.
_IAM_SCOPE = "https://www.googleapis.com/auth/iam"

_PERMISSION = "iam.serviceAccounts.getAccessToken"


def create_blueprint(google: Google) -> Blueprint:
    """Create the service, to be mounted at the root."""
    blueprint = Blueprint("iam-credentials", __name__, url_prefix="/iam-credentials")
    answer_api_errors(blueprint)
    enforce_api_quota(blueprint, google, "iam-credentials", "iamcredentials.googleapis.com")

    @blueprint.post("/v1/projects/<project>/serviceAccounts/<account>:generateAccessToken")
    def generate_access_token(project: str, account: str) -> Response:
        caller = require_bearer(google, other_scope=_IAM_SCOPE)
        if project != "-":
            raise invalid_argument("Invalid form of service account name: the project must be '-'.")
        scopes, lifetime = _requested_token()
        target = google.accounts.get(account)
        if target is None:
            raise GoogleApiError("NOT_FOUND", f"Not found; Gaia id not found for email {account}")
        if not target.enabled or not target.admits(caller.identity.members, now=google.clock.now()):
            raise permission_denied(_PERMISSION, "", domain="iam.googleapis.com")
        token = google.tokens.issue(
            Identity.of_service_account(account),
            scopes=scopes,
            expires_at=google.clock.now().replace(microsecond=0) + lifetime,
        )
        expire_time = token.expires_at.strftime("%Y-%m-%dT%H:%M:%SZ")
        return jsonify(accessToken=token.value, expireTime=expire_time)

    return blueprint


def _requested_token() -> tuple[frozenset[str], timedelta]:
    """Return the scopes and the lifetime that the request asks for."""
    body = read_json_object()
    unknown = sorted(set(body) - {"scope", "lifetime", "delegates"})
    if unknown:
        raise invalid_argument(
            f'Invalid JSON payload received. Unknown name "{unknown[0]}": Cannot find field.'
        )
    if body.get("delegates"):
        raise invalid_argument("Delegation is not available here.")
    return _scopes(body.get("scope")), _lifetime(body.get("lifetime", "3600s"))


def _scopes(names: Any) -> frozenset[str]:
    if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
        raise invalid_argument("Scope required.")
    return frozenset(names)


def _lifetime(duration: Any) -> timedelta:
    match = _DURATION.fullmatch(duration) if isinstance(duration, str) else None
    if match is None or float(match.group(1)) <= 0:
        raise invalid_argument(
            "Invalid value at 'lifetime' (type.googleapis.com/google.protobuf.Duration)"
        )
    lifetime = timedelta(seconds=float(match.group(1)))
    if lifetime > _LONGEST:
        raise invalid_argument("The access token lifetime cannot exceed 3600 seconds.")
    return lifetime
