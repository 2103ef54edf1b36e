"""The refusals of GitHub's REST API, with the bodies that its clients parse.

GitHubError is the one class; the functions build the refusals that several operations share.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from dist_sandbox.github.rules.rulesets import Violations

DOCUMENTATION = "https://docs.github.com/rest"


Value = TypeVar("Value")


class GitHubError(Exception):
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
        """Return the answer's JSON."""
        body: dict[str, Any] = {"message": self.message}
        if self.errors is not None:
            body["errors"] = [
                error if isinstance(error, str) else dict(error) for error in self.errors
            ]
        return {**body, "documentation_url": DOCUMENTATION, "status": str(self.status)}


def not_found() -> GitHubError:
    """Refuse what is absent, or what the caller may not know to be there."""
    return GitHubError(404, "Not Found")


def existing(value: Value | None, message: str = "Not Found", *, status: int = 404) -> Value:
    """Return a value that must be there.

    Raises:
        GitHubError: With this status and message where it is None.
    """
    if value is None:
        raise GitHubError(status, message)
    return value


def bad_credentials() -> GitHubError:
    """Refuse a token that is unknown, expired or revoked."""
    return GitHubError(401, "Bad credentials")


def requires_authentication() -> GitHubError:
    """Refuse an operation that needs a token where none was presented."""
    return GitHubError(401, "Requires authentication")


def not_accessible(accepted: str = "") -> GitHubError:
    """Refuse a token that lacks a permission; `accepted` names what would do."""
    headers = {"X-Accepted-GitHub-Permissions": accepted} if accepted else {}
    return GitHubError(403, "Resource not accessible by integration", headers=headers)


def validation_failed(
    resource: str, code: str, *, field: str | None = None, message: str | None = None
) -> GitHubError:
    """Refuse a field of the request.

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
    return GitHubError(422, "Validation Failed", errors=[error])


def invalid_request(text: str) -> GitHubError:
    """Refuse a body that does not fit the operation's schema."""
    return GitHubError(422, f"Invalid request.\n\n{text}")


def missing_value(name: str) -> GitHubError:
    """Refuse a body that lacks a required field."""
    return invalid_request(f'"{name}" wasn\'t supplied.')


def not_a_member(value: str, members: Iterable[str]) -> GitHubError:
    """Refuse a value that is none of those that a field may have."""
    return invalid_request(f"{value} is not a member of {list(members)}.")


def rules_violated(violations: Violations, *, status: int = 422) -> GitHubError:
    """Refuse a change that a ruleset or classic branch protection forbids."""
    if violations.classic:
        return GitHubError(status, " ".join(violations.texts))
    texts = "\n".join(violations.texts)
    return GitHubError(status, f"Repository rule violations found\n\n{texts}\n\n")
