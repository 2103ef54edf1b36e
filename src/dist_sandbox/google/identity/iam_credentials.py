"""The IAM Credentials API: a federated token for an access token of a service account.

Spec: https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/generateAccessToken
"""

import re
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, jsonify, request

from dist_sandbox.google.api_errors import (
    ApiError,
    answer_api_errors,
    enforce_api_quota,
    permission_denied,
    require_bearer,
)
from dist_sandbox.google.identity.access_tokens import Identity
from dist_sandbox.world import World

_LONGEST = timedelta(hours=1)
_DURATION = re.compile(r"([0-9]+(?:\.[0-9]{1,9})?)s")
#: The scope that google-auth asks for where the federated token is only to impersonate.
_IAM_SCOPE = "https://www.googleapis.com/auth/iam"

_PERMISSION = "iam.serviceAccounts.getAccessToken"


def create_blueprint(world: World) -> Blueprint:
    """The service, to be mounted at the root."""
    blueprint = Blueprint("iam-credentials", __name__, url_prefix="/iam-credentials")
    answer_api_errors(blueprint)
    enforce_api_quota(blueprint, world, "iam-credentials", "iamcredentials.googleapis.com")

    @blueprint.post("/v1/projects/<project>/serviceAccounts/<account>:generateAccessToken")
    def generate_access_token(project: str, account: str) -> Response:
        caller = require_bearer(world, other_scope=_IAM_SCOPE)
        if project != "-":
            raise _invalid("Invalid form of service account name: the project must be '-'.")
        scopes, lifetime = _asked_for()
        found = world.google.accounts.get(account)
        if found is None:
            raise ApiError("NOT_FOUND", f"Not found; Gaia id not found for email {account}")
        if not found.enabled or not found.admits(caller.identity.members, now=world.clock.now()):
            raise permission_denied(_PERMISSION, "", domain="iam.googleapis.com")
        issued = world.google.tokens.issue(
            Identity.of_service_account(account),
            scopes=scopes,
            expires_at=world.clock.now().replace(microsecond=0) + lifetime,
        )
        expire_time = issued.expires_at.strftime("%Y-%m-%dT%H:%M:%SZ")
        return jsonify(accessToken=issued.value, expireTime=expire_time)

    return blueprint


def _asked_for() -> tuple[frozenset[str], timedelta]:
    """Scopes and lifetime that the request asks for."""
    body: Any = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise _invalid("Invalid JSON payload received.")
    unknown = sorted(set(body) - {"scope", "lifetime", "delegates"})
    if unknown:
        raise _invalid(
            f'Invalid JSON payload received. Unknown name "{unknown[0]}": Cannot find field.'
        )
    if body.get("delegates"):
        raise _invalid("Delegation is not available here.")
    return _scopes(body.get("scope")), _lifetime(body.get("lifetime", "3600s"))


def _scopes(given: Any) -> frozenset[str]:
    if not isinstance(given, list) or not given or not all(isinstance(one, str) for one in given):
        raise _invalid("Scope required.")
    return frozenset(given)


def _lifetime(given: Any) -> timedelta:
    match = _DURATION.fullmatch(given) if isinstance(given, str) else None
    if match is None or float(match.group(1)) <= 0:
        raise _invalid("Invalid value at 'lifetime' (type.googleapis.com/google.protobuf.Duration)")
    lifetime = timedelta(seconds=float(match.group(1)))
    if lifetime > _LONGEST:
        raise _invalid("The access token lifetime cannot exceed 3600 seconds.")
    return lifetime


def _invalid(message: str) -> ApiError:
    return ApiError("INVALID_ARGUMENT", message)
