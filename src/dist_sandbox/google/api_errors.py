"""Error answers of Google's JSON APIs, and the bearer token that they ask for.

Spec: https://cloud.google.com/apis/design/errors#http_mapping
"""

from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Response, jsonify, request

from dist_sandbox.google.identities import CLOUD_PLATFORM, IssuedToken
from dist_sandbox.request_notes import note_principal
from dist_sandbox.world import World

_ERROR_INFO = "type.googleapis.com/google.rpc.ErrorInfo"

_HTTP_STATUSES = {
    "INVALID_ARGUMENT": 400,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
}
_EXPECTED_CREDENTIAL = (
    "Expected OAuth 2 access token, login cookie or other valid authentication credential. "
    "See https://developers.google.com/identity/sign-in/web/devconsole-project."
)


@dataclass(frozen=True)
class ApiError(Exception):
    """An error answer.

    Attributes:
        status: Name of the code (`PERMISSION_DENIED`), from which the HTTP status follows.
        reason: Machine-readable cause within `domain`; empty where there are no details.
    """

    status: str
    message: str
    reason: str = ""
    domain: str = "googleapis.com"
    metadata: dict[str, str] = field(default_factory=dict)

    @property
    def code(self) -> int:
        """The HTTP status."""
        return _HTTP_STATUSES[self.status]

    def to_json(self) -> dict[str, Any]:
        """The body of the answer."""
        error: dict[str, Any] = {
            "code": self.code,
            "message": self.message,
            "status": self.status,
        }
        if self.reason:
            detail: dict[str, Any] = {
                "@type": _ERROR_INFO,
                "reason": self.reason,
                "domain": self.domain,
            }
            if self.metadata:
                detail["metadata"] = self.metadata
            error["details"] = [detail]
        return {"error": error}


def permission_denied(permission: str, resource: str, *, domain: str) -> ApiError:
    """The answer to a caller who lacks a permission, or names something that is not there.

    Args:
        resource: Full resource name, or empty where the service does not tell it.
    """
    place = f"resource '{resource}'" if resource else "resource"
    return ApiError(
        "PERMISSION_DENIED",
        f"Permission '{permission}' denied on {place} (or it may not exist).",
        reason="IAM_PERMISSION_DENIED",
        domain=domain,
        metadata={"permission": permission} | ({"resource": resource} if resource else {}),
    )


def answer_api_errors(blueprint: Blueprint) -> None:
    """Let a blueprint's views raise `ApiError`."""

    @blueprint.errorhandler(ApiError)
    def refuse(error: ApiError) -> Response:
        answer = jsonify(error.to_json())
        answer.status_code = error.code
        if error.code == 401:
            answer.headers["WWW-Authenticate"] = 'Bearer realm="https://accounts.google.com/"'
        return answer


def require_bearer(world: World, *, other_scope: str = CLOUD_PLATFORM) -> IssuedToken:
    """The access token that the request carries.

    Args:
        other_scope: A scope that this API accepts besides cloud-platform.

    Raises:
        ApiError: 401 without a live token, 403 where it lacks both scopes.
    """
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not value:
        raise ApiError(
            "UNAUTHENTICATED",
            f"Request is missing required authentication credential. {_EXPECTED_CREDENTIAL}",
            reason="CREDENTIALS_MISSING",
        )
    token = world.google.tokens.find(value.strip(), now=world.clock.now())
    if token is None:
        raise ApiError(
            "UNAUTHENTICATED",
            f"Request had invalid authentication credentials. {_EXPECTED_CREDENTIAL}",
            reason="ACCESS_TOKEN_EXPIRED",
        )
    note_principal(request.environ, token.identity.name)
    if token.scopes.isdisjoint({CLOUD_PLATFORM, other_scope}):
        raise ApiError(
            "PERMISSION_DENIED",
            "Request had insufficient authentication scopes.",
            reason="ACCESS_TOKEN_SCOPE_INSUFFICIENT",
        )
    return token
