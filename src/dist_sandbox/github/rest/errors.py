"""The refusals of GitHub's REST API, with the bodies that its clients parse.

ApiError is the one class; the functions build the refusals that several operations share.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from dist_sandbox.github.rules.rulesets import Violations

DOCUMENTATION = "https://docs.github.com/rest"


class ApiError(Exception):
    """An answer other than success.

    Attributes:
        status: HTTP status.
        message: The body's `message`.
        errors: The body's `errors`, for validation failures; some are texts.
        headers: Headers that the answer carries on top of the usual ones.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        errors: Sequence[Mapping[str, Any] | str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = errors
        self.headers = dict(headers or {})

    def body(self) -> dict[str, Any]:
        """The answer's JSON."""
        found: dict[str, Any] = {"message": self.message}
        if self.errors is not None:
            found["errors"] = [
                error if isinstance(error, str) else dict(error) for error in self.errors
            ]
        return {**found, "documentation_url": DOCUMENTATION, "status": str(self.status)}


def not_found() -> ApiError:
    """The thing is absent, or the caller may not know that it is there."""
    return ApiError(404, "Not Found")


def bad_credentials() -> ApiError:
    """The token is unknown, expired or revoked."""
    return ApiError(401, "Bad credentials")


def requires_authentication() -> ApiError:
    """The operation needs a token and none was sent."""
    return ApiError(401, "Requires authentication")


def not_accessible(accepted: str = "") -> ApiError:
    """The token lacks a permission; `accepted` names what would do."""
    headers = {"X-Accepted-GitHub-Permissions": accepted} if accepted else {}
    return ApiError(403, "Resource not accessible by integration", headers=headers)


def validation_failed(
    resource: str, code: str, *, field: str | None = None, message: str | None = None
) -> ApiError:
    """A field of the request is refused.

    Args:
        resource: GitHub's name of what was to be made: `Release`, `PullRequest`.
        code: `invalid`, `already_exists`, `missing_field` or `custom`.
        field: The refused field.
        message: Text of a `custom` error.
    """
    error: dict[str, Any] = {"resource": resource, "code": code}
    if field is not None:
        error["field"] = field
    if message is not None:
        error["message"] = message
    return ApiError(422, "Validation Failed", errors=[error])


def missing_value(name: str) -> ApiError:
    """A required field of the request's body is absent."""
    return ApiError(422, f'Invalid request.\n\n"{name}" wasn\'t supplied.')


def rules_violated(violations: Violations, *, status: int = 422) -> ApiError:
    """A ruleset or classic branch protection forbids the change."""
    if violations.classic:
        return ApiError(status, " ".join(violations.texts))
    listed = "\n".join(violations.texts)
    return ApiError(status, f"Repository rule violations found\n\n{listed}\n\n")
