"""Trusted Publishing: an ID token of a workflow for a short-lived API token.

Spec: PyPI's documentation of Trusted Publishers and of their troubleshooting
"""

import dataclasses
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NoReturn

import jwt
from flask import Blueprint, Response, abort, jsonify, request
from jwt.types import Options

from dist_sandbox.clock import Clock
from dist_sandbox.keys.issuer_keys import IssuerKeys, UnreachableIssuerError
from dist_sandbox.pypi.checks import find_name_problem
from dist_sandbox.pypi.projects import IndexProject
from dist_sandbox.pypi.publishers import NoPublisherError, find_publisher
from dist_sandbox.pypi.state import PackageIndex
from dist_sandbox.pypi.tokens import MINTED_LIFETIME
from dist_sandbox.server.request_notes import note_change, note_principal

_REQUIRED_CLAIMS = ("iss", "iat", "exp", "aud")

#: What clocks of issuer and index may differ by.
_CLOCK_SKEW_SECONDS = 30


class InvalidIdTokenError(Exception):
    """An ID token whose signature, audience or time is wrong."""


def add_minting_routes(
    blueprint: Blueprint, index: PackageIndex, clock: Clock, keys: IssuerKeys
) -> None:
    """Add `_/oidc/` of one index."""

    @blueprint.get("/_/oidc/audience")
    def audience() -> tuple[Response, int] | Response:
        if not index.settings.trusted_publishing:
            return jsonify(message="Trusted publishing functionality not enabled"), 403
        return jsonify(audience=index.name)

    @blueprint.post("/_/oidc/mint-token")
    @blueprint.post("/_/oidc/github/mint-token")
    def mint_token() -> Response:
        token = _id_token()
        _check_issuer(index, token)
        try:
            claims = _verify(index, keys, token, now=clock.now().timestamp())
        except InvalidIdTokenError:
            _refuse("invalid-token", "malformed or invalid token")
        with index.lock:
            _use_pending_publisher(index, claims)
            return jsonify(_mint(index, claims, expires_at=clock.now() + MINTED_LIFETIME))


def _id_token() -> str:
    """Return the ID token in the body."""
    body: Any = request.get_json(silent=True, force=True)
    if not isinstance(body, dict) or not isinstance(body.get("token"), str):
        _refuse("invalid-payload", "the body is a JSON object with a string `token`")
    return str(body["token"])


def _check_issuer(index: PackageIndex, token: str) -> None:
    """Refuse a token that does not even claim to be of the issuer that the index knows."""
    try:
        issuer = jwt.decode(token, options={"verify_signature": False})["iss"]
    except (jwt.InvalidTokenError, KeyError):
        _refuse("invalid-payload", "malformed JWT")
    if issuer != index.oidc_issuer:
        _refuse("invalid-payload", "unknown trusted publishing issuer")
    if not index.settings.trusted_publishing:
        _refuse("not-enabled", "github trusted publishing functionality not enabled")


def _verify(index: PackageIndex, keys: IssuerKeys, token: str, *, now: float) -> dict[str, Any]:
    """Return the claims of a token that is signed, for this index, and valid now.

    Raises:
        InvalidIdTokenError: It is not.
    """
    options: Options = {"require": list(_REQUIRED_CLAIMS), "strict_aud": True}
    try:
        claims = keys.verify(token, issuer=index.oidc_issuer, audience=index.name, options=options)
        times = {name: float(claims.get(name, 0)) for name in ("iat", "nbf", "exp")}
    except (UnreachableIssuerError, jwt.PyJWTError, TypeError, ValueError) as error:
        raise InvalidIdTokenError from error
    is_early = max(times["iat"], times["nbf"]) - _CLOCK_SKEW_SECONDS > now
    if is_early or now >= times["exp"] + _CLOCK_SKEW_SECONDS:
        raise InvalidIdTokenError
    return claims


def _use_pending_publisher(index: PackageIndex, claims: Mapping[str, Any]) -> None:
    """Create the project of the pending publisher that fits, where there is one."""
    pending = [publisher for publisher in index.publishers if publisher.pending]
    try:
        publisher = find_publisher(pending, claims)
    except NoPublisherError:
        return
    project = publisher.project
    if project in index.projects:
        index.publishers.remove(publisher)
        note_change(request.environ)
        _refuse("invalid-pending-publisher", "valid token, but project already exists")
    problem = find_name_problem(index, project)
    if problem:
        _refuse("invalid-payload", problem)
    index.projects[project] = IndexProject(project)
    place = index.publishers.index(publisher)
    index.publishers[place] = dataclasses.replace(publisher, pending=False)
    note_change(request.environ)


def _mint(
    index: PackageIndex, claims: Mapping[str, Any], *, expires_at: datetime
) -> dict[str, Any]:
    """Mint a token for every project of the publisher that fits."""
    active = [publisher for publisher in index.publishers if not publisher.pending]
    try:
        publisher = find_publisher(active, claims)
    except NoPublisherError as error:
        _refuse("invalid-publisher", f"valid token, but no corresponding publisher ({error})")
    if not index.tokens.first_use(str(claims["jti"])):
        _refuse("invalid-reuse-token", "invalid token: already used")
    projects = [sibling.project for sibling in active if sibling.identity == publisher.identity]
    token = index.tokens.issue(projects, expires_at=expires_at, publisher=publisher)
    note_principal(request.environ, token.principal)
    return {"success": True, "token": token.value, "expires": int(expires_at.timestamp())}


def _refuse(code: str, description: str) -> NoReturn:
    response = jsonify(
        message="Token request failed", errors=[{"code": code, "description": description}]
    )
    response.status_code = 422
    abort(response)
