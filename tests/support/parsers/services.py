"""Parsers of the answers of GitHub's identity provider, PyPI and Google."""

import json
from collections.abc import Callable
from typing import Any

from packaging.utils import canonicalize_name

from dist_actions.job.endpoints import PyPIEndpoints
from dist_actions.services.google.artifact_registry import ArtifactRegistryApi
from dist_actions.services.google.repositories import RepositoriesApi
from dist_actions.services.index.trusted_publishing import mint_upload_token
from dist_actions.services.json_fields import UnreadableError
from dist_actions.services.oidc import request_id_token
from support.parsers.annotated_types import check_types
from support.parsers.edges import answered, logged_in, silent_runner
from support.parsers.identity import token_of
from support.parsers.parser import Parser
from support.parsers.texts import damaged, json_texts

_RESOURCE = "projects/p/locations/europe/repositories/r"
_ENVIRON = {
    "ACTIONS_ID_TOKEN_REQUEST_URL": "https://token.example.com/?api-version=2",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "a-token-of-some-length",
}


def _mint(content: bytes, status: int) -> Any:
    endpoints = PyPIEndpoints.from_environ({}, "pypi", "https://upload.example.com/legacy/")
    http = answered(content, status)
    return mint_upload_token("PyPI", endpoints, _ENVIRON, http, silent_runner(), username="u")


def _ask_registry(content: bytes, status: int) -> Any:
    url = f"https://artifactregistry.example.com/v1/{_RESOURCE}"
    registry = ArtifactRegistryApi(url, "member", logged_in(), answered(content, status))
    digests = registry.digests(canonicalize_name("demo"), "1.0")
    assert all(len(digest) == 64 for digest in digests.values())
    registry.require_upload_permission("the index")
    return digests


def _ask_repositories(content: bytes, status: int) -> Any:
    api = RepositoriesApi("https://a.example.com", "member", logged_in(), answered(content, status))
    return api.describe(_RESOURCE), api.package_names(_RESOURCE), api.files(_RESOURCE)


def _of(name: str, ask: Callable[[bytes, int], Any], *sound: Any) -> Parser:
    """Make a parser of a service's answers, good ones and refusals, from sound ones."""

    def parse(content: bytes) -> Any:
        result = ask(content, 200)
        check_types(result)
        ask(content, 403)
        return result

    inputs = json_texts(damaged(*sound)).map(lambda text: text.encode("utf-8", "surrogatepass"))
    return Parser(
        name, (), inputs, parse, refusals=(UnreadableError,), from_bytes=lambda data: data
    )


PARSERS = (
    _of(
        "ID tokens",
        lambda content, status: request_id_token(
            _ENVIRON, "a", answered(content, status), silent_runner()
        ),
        {"value": token_of(json.dumps({"sub": "x"}))},
    ),
    _of(
        "Trusted Publishing",
        _mint,
        {
            "audience": "pypi",
            "token": "pypi-abc",
            "expires": 1,
            "value": token_of("{}"),
            "errors": [{"code": "c", "description": "d"}],
        },
    ),
    _of(
        "Artifact Registry's files",
        _ask_registry,
        {
            "files": [
                {
                    "name": f"{_RESOURCE}/files/a%2Fb",
                    "hashes": [{"type": "SHA256", "value": "A" * 43 + "="}],
                }
            ],
            "permissions": [],
            "error": {"message": "m"},
        },
    ),
    _of(
        "Artifact Registry's packages",
        _ask_repositories,
        {
            "mode": "VIRTUAL_REPOSITORY",
            "virtualRepositoryConfig": {"upstreamPolicies": [{"repository": _RESOURCE}]},
            "packages": [{"name": f"{_RESOURCE}/packages/demo"}],
            "files": [{"name": f"{_RESOURCE}/files/demo", "sizeBytes": "12"}],
        },
    ),
)
