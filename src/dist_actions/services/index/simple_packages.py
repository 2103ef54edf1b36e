"""The packages of an index that has nothing but its simple pages."""

from collections.abc import Mapping, Sequence

from packaging.utils import NormalizedName, canonicalize_name

from dist_actions.dependencies.catalogue import IndexedVersion
from dist_actions.dependencies.metadata import Metadata
from dist_actions.dependencies.offered_files import MetadataRead, OfferedFile, group_files
from dist_actions.errors import UploadError
from dist_actions.services.answers import holds_content
from dist_actions.services.http import Answer, HttpClient
from dist_actions.services.index.refusals import describe_unreadable, explain_unreadable
from dist_actions.services.index.simple_page import (
    ACCEPT,
    MISFITS,
    PAGE_BYTES,
    parse_project_list,
    parse_simple_page,
)
from dist_actions.services.transport.exchange import TooLongError
from dist_actions.services.workers import side_by_side


class SimplePackages:
    """The index of one environment, all of whose projects count as private.

    Args:
        environment: Name of the environment.
        index_url: Its simple index, with a trailing slash.
        http: Sends requests with the login that reading needs.
        read_metadata: Reads the metadata of files.
    """

    def __init__(
        self, environment: str, index_url: str, http: HttpClient, read_metadata: MetadataRead
    ) -> None:
        self.environment = environment
        self._url = index_url
        self._http = http
        self._read_metadata = read_metadata
        self._files: dict[IndexedVersion, OfferedFile] = {}

    def projects(self) -> Mapping[NormalizedName, None]:
        """List the projects, by one request.

        Raises:
            UploadError: The index cannot be read.
            ServiceUnavailableError: It did not answer.
        """
        return self._http.retries.confirm(
            f"read the projects of {self._url}", self._read_projects, describe_unreadable
        )

    def _read_projects(self) -> Mapping[NormalizedName, None]:
        answer = self._get(self._url, "its projects")
        try:
            names = parse_project_list(answer.headers.get("content-type", ""), answer.text)
        except MISFITS as error:
            raise self._unreadable(str(error)) from error
        return dict.fromkeys(canonicalize_name(name) for name in names)

    def versions(
        self, projects: Sequence[NormalizedName]
    ) -> Mapping[NormalizedName, tuple[IndexedVersion, ...]]:
        """List the versions of some, by one request each.

        Raises:
            The same as `projects`.
        """
        pages = side_by_side(self._versions_of, projects)
        return dict(zip(projects, pages, strict=True))

    def metadata(self, versions: Sequence[IndexedVersion]) -> Mapping[IndexedVersion, Metadata]:
        """Read the metadata of some, by one request each; a redirect takes one more.

        Raises:
            PromotionError: Some cannot be read.
            ServiceUnavailableError: The index did not answer.
        """
        return self._read_metadata({version: self._files[version] for version in versions})

    def _versions_of(self, project: NormalizedName) -> tuple[IndexedVersion, ...]:
        operation = f"read {project} in {self._url}"
        return self._http.retries.confirm(
            operation, lambda: self._read_versions(project), describe_unreadable
        )

    def _read_versions(self, project: NormalizedName) -> tuple[IndexedVersion, ...]:
        answer = self._get(f"{self._url}{project}/", str(project))
        if answer.status_code == 404:
            return ()
        try:
            content_type = answer.headers.get("content-type", "")
            files = parse_simple_page(content_type, answer.text, answer.url)
        except MISFITS as error:
            raise self._unreadable(str(error)) from error
        offered = (
            OfferedFile(
                file.name,
                file.url,
                file.sha256 or "",
                yanked=file.yanked,
                shows_metadata=file.shows_metadata,
            )
            for file in files
        )
        versions = group_files(self.environment, offered).get(project, {})
        self._files |= versions
        return tuple(versions)

    def _get(self, url: str, subject: str) -> Answer:
        """Read a page; that of a project may be missing."""
        try:
            answer = self._http.send(
                f"read {subject} in {self._url}",
                "GET",
                url,
                headers={"Accept": ACCEPT},
                answer_bytes=PAGE_BYTES,
                follows_within_origin=True,
            )
        except TooLongError as error:
            raise self._unreadable("its page does not end") from error
        is_missing = answer.status_code == 404 and url != self._url
        if not holds_content(answer.status_code) and not is_missing:
            status = answer.status_code
            raise self._unreadable(f"HTTP {status}", status, answer.text)
        return answer

    def _unreadable(self, problem: str, status: int = 200, answer: str = "") -> UploadError:
        return explain_unreadable(self._url, problem, status=status, answer=answer, publishes=False)
