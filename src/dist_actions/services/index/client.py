"""One index: read through its simple page, written through twine's repository client."""

import json
import os
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import requests
from packaging.utils import NormalizedName
from twine.package import PackageFile
from twine.repository import Repository

from dist_actions.distributions.files import Distribution
from dist_actions.identity.secret import Secret
from dist_actions.services.answers import holds_content, is_redirect
from dist_actions.services.http import HttpClient
from dist_actions.services.index.redirects import explain_redirect, forwarding_target
from dist_actions.services.index.refusals import describe_unreadable, explain_unreadable
from dist_actions.services.index.simple_page import (
    ACCEPT,
    MISFITS,
    PAGE_BYTES,
    IndexedFile,
    parse_simple_page,
)
from dist_actions.services.login import Login
from dist_actions.services.retries import DEFAULT_EXCHANGE_SECONDS
from dist_actions.services.transport.adapter import Transport
from dist_actions.services.transport.exchange import TooLongError

#: A file of our name with other bytes is read as far as this many times the longest of ours.
_LONGEST_OTHER = 100


class Registry(Protocol):
    """What a service knows of its files and permissions beside its simple page."""

    def digests(self, project: NormalizedName, version: str) -> Mapping[str, str]:
        """Read the sha256 of files by their names; empty where it does not say."""

    def require_upload_permission(self, label: str) -> None:
        """Refuse to start where the account may not upload.

        Raises:
            UploadError: It may not.
        """


class IndexClient:
    """An index as one user sees it.

    Args:
        label: How messages name it.
        repository_url: Where uploads go, with a trailing slash.
        index_url: Where installers read, with a trailing slash.
        http: Carries reads, with the same login where reading needs one.
        registry: Answers what the simple page leaves open; None where nothing does.

    Attributes:
        forwarded_to: Where the newest page forwarded its readers for a project that is not here,
            as indexes do that stand in front of another one; empty where it did not.
    """

    def __init__(
        self,
        label: str,
        *,
        repository_url: str,
        index_url: str,
        login: Login,
        http: HttpClient,
        registry: Registry | None = None,
    ) -> None:
        self.label = label
        self.repository_url = repository_url
        self.index_url = index_url
        self._login = login
        self._http = http
        self._registry = registry
        self.forwarded_to = ""

    def digests(self, distributions: Sequence[Distribution]) -> Mapping[str, str | None] | None:
        """Read the sha256 by name of those of our files that the index holds under their names.

        From the page; where that is silent from the registry's API, else by reading the file.
        A digest is None where none of these tells it; all is None where the index holds no file
        of the project yet.

        Raises:
            UploadError: The index cannot be read.
            ServiceUnavailableError: It did not answer.
        """
        first = distributions[0]
        page = self.page(first.project)
        if not page:
            return None
        files = {dist.name: page[dist.name] for dist in distributions if dist.name in page}
        digests: dict[str, str | None] = {name: file.sha256 for name, file in files.items()}
        if None in digests.values() and self._registry:
            registered = self._registry.digests(first.project, str(first.version))
            digests = {name: sha256 or registered.get(name) for name, sha256 in digests.items()}
        longest = _LONGEST_OTHER * max(dist.size_bytes for dist in distributions)
        return {
            name: sha256 or self._read_digest(files[name], longest)
            for name, sha256 in digests.items()
        }

    def listed_digests(self, project: NormalizedName, version: str) -> Mapping[str, str]:
        """Read the sha256 by name of the files that it lists, as far as it tells them.

        Raises:
            The same as `page`.
        """
        page = self.page(project)
        registered = self._registry.digests(project, version) if self._registry and page else {}
        digests = {name: file.sha256 or registered.get(name, "") for name, file in page.items()}
        return {name: sha256 for name, sha256 in digests.items() if sha256}

    def log_in(self) -> None:
        """Mint the credential, where it has to be minted.

        Raises:
            IdentityError: None could be minted.
            ServiceUnavailableError: A service did not answer.
        """
        self._login.password()

    def require_upload_permission(self) -> None:
        """Find out, as far as the index tells before an upload, whether this job may make one.

        Raises:
            IdentityError: No credential could be minted.
            UploadError: The account may not upload.
            ServiceUnavailableError: A service did not answer.
        """
        self.log_in()
        if self._registry:
            self._registry.require_upload_permission(self.label)

    def uploads(self) -> "Uploads":
        """Open connections for uploading, to be used as a context manager."""
        return Uploads(self.repository_url, self._login, self._http.retries.exchange_seconds)

    def page(self, project: NormalizedName) -> dict[str, IndexedFile]:
        """Read the project's files by name; empty where the index does not have the project.

        Raises:
            UploadError: The index cannot be read.
            ServiceUnavailableError: It did not answer.
        """
        operation = f"read {project} in {self.label}"
        return self._http.retries.confirm(
            operation, lambda: self._read_page(operation, project), describe_unreadable
        )

    def _read_page(self, operation: str, project: NormalizedName) -> dict[str, IndexedFile]:
        url = f"{self.index_url}{project}/"
        try:
            answer = self._http.send(
                operation,
                "GET",
                url,
                headers={"Accept": ACCEPT},
                answer_bytes=PAGE_BYTES,
                follows_within_origin=True,
            )
        except TooLongError as error:
            if not error.url.startswith(self.index_url):  # it was a service that the login asked
                raise
            raise explain_unreadable(self.index_url, "its page does not end") from error
        location = answer.headers.get("location", "")
        self.forwarded_to = forwarding_target(answer.status_code, answer.url, location, project)
        if self.forwarded_to:
            self._http.retries.log(f"{project} is not in {self.label}, which forwards its readers")
        if answer.status_code == 404 or self.forwarded_to:
            return {}
        if is_redirect(answer.status_code):
            raise explain_redirect(self.index_url, answer.url, location)
        if not holds_content(answer.status_code):
            raise explain_unreadable(
                self.index_url,
                f"HTTP {answer.status_code}",
                status=answer.status_code,
                answer=answer.text,
            )
        try:
            content_type = answer.headers.get("content-type", "")
            files = parse_simple_page(content_type, answer.text, answer.url)
        except MISFITS as error:
            raise explain_unreadable(self.index_url, str(error)) from error
        return {file.name: file for file in files}

    def _read_digest(self, file: IndexedFile, limit_bytes: int) -> str | None:
        """Compute a file's digest, with credentials only where it lies beside its page."""
        operation = f"read {file.name} in {self.label}"
        return self._http.sha256(operation, file.url, limit_bytes, self.index_url)


class Uploads:
    """Sends files to one repository from several threads; each has a connection of its own.

    Args:
        exchange_seconds: How long one upload may take with nothing to move.
    """

    def __init__(
        self,
        repository_url: str,
        login: Login,
        exchange_seconds: float = DEFAULT_EXCHANGE_SECONDS,
    ) -> None:
        self._url = repository_url
        self._login = login
        self._exchange_seconds = exchange_seconds
        self._local = threading.local()
        self._opened: list[Repository] = []

    def __enter__(self) -> "Uploads":
        return self

    def __exit__(self, *_: object) -> None:
        for repository in self._opened:
            repository.close()

    def send(self, path: Path, sha256: str, attestation: str = "") -> requests.Response:
        """Send one distribution, once, and return the answer whatever it says.

        A token that expired meanwhile is renewed, and the file sent with the new one.

        Args:
            sha256: Of the bytes that are meant, 64 hex digits; an index refuses others.
            attestation: JSON of its attestation; empty for none.

        Raises:
            requests.RequestException: The outcome is open.
        Spec: the upload API of the Python Package Index, which other indexes took over.
        """
        package = _Package.from_filename(str(path), comment=None)
        package.sha2_digest = sha256
        if attestation:
            package.attestations = [json.loads(attestation)]
        password = self._login.password()
        response = self._post(package, password)
        if response.status_code == 401 and self._login.renew(password):
            response = self._post(package, self._login.password())
        return response

    def _post(self, package: PackageFile, password: Secret) -> requests.Response:
        # More than one try is decided by the caller: twine would repeat without waiting.
        return self._repository(password).upload(package, max_redirects=1)

    def _repository(self, password: Secret) -> Repository:
        """Open this thread's connection, with the password of now."""
        repository: Repository | None = getattr(self._local, "repository", None)
        if repository is None:
            repository = Repository(
                self._url, self._login.username, None, disable_progress_bar=True
            )
            transport = Transport(self._exchange_seconds)
            repository.session.mount("https://", transport)
            repository.session.mount("http://", transport)
            self._opened.append(repository)
            self._local.repository = repository
        repository.session.auth = self._login.basic_auth(password)
        return repository


class _Package(PackageFile):
    """A distribution that is not hashed here, because its digest is known.

    Hashing takes longer than sending, and would make the digest fit whatever lies there by now.
    """

    def __init__(self, filename: str, *described: Any) -> None:
        super().__init__(os.devnull, *described)  # twine hashes the file that it is given
        self.filename = filename
        self.basefilename = os.path.basename(filename)
        self.sha2_digest = self.blake2_256_digest = None
