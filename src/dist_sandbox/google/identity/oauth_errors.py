"""Refused requests for a token, in the terms of OAuth 2.

Spec: RFC 6749, section 5.2; RFC 8693, section 2.2.2
"""

from dataclasses import dataclass

from flask import Blueprint, Response, jsonify


@dataclass(frozen=True)
class OAuthError(Exception):
    """A refusal.

    Attributes:
        error: `invalid_request`, `invalid_grant`, `invalid_target`, `unauthorized_client` and such.
        description: What is wrong, for people.
        status: The HTTP status.
        retry_after_seconds: What `Retry-After` tells; `None` for no header.
    """

    error: str
    description: str
    status: int = 400
    retry_after_seconds: int | None = None


def answer_oauth_errors(blueprint: Blueprint) -> None:
    """Let a blueprint's views raise `OAuthError`."""

    @blueprint.errorhandler(OAuthError)
    def refuse(error: OAuthError) -> tuple[Response, int]:
        response = jsonify(error=error.error, error_description=error.description)
        if error.retry_after_seconds is not None:
            response.headers["Retry-After"] = str(error.retry_after_seconds)
        return response, error.status
