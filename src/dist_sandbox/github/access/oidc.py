"""The issuer of ID tokens: keys, discovery, and the endpoint that a job asks for its token.

Which environment a job runs in is said by its own request address, which whoever starts the job
writes from the job's `environment:`; only environments that exist are accepted.

Spec: https://docs.github.com/actions/reference/security/oidc
"""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Blueprint, Response, abort, jsonify, make_response, request

from dist_sandbox.github.access.oidc_claims import SUBJECT_FORMS, SubjectForm, make_claims
from dist_sandbox.github.state import GitHub, Repository
from dist_sandbox.jobs import Job
from dist_sandbox.keys.rsa_keys import keep_key
from dist_sandbox.server.request_notes import note_principal


@dataclass
class Issuer:
    """The signing key with its file, and which form of `sub` is issued.

    The form is `names`, or `numeric-ids` as in repositories made since 2026-07-15.
    """

    key_file: Path
    key_id: str = "sandbox-1"
    subject_form: SubjectForm = "names"
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def key(self) -> rsa.RSAPrivateKey:
        """Return the key, made when it is first needed: it takes longer than all else."""
        with self._lock:
            return self._key

    @cached_property
    def _key(self) -> rsa.RSAPrivateKey:
        return keep_key(self.key_file)

    def sign(self, claims: Mapping[str, Any]) -> str:
        """Sign claims as a JWT."""
        return jwt.encode(dict(claims), self.key, algorithm="RS256", headers={"kid": self.key_id})

    def jwks(self) -> dict[str, Any]:
        """Write the public key as a JSON web key set."""
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        numbers = {name: public[name] for name in ("kty", "n", "e")}
        return {"keys": [{"kid": self.key_id, "use": "sig", "alg": "RS256", **numbers}]}


def create_blueprint(github: GitHub, key_file: Path) -> Blueprint:
    """Serve the issuer under `/oidc` and its control under `/_sandbox/oidc`."""
    blueprint = Blueprint("oidc", __name__)
    issuer = Issuer(key_file)
    _add_discovery_routes(blueprint, github.addresses.oidc_issuer, issuer)
    _add_token_route(blueprint, github, issuer)
    _add_control_routes(blueprint, issuer)
    return blueprint


def _add_discovery_routes(blueprint: Blueprint, base: str, issuer: Issuer) -> None:
    @blueprint.get("/oidc/.well-known/openid-configuration")
    def discovery() -> Response:
        return jsonify(
            issuer=base,
            jwks_uri=f"{base}/.well-known/jwks",
            subject_types_supported=["public", "pairwise"],
            response_types_supported=["id_token"],
            id_token_signing_alg_values_supported=["RS256"],
            scopes_supported=["openid"],
        )

    @blueprint.get("/oidc/.well-known/jwks")
    def jwks() -> Response:
        return jsonify(issuer.jwks())


def _add_token_route(blueprint: Blueprint, github: GitHub, issuer: Issuer) -> None:
    @blueprint.get("/oidc/token")
    def token() -> Response:
        job = _requesting_job(github)
        note_principal(request.environ, job.principal)
        repository = github.repository_of(job)
        environment = _find_environment(repository, request.args.get("environment", ""))
        owner = f"{github.addresses.github_server}/{github.owner.login}"
        claims = make_claims(
            repository,
            job,
            audience=request.args.get("audience") or owner,
            environment=environment,
            form=issuer.subject_form,
        )
        return jsonify(count=1, value=issuer.sign(claims))


def _add_control_routes(blueprint: Blueprint, issuer: Issuer) -> None:
    @blueprint.patch("/_sandbox/oidc")
    def change_issuer() -> Response:
        form = (request.get_json(silent=True) or {}).get("subject_form")
        if form not in SUBJECT_FORMS:
            abort(_error(400, f"subject_form is one of {', '.join(SUBJECT_FORMS)}"))
        issuer.subject_form = form
        return jsonify(subject_form=form)

    @blueprint.post("/_sandbox/oidc/tokens")
    def sign_claims() -> Response:
        """Sign any claims, so that what checks them can be shown tokens that GitHub never makes."""
        claims = (request.get_json(silent=True) or {}).get("claims")
        if not isinstance(claims, dict):
            abort(_error(400, "claims is a JSON object"))
        return jsonify(value=issuer.sign(claims))


def _requesting_job(github: GitHub) -> Job:
    """Find the job whose bearer the request carries."""
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    job = github.jobs.with_oidc_request_token(value.strip()) if value.strip() else None
    if scheme.lower() != "bearer" or job is None:
        abort(_error(401, "The bearer is not that of a running job with id-token: write."))
    return job


def _find_environment(repository: Repository, name: str) -> str:
    """Return the environment's own name, as GitHub ignores case; empty for none."""
    if not name:
        return ""
    environment = repository.environments.get(name.lower())
    if environment is None:
        abort(_error(400, f"The repository has no environment {name!r}."))
    return environment.name


def _error(status: int, message: str) -> Response:
    return make_response(jsonify(message=message), status)
