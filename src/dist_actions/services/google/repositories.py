"""What the Artifact Registry API says of repositories: their kind, upstreams and packages.

Spec: https://cloud.google.com/artifact-registry/docs/reference/rest/v1/projects.locations.repositories
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import unquote

from dist_actions.errors import ServiceUnavailableError
from dist_actions.services.answers import is_success
from dist_actions.services.google.refusals import explain_unreadable_repository
from dist_actions.services.http import Answer, HttpClient
from dist_actions.services.json_fields import items, text
from dist_actions.services.login import Login

T = TypeVar("T")

_PAGE_SIZE = 1000
#: A million packages or files: more than any repository has.
_MAX_PAGES = 1000
_RESOURCE = re.compile(r"projects/[^/]+/locations/[^/]+/repositories/[^/]+")
_STANDARD, _VIRTUAL = "STANDARD_REPOSITORY", "VIRTUAL_REPOSITORY"


@dataclass(frozen=True)
class RepositoryDescription:
    """A repository.

    Attributes:
        resource: `projects/PROJECT/locations/LOCATION/repositories/NAME`.
        mode: `STANDARD_REPOSITORY`, `REMOTE_REPOSITORY` or `VIRTUAL_REPOSITORY`.
        upstreams: Resources of those that a virtual one joins.
    """

    resource: str
    mode: str
    upstreams: tuple[str, ...] = ()

    @property
    def is_virtual(self) -> bool:
        """Tell whether it joins others under one address."""
        return self.mode == _VIRTUAL

    @property
    def is_standard(self) -> bool:
        """Tell whether it holds what was published to it."""
        return self.mode == _STANDARD


@dataclass(frozen=True)
class StoredFile:
    """A file of a repository.

    Attributes:
        resource: That of its repository, then `/files/` and its ID, in which slashes and others,
            such as the + of a local version, are escaped.
        size_bytes: Its size.
    """

    resource: str
    size_bytes: int

    @property
    def name(self) -> str:
        """Return its file name."""
        file_id = self.resource.rpartition("/files/")[2]
        return unquote(file_id).rpartition("/")[2]


@dataclass(frozen=True)
class RepositoriesApi:
    """Repositories as one account sees them.

    Attributes:
        api_url: Base of the API, without its version.
        member: Who the token is for, as bindings write it, for messages.
        login: Holds the access token.
        http: Sends requests without credentials of its own.
    """

    api_url: str
    member: str
    login: Login
    http: HttpClient

    def describe(self, resource: str) -> RepositoryDescription:
        """Read what a repository is.

        Raises:
            IdentityError: The account may not see it, or there is none.
            ServiceUnavailableError: The API did not answer.
        """
        mode, upstreams = self._ask(resource, _read_description, resource)
        return RepositoryDescription(resource, mode, upstreams)

    def package_names(self, resource: str) -> tuple[str, ...]:
        """List the names of all packages.

        Raises:
            IdentityError: The account may not list them.
            ServiceUnavailableError: The API did not answer.
        """
        return self._read_pages(resource, "packages", _read_names)

    def files(self, resource: str) -> tuple[StoredFile, ...]:
        """List all files, a thousand by each request.

        Raises:
            The same as `package_names`.
        Spec: https://cloud.google.com/artifact-registry/docs/reference/rest/v1/projects.locations.repositories.files/list
        """
        return self._read_pages(resource, "files", _read_files)

    def _read_pages(
        self, resource: str, kind: str, parse: Callable[[Any], list[T]]
    ) -> tuple[T, ...]:
        entries: list[T] = []
        token = ""
        for _ in range(_MAX_PAGES):
            query = {"pageSize": str(_PAGE_SIZE), "pageToken": token}
            page, token = self._ask(
                resource,
                lambda body: (parse(body), text(body.get("nextPageToken", ""))),
                f"{resource}/{kind}",
                params=query,
            )
            entries += page
            if not token:
                return tuple(entries)
        raise ServiceUnavailableError(
            f"The list of {kind} of {resource} does not end after {_MAX_PAGES} pages.",
            why="the service answers with ever more pages.",
            fix="try again later.",
            anchor="service-unavailable",
        )

    def _ask(self, resource: str, parse: Callable[[Any], T], path: str, **parts: Any) -> T:
        operation = "ask the Artifact Registry API"

        def attempt() -> T:
            headers = {"Authorization": f"Bearer {self.login.password().reveal()}"}
            answer = self.http.ask_once(
                operation, "GET", f"{self.api_url}/v1/{path}", headers=headers, **parts
            )
            if not is_success(answer.status_code):
                raise explain_unreadable_repository(
                    resource, self.member, answer.status_code, _message(answer)
                )
            return answer.read_json(parse)

        return self.http.retries.call(operation, attempt, self.http.classify)


def _read_description(body: Any) -> tuple[str, tuple[str, ...]]:
    policies = items(body.get("virtualRepositoryConfig", {}).get("upstreamPolicies", []))
    resources = tuple(text(policy["repository"]) for policy in policies)
    if not all(map(_RESOURCE.fullmatch, resources)):
        raise ValueError("no repository")
    return text(body["mode"]), resources


def _read_names(body: Any) -> list[str]:
    resources = [text(package["name"]) for package in items(body.get("packages", []))]
    return [resource.rpartition("/packages/")[2] for resource in resources]


def _read_files(body: Any) -> list[StoredFile]:
    return [
        StoredFile(text(file["name"]), int(file.get("sizeBytes", 0)))
        for file in items(body.get("files", []))
    ]


def _message(answer: Answer) -> str:
    error = answer.json_object().get("error")
    return str(error.get("message", "")) if isinstance(error, dict) else ""
