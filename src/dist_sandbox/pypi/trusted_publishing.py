"""Trusted Publishing: an ID token of a workflow for a short-lived API token.

Spec: PyPI's documentation of Trusted Publishers and of their troubleshooting
"""

import dataclasses
from collections.abc import Mapping
from typing import Any, NoReturn

import jwt
from flask import Blueprint, Response, abort, jsonify, request

from dist_sandbox.keys.issuer_keys import IssuerKeys, UnreachableIssuerError
from dist_sandbox.pypi.checks import problem_of_name
from dist_sandbox.pypi.projects import Project
from dist_sandbox.pypi.publishers import NoPublisherError, Publisher, find_publisher
from dist_sandbox.pypi.state import Index
from dist_sandbox.pypi.tokens import MINTED_LIFETIME
from dist_sandbox.server.request_notes import note_change, note_principal
from dist_sandbox.world import World

_REQUIRED_CLAIMS = ("iss", "iat", "exp", "aud")

#: What clocks of issuer and index may differ by.
_CLOCK_SKEW_SECONDS = 30


class InvalidTokenError(Exception):
    """An ID token whose signature, audience or time is wrong."""


def add_minting_routes(blueprint: Blueprint, world: World, index: Index) -> None:
    """Add `_/oidc/` of one index."""
    keys = IssuerKeys()

    @blueprint.get("/_/oidc/audience")
    def audience() -> tuple[Response, int] | Response:
        if not index.settings.trusted_publishing:
            return jsonify(message="Trusted publishing functionality not enabled"), 403
        return jsonify(audience=index.name)

    @blueprint.post("/_/oidc/mint-token")
    @blueprint.post("/_/oidc/github/mint-token")
    def mint_token() -> Response:
        token = _given_token()
        _check_issuer(world, index, token)
        try:
            claims = _verified_claims(world, index, keys, token)
        except InvalidTokenError:
            _refuse("invalid-token", "malformed or invalid token")
        with index.lock:
            _use_pending_publisher(index, claims)
            return jsonify(_mint(world, index, claims))


def _given_token() -> str:
    """The ID token in the body."""
    body: Any = request.get_json(silent=True, force=True)
    if not isinstance(body, dict) or not isinstance(body.get("token"), str):
        _refuse("invalid-payload", "the body is a JSON object with a string `token`")
    return str(body["token"])


def _check_issuer(world: World, index: Index, token: str) -> None:
    """Whether the unverified token names an issuer that is known."""
    try:
        issuer = jwt.decode(token, options={"verify_signature": False})["iss"]
    except (jwt.InvalidTokenError, KeyError):
        _refuse("invalid-payload", "malformed JWT")
    if issuer != world.addresses.oidc_issuer:
        _refuse("invalid-payload", "unknown trusted publishing issuer")
    if not index.settings.trusted_publishing:
        _refuse("not-enabled", "github trusted publishing functionality not enabled")


def _verified_claims(world: World, index: Index, keys: IssuerKeys, token: str) -> dict[str, Any]:
    """The claims of a token that is signed, for this index, and valid by the sandbox's clock.

    Raises:
        InvalidTokenError: It is not.
    """
    try:
        header = jwt.get_unverified_header(token)
        key = keys.find(world.addresses.oidc_issuer, str(header.get("kid", "")))
        if key is None:
            raise InvalidTokenError
        # Time is checked below, by the sandbox's clock.
        claims: dict[str, Any] = jwt.decode(
            token,
            key=key,
            algorithms=["RS256"],
            audience=index.name,
            options={
                "require": list(_REQUIRED_CLAIMS),
                "strict_aud": True,
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
            },
        )
        times = {name: float(claims.get(name, 0)) for name in ("iat", "nbf", "exp")}
    except (UnreachableIssuerError, jwt.PyJWTError, TypeError, ValueError) as error:
        raise InvalidTokenError from error
    now = world.clock.now().timestamp()
    too_early = max(times["iat"], times["nbf"]) - _CLOCK_SKEW_SECONDS > now
    if too_early or now >= times["exp"] + _CLOCK_SKEW_SECONDS:
        raise InvalidTokenError
    return claims


def _use_pending_publisher(index: Index, claims: Mapping[str, Any]) -> None:
    """Create the project of the pending publisher that fits, where there is one."""
    pending = [one for one in index.publishers if one.pending]
    try:
        found = find_publisher(pending, claims)
    except NoPublisherError:
        return
    if found.project in index.projects:
        index.publishers.remove(found)
        note_change(request.environ)
        _refuse("invalid-pending-publisher", "valid token, but project already exists")
    problem = problem_of_name(index, found.project)
    if problem:
        _refuse("invalid-payload", problem)
    index.projects[found.project] = Project(found.project)
    index.publishers[index.publishers.index(found)] = dataclasses.replace(found, pending=False)
    note_change(request.environ)


def _mint(world: World, index: Index, claims: Mapping[str, Any]) -> dict[str, Any]:
    """A token for every project of the publisher that fits."""
    try:
        found = find_publisher([one for one in index.publishers if not one.pending], claims)
    except NoPublisherError as error:
        _refuse("invalid-publisher", f"valid token, but no corresponding publisher ({error})")
    if not index.tokens.first_use(str(claims["jti"])):
        _refuse("invalid-reuse-token", "invalid token: already used")
    expires_at = world.clock.now() + MINTED_LIFETIME
    token = index.tokens.issue(_projects_of(index, found), expires_at=expires_at, publisher=found)
    note_principal(request.environ, token.principal)
    return {"success": True, "token": token.value, "expires": int(expires_at.timestamp())}


def _projects_of(index: Index, publisher: Publisher) -> list[Any]:
    return [
        one.project
        for one in index.publishers
        if one.identity == publisher.identity and not one.pending
    ]


def _refuse(code: str, description: str) -> NoReturn:
    answer = jsonify(
        message="Token request failed", errors=[{"code": code, "description": description}]
    )
    answer.status_code = 422
    abort(answer)
