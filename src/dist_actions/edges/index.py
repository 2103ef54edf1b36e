"""One index: read through its simple page, written through twine's repository client."""

import hashlib
import json
from pathlib import Path

import requests
from packaging.utils import NormalizedName
from twine.package import PackageFile
from twine.repository import Repository

from dist_actions.edges.http import HttpClient
from dist_actions.errors import UploadError
from dist_actions.secret import Secret
from dist_actions.simple_page import ACCEPT, IndexedFile, parse_simple_page

#: A page of ten thousand files has a few MB; more is no page of a simple index.
_PAGE_LIMIT_BYTES = 64 * 1024 * 1024


class Index:
    """An index as one user sees it.

    Args:
        label: How messages name it.
        repository_url: Where uploads go, with a trailing slash.
        index_url: Where installers read, with a trailing slash.
        username: For basic authentication.
        password: The same.
        http: Carries reads, with the same credentials.
    """

    def __init__(
        self,
        label: str,
        *,
        repository_url: str,
        index_url: str,
        username: str,
        password: Secret,
        http: HttpClient,
    ) -> None:
        self.label = label
        self.repository_url = repository_url
        self.index_url = index_url
        self._username = username
        self._password = password
        self._http = http

    def files(self, project: NormalizedName) -> dict[str, IndexedFile]:
        """The project's files by name; empty where the index does not have the project.

        Raises:
            UploadError: The index cannot be read.
            ServiceUnavailableError: It did not answer.
        """
        url = f"{self.index_url}{project}/"
        response = self._http.send(
            f"read {project} in {self.label}",
            requests.Request("GET", url, headers={"Accept": ACCEPT}),
        )
        if response.status_code == 404:
            return {}
        if response.status_code != 200 or len(response.content) > _PAGE_LIMIT_BYTES:
            raise self._unreadable(f"HTTP {response.status_code}")
        try:
            found = parse_simple_page(response.headers.get("content-type", ""), response.text, url)
        except (ValueError, KeyError, TypeError, json.JSONDecodeError) as error:
            raise self._unreadable(str(error)) from error
        return {file.name: file for file in found}

    def digest(self, file: IndexedFile) -> str:
        """The file's sha256: from the page, or else by reading the file.

        Raises:
            UploadError: The file cannot be read.
            ServiceUnavailableError: The index did not answer.
        """
        if file.sha256:
            return file.sha256
        if not file.url.startswith(self.repository_url):
            raise self._unreadable(f"it gives no hash for {file.name}, and keeps it elsewhere")
        response = self._http.send(f"read {file.name}", requests.Request("GET", file.url))
        if response.status_code != 200:
            raise self._unreadable(f"HTTP {response.status_code} for {file.name}")
        return hashlib.sha256(response.content).hexdigest()

    def upload(self, path: Path) -> requests.Response:
        """Send one distribution, once, and return the answer whatever it says.

        Raises:
            requests.RequestException: The outcome is open.
        Spec: the upload API of the Python Package Index, which other indexes took over.
        """
        repository = Repository(
            self.repository_url,
            self._username,
            self._password.reveal(),
            disable_progress_bar=True,
        )
        try:
            package = PackageFile.from_filename(str(path), comment=None)
            # More than one try is decided by the caller: twine would repeat without waiting.
            return repository.upload(package, max_redirects=1)
        finally:
            repository.close()

    def _unreadable(self, problem: str) -> UploadError:
        return UploadError(
            f"The index {self.index_url} cannot be read: {problem}.",
            why="the account may not read it, the location or name is wrong, "
            "or it is no Python index.",
            fix="check project, location and repository, and that the account has the role "
            "roles/artifactregistry.writer there.",
            anchor="index-unreadable",
        )
