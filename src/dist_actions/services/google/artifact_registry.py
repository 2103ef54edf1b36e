"""The Artifact Registry API: what a repository holds, and what the account may do there."""

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from packaging.utils import NormalizedName

from dist_actions.services.answers import is_success
from dist_actions.services.google.refusals import explain_missing_upload_permission
from dist_actions.services.http import HttpClient
from dist_actions.services.json_fields import items, text
from dist_actions.services.login import Login

T = TypeVar("T")

_UPLOAD = "artifactregistry.repositories.uploadArtifacts"
#: More pages than any version has files for.
_MAX_PAGES = 20
_SHA256_BYTES = 32


@dataclass(frozen=True)
class ArtifactRegistryApi:
    """One repository, as its API shows it.

    Where the API is disabled or refused, it tells nothing: the index itself decides then.

    Attributes:
        repository_url: The repository as a resource of the API.
        member: Who the token is for, as bindings write it, for messages.
        login: Holds the access token.
        http: Sends requests without credentials of its own.
    """

    repository_url: str
    member: str
    login: Login
    http: HttpClient

    def digests(self, project: NormalizedName, version: str) -> Mapping[str, str]:
        """Read the sha256 of a version's files, by name; empty where the API does not say.

        Raises:
            ServiceUnavailableError: It did not answer.
        Spec: https://cloud.google.com/artifact-registry/docs/reference/rest/v1/projects.locations.repositories.files/list
        """
        owner = f"{self._resource}/packages/{project}/versions/{version}"
        digests: dict[str, str] = {}
        token = ""
        for _ in range(_MAX_PAGES):
            page = self._ask(
                _read_page,
                "GET",
                f"{self.repository_url}/files",
                params={"filter": f'owner="{owner}"', "pageSize": "1000", "pageToken": token},
            )
            files, token = page or ({}, "")
            digests |= files
            if not token:
                break
        return {name: sha256 for name, sha256 in digests.items() if sha256}

    def require_upload_permission(self, label: str) -> None:
        """Refuse to start where the account may not upload.

        Raises:
            UploadError: It may not.
            ServiceUnavailableError: The API did not answer.
        Spec: https://cloud.google.com/artifact-registry/docs/reference/rest/v1/projects.locations.repositories/testIamPermissions
        """
        permissions = self._ask(
            _read_permissions,
            "POST",
            f"{self.repository_url}:testIamPermissions",
            json={"permissions": [_UPLOAD]},
        )
        if permissions is not None and _UPLOAD not in permissions:
            raise explain_missing_upload_permission(label, self._resource, self.member)

    @property
    def _resource(self) -> str:
        """Name the repository as Google's APIs do."""
        return self.repository_url.rpartition("/v1/")[2]

    def _ask(self, parse: Callable[[Any], T], method: str, url: str, **parts: Any) -> T | None:
        """Read what the API answers; None where it refuses."""

        def attempt() -> T | None:
            headers = {"Authorization": f"Bearer {self.login.password().reveal()}"}
            answer = self.http.send_once(method, url, headers=headers, **parts)
            return answer.read_json(parse) if is_success(answer.status_code) else None

        operation = "ask the Artifact Registry API"
        return self.http.retries.call(operation, attempt, self.http.classify)


def _read_permissions(body: Any) -> list[Any]:
    """Read the permissions; an account that has none of them gets an empty object."""
    return items(body["permissions"]) if body or not isinstance(body, dict) else []


def _read_page(body: Any) -> tuple[dict[str, str], str]:
    """Read the digests of a page's files by their names, and the token of the next page."""
    digests = {}
    for file in items(body.get("files", [])):
        name = text(file["name"]).rpartition("/files/")[2]
        digests[name.replace("%2F", "/").rpartition("/")[2]] = _sha256(file)
    return digests, text(body.get("nextPageToken", ""))


def _sha256(file: Any) -> str:
    """Read a file's sha256 in hex; empty where the API does not give it."""
    for digest in items(file.get("hashes", [])):
        if digest.get("type") == "SHA256":
            try:
                decoded = base64.b64decode(str(digest.get("value", "")), validate=True)
            except (binascii.Error, ValueError):
                return ""
            return decoded.hex() if len(decoded) == _SHA256_BYTES else ""
    return ""
