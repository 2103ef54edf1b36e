"""The private packages of an Artifact Registry repository, read through its API.

Files of a whole repository come in pages of a thousand, so that no project costs a request. Behind
a virtual repository only what was published to its standard ones is private.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from packaging.utils import NormalizedName

from dist_actions.dependencies.catalogue import IndexedVersion
from dist_actions.dependencies.metadata import Metadata
from dist_actions.dependencies.offered_files import MetadataRead, OfferedFile, group_files
from dist_actions.errors import ServiceUnavailableError
from dist_actions.services.answers import is_success
from dist_actions.services.google.refusals import explain_unlisted_packages
from dist_actions.services.http import HttpClient, side_by_side
from dist_actions.services.json_fields import items, text

T = TypeVar("T")

#: A million files: more than any repository of packages should have.
_MOST_PAGES = 1000
_STANDARD, _VIRTUAL = "STANDARD_REPOSITORY", "VIRTUAL_REPOSITORY"
_REPOSITORY = re.compile(r"projects/[^/]+/locations/[^/]+/repositories/[^/]+")


class ArtifactRegistryPackages:
    """The private packages of the repository that is an environment's index.

    Args:
        environment: Name of the environment.
        label: How messages name the repository.
        repository_url: The repository as a resource of the API.
        headers: Makes the headers of a request, with the access token of a reader.
        http: Sends requests without credentials of its own.
        read_metadata: Reads the metadata of files.
    """

    def __init__(
        self,
        environment: str,
        label: str,
        repository_url: str,
        *,
        headers: Callable[[], Mapping[str, str]],
        http: HttpClient,
        read_metadata: MetadataRead,
    ) -> None:
        self.environment = environment
        self._label = label
        self._api_url, _, self._name = repository_url.partition("/v1/")
        self._headers = headers
        self._http = http
        self._read_metadata = read_metadata
        self._files: Mapping[NormalizedName, Mapping[IndexedVersion, OfferedFile]] = {}

    def projects(self) -> Mapping[NormalizedName, tuple[IndexedVersion, ...]]:
        """List what was published to the repository, or to those behind it, with all versions.

        Raises:
            IdentityError: The account may not list them.
            ServiceUnavailableError: The API did not answer.
        Spec: https://cloud.google.com/artifact-registry/docs/reference/rest/v1/projects.locations.repositories.files/list
        """
        listings = side_by_side(self._list_files, self._standard_repositories())
        files = (file for listing in listings for file in listing)
        self._files = group_files(self.environment, files)
        return {project: tuple(versions) for project, versions in self._files.items()}

    def versions(
        self, projects: Sequence[NormalizedName]
    ) -> Mapping[NormalizedName, tuple[IndexedVersion, ...]]:
        """List the versions of some; they were read with the projects."""
        return {project: tuple(self._files.get(project, ())) for project in projects}

    def metadata(self, versions: Sequence[IndexedVersion]) -> Mapping[IndexedVersion, Metadata]:
        """Read the metadata of some, by one request each.

        Raises:
            PromotionError: Some cannot be read.
            ServiceUnavailableError: The API did not answer.
        Spec: https://cloud.google.com/artifact-registry/docs/reference/rest/v1/projects.locations.repositories.files/download
        """
        files = {version: self._files[version.project][version] for version in versions}
        return self._read_metadata(files)

    def _standard_repositories(self) -> tuple[str, ...]:
        """Name the repository itself, or those behind a virtual one, without mirrors of others."""
        mode, upstreams = self._ask(_read_repository, self._name)
        if mode != _VIRTUAL:
            return (self._name,) if mode == _STANDARD else ()
        modes = side_by_side(lambda name: self._ask(_read_repository, name)[0], upstreams)
        return tuple(name for name, mode in zip(upstreams, modes, strict=True) if mode == _STANDARD)

    def _list_files(self, repository: str) -> list[OfferedFile]:
        files: list[OfferedFile] = []
        token = ""
        for _ in range(_MOST_PAGES):
            parameters = {"pageSize": "1000", **({"pageToken": token} if token else {})}
            page, token = self._ask(self._read_page, f"{repository}/files", parameters)
            files += page
            if not token:
                return files
        raise ServiceUnavailableError(
            f"The list of files of {repository} does not end after {_MOST_PAGES} pages.",
            why="the service answers with ever more pages.",
            fix="run the job again later.",
            anchor="service-unavailable",
        )

    def _read_page(self, body: Any) -> tuple[list[OfferedFile], str]:
        files = []
        for file in items(body.get("files", [])):
            name = text(file["name"])
            file_name = name.rpartition("/files/")[2].replace("%2F", "/").rpartition("/")[2]
            url = f"{self._api_url}/v1/{name}:download?alt=media"
            files.append(OfferedFile(file_name, url, size_bytes=int(file.get("sizeBytes", 0))))
        return files, text(body.get("nextPageToken", ""))

    def _ask(
        self, parse: Callable[[Any], T], name: str, parameters: Mapping[str, str] | None = None
    ) -> T:
        """Read what the API says of a resource."""

        def attempt() -> T:
            url = f"{self._api_url}/v1/{name}"
            answer = self._http.send_once(
                "GET", url, headers=dict(self._headers()), params=dict(parameters or {})
            )
            if is_success(answer.status_code):
                return answer.read_json(parse)
            raise explain_unlisted_packages(self._label, answer.status_code, answer.text)

        operation = f"list the packages of {self._label}"
        return self._http.retries.call(operation, attempt, self._http.classify)


def _read_repository(body: Any) -> tuple[str, tuple[str, ...]]:
    """Read the mode of a repository, and which repositories are behind it."""
    policies = items(body.get("virtualRepositoryConfig", {}).get("upstreamPolicies", []))
    names = tuple(text(policy["repository"]) for policy in policies)
    if not all(_REPOSITORY.fullmatch(name) for name in names):
        raise ValueError("no name of a repository")
    return text(body["mode"]), names
