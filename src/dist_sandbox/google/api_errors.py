"""Error answers of Google's JSON APIs, and the bearer token that they ask for.

Spec: https://cloud.google.com/apis/design/errors#http_mapping
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NoReturn

from flask import Blueprint, Response, jsonify, request

from dist_sandbox.google.identity.access_tokens import CLOUD_PLATFORM, IssuedToken
from dist_sandbox.google.quotas import Quota
from dist_sandbox.server.request_notes import note_principal
from dist_sandbox.world import World

_ERROR_INFO = "type.googleapis.com/google.rpc.ErrorInfo"

_HTTP_STATUSES = {
    "INVALID_ARGUMENT": 400,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "RESOURCE_EXHAUSTED": 429,
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
        retry_after_seconds: What `Retry-After` tells; `None` for no header.
    """

    status: str
    message: str
    reason: str = ""
    domain: str = "googleapis.com"
    metadata: dict[str, str] = field(default_factory=dict)
    retry_after_seconds: int | None = None

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


def quota_exceeded(service: str, quota: Quota) -> ApiError:
    """The answer to one request too many.

    Args:
        service: Its host, `artifactregistry.googleapis.com`.
    """
    return ApiError(
        "RESOURCE_EXHAUSTED",
        f"Quota exceeded for quota metric 'Requests' and limit 'Requests per minute' of service "
        f"'{service}'.",
        reason="RATE_LIMIT_EXCEEDED",
        metadata={"service": service, "quota_limit_value": str(quota.requests_per_minute)},
        retry_after_seconds=quota.retry_after_seconds,
    )


def enforce_quota(
    blueprint: Blueprint, world: World, service: str, refuse: Callable[[Quota], NoReturn]
) -> None:
    """Let a service refuse what exceeds its quota, before it looks at anything else.

    Args:
        service: One of `quotas.SERVICES`.
        refuse: Raises the service's own answer.
    """

    @blueprint.before_request
    def count() -> None:
        exceeded = world.google.quotas.take(service, now=world.clock.now())
        if exceeded is not None:
            refuse(exceeded)


def enforce_api_quota(blueprint: Blueprint, world: World, service: str, host: str) -> None:
    """Let a JSON API refuse what exceeds its quota.

    Args:
        service: One of `quotas.SERVICES`.
        host: What the answer calls the service.
    """

    def refuse(quota: Quota) -> NoReturn:
        raise quota_exceeded(host, quota)

    enforce_quota(blueprint, world, service, refuse)


def answer_api_errors(blueprint: Blueprint) -> None:
    """Let a blueprint's views raise `ApiError`."""

    @blueprint.errorhandler(ApiError)
    def refuse(error: ApiError) -> Response:
        answer = jsonify(error.to_json())
        answer.status_code = error.code
        if error.code == 401:
            answer.headers["WWW-Authenticate"] = 'Bearer realm="https://accounts.google.com/"'
        if error.retry_after_seconds is not None:
            answer.headers["Retry-After"] = str(error.retry_after_seconds)
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
    token = world.google.live_token(value.strip(), now=world.clock.now())
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
