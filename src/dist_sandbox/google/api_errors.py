"""Error answers of Google's JSON APIs, and the bearer token and quota that they check.

Spec: https://cloud.google.com/apis/design/errors#http_mapping
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NoReturn

from flask import Blueprint, Response, jsonify, request

from dist_sandbox.google.identity.access_tokens import CLOUD_PLATFORM, IssuedToken
from dist_sandbox.google.quotas import Quota
from dist_sandbox.google.state import Google
from dist_sandbox.server.request_notes import note_principal

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
class GoogleApiError(Exception):
    """An error answer.

    Attributes:
        status: Name of the code (`PERMISSION_DENIED`), from which the HTTP status follows.
        message: What is wrong, for people.
        reason: Machine-readable cause within `domain`; empty where there are no details.
        domain: The service that the cause is one of.
        metadata: What the cause speaks of.
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
        """Return the HTTP status."""
        return _HTTP_STATUSES[self.status]

    def to_json(self) -> dict[str, Any]:
        """Return the body of the answer."""
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


def invalid_argument(message: str) -> GoogleApiError:
    """Create the answer to a request that is malformed."""
    return GoogleApiError("INVALID_ARGUMENT", message)


def permission_denied(permission: str, resource: str, *, domain: str) -> GoogleApiError:
    """Create the answer to a caller who lacks a permission, or names something that is not there.

    Args:
        resource: Full resource name, or empty where the service does not tell it.
    """
    place = f"resource '{resource}'" if resource else "resource"
    return GoogleApiError(
        "PERMISSION_DENIED",
        f"Permission '{permission}' denied on {place} (or it may not exist).",
        reason="IAM_PERMISSION_DENIED",
        domain=domain,
        metadata={"permission": permission} | ({"resource": resource} if resource else {}),
    )


def _unauthenticated(problem: str, reason: str) -> GoogleApiError:
    """Create the answer to a caller without a live token."""
    return GoogleApiError("UNAUTHENTICATED", f"{problem} {_EXPECTED_CREDENTIAL}", reason=reason)


def enforce_quota(
    blueprint: Blueprint, google: Google, service: str, refuse: Callable[[Quota], NoReturn]
) -> None:
    """Let a service refuse what exceeds its quota, before it looks at anything else.

    Args:
        service: One of `quotas.SERVICES`.
        refuse: Raises the service's own answer.
    """

    @blueprint.before_request
    def count() -> None:
        quota = google.quotas.take(service, now=google.clock.now())
        if quota is not None:
            refuse(quota)


def enforce_api_quota(blueprint: Blueprint, google: Google, service: str, host: str) -> None:
    """Let a JSON API refuse what exceeds its quota.

    Args:
        service: One of `quotas.SERVICES`.
        host: What the answer calls the service, `artifactregistry.googleapis.com`.
    """

    def refuse(quota: Quota) -> NoReturn:
        raise GoogleApiError(
            "RESOURCE_EXHAUSTED",
            "Quota exceeded for quota metric 'Requests' and limit 'Requests per minute' of service "
            f"'{host}'.",
            reason="RATE_LIMIT_EXCEEDED",
            metadata={"service": host, "quota_limit_value": str(quota.requests_per_minute)},
            retry_after_seconds=quota.retry_after_seconds,
        )

    enforce_quota(blueprint, google, service, refuse)


def answer_api_errors(blueprint: Blueprint) -> None:
    """Let a blueprint's views raise `GoogleApiError`."""

    @blueprint.errorhandler(GoogleApiError)
    def refuse(error: GoogleApiError) -> tuple[Response, int]:
        response = jsonify(error.to_json())
        if error.code == 401:
            response.headers["WWW-Authenticate"] = 'Bearer realm="https://accounts.google.com/"'
        if error.retry_after_seconds is not None:
            response.headers["Retry-After"] = str(error.retry_after_seconds)
        return response, error.code


def require_bearer(google: Google, *, other_scope: str = CLOUD_PLATFORM) -> IssuedToken:
    """Return the access token that the request carries.

    Args:
        other_scope: A scope that this API accepts besides cloud-platform.

    Raises:
        GoogleApiError: 401 without a live token, 403 where it lacks both scopes.
    """
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not value:
        raise _unauthenticated(
            "Request is missing required authentication credential.", "CREDENTIALS_MISSING"
        )
    token = google.live_token(value.strip())
    if token is None:
        raise _unauthenticated(
            "Request had invalid authentication credentials.", "ACCESS_TOKEN_EXPIRED"
        )
    note_principal(request.environ, token.identity.name)
    if token.scopes.isdisjoint({CLOUD_PLATFORM, other_scope}):
        raise GoogleApiError(
            "PERMISSION_DENIED",
            "Request had insufficient authentication scopes.",
            reason="ACCESS_TOKEN_SCOPE_INSUFFICIENT",
        )
    return token


def read_json_object() -> dict[str, Any]:
    """Return the request's JSON object.

    Raises:
        GoogleApiError: The body is none.
    """
    body: Any = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise invalid_argument("Invalid JSON payload received.")
    return body
