"""Repositories without uploads: a remote one mirrors another index, a virtual one combines several.

Spec: https://cloud.google.com/artifact-registry/docs/repositories/remote-overview and
…/virtual-overview
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urljoin

import requests

from dist_actions.services.index.simple_page import ACCEPT, IndexedFile, parse_simple_page
from dist_sandbox.google.artifact_registry.repositories import (
    Link,
    Mode,
    PackageRepository,
    RepositoryName,
)

_TIMEOUT_SECONDS = 30.0


class UpstreamError(Exception):
    """The index behind a remote repository failed; the text is the answer's."""


@dataclass
class RemoteRepository(PackageRepository):
    """A mirror of one other index, which keeps what it was once asked for."""

    #: The mirrored index's simple index, with a slash at its end.
    remote_url: str = ""
    #: The simple index of real packages, where clients are sent for what the mirrored one does not
    #: have; empty where nothing stands behind the simulated index.
    elsewhere_url: str = ""
    #: Where this process reaches an address of that index.
    find_url: Callable[[str], str] = field(default=str, repr=False)
    _upstream_urls: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def mode(self) -> Mode:
        """Return `remote`: files come from another index."""
        return "remote"

    def find_elsewhere(self, project: str) -> str:
        """Return where the machine's own index shows a project; empty where there is none."""
        return urljoin(self.elsewhere_url, f"{project}/") if self.elsewhere_url else ""

    def read_links(self, project: str) -> list[Link]:
        """Read what the other index shows now."""
        page_url = urljoin(self.remote_url, f"{project}/")
        response = _get(self.find_url(page_url), headers={"Accept": ACCEPT})
        if response is None:
            return []
        kind = response.headers.get("Content-Type", "")
        try:
            files: tuple[IndexedFile, ...] = parse_simple_page(kind, response.text, response.url)
        except (KeyError, TypeError, ValueError) as error:
            raise UpstreamError(
                f"Received invalid response from external repository; url={page_url}."
            ) from error
        self._upstream_urls |= {file.name: file.url for file in files}
        return [Link(file.name, file.sha256 or "") for file in files]

    def prepare_download(self, filename: str) -> PackageRepository:
        """Fetch the file where it was not asked for before."""
        url = self._upstream_urls.get(filename)
        if url is not None and not (self.folder / filename).exists():
            response = _get(url)
            if response is not None:
                partial = self.folder / f".{filename}.partial"
                partial.write_bytes(response.content)
                partial.rename(self.folder / filename)
        return self


@dataclass
class VirtualRepository(PackageRepository):
    """One address for several repositories.

    A version that more than one has comes from that of the highest priority; of other versions all
    are shown, as the real service does, so that an installer takes the highest of all.
    """

    #: Priority by repository; the highest number wins.
    upstreams: Mapping[RepositoryName, int] = field(default_factory=dict)
    #: Where those repositories are found.
    repositories: Mapping[RepositoryName, PackageRepository] = field(
        default_factory=dict, repr=False
    )

    @property
    def mode(self) -> Mode:
        """Return `virtual`: files are those of its upstreams."""
        return "virtual"

    def find_elsewhere(self, project: str) -> str:
        """Return where an upstream sends clients for a project that none has."""
        addresses = (upstream.find_elsewhere(project) for upstream in self._by_priority())
        return next(filter(None, addresses), "")

    def read_links(self, project: str) -> list[Link]:
        """Read every version's files, from the upstream that has precedence for it."""
        links: list[Link] = []
        for upstream in self._by_priority():
            versions = {link.version for link in links}
            links += [link for link in upstream.read_links(project) if link.version not in versions]
        return sorted(links, key=lambda link: link.filename)

    def prepare_download(self, filename: str) -> PackageRepository:
        """Return the upstream that the page takes this file from."""
        for upstream in self._by_priority():
            holder = upstream.prepare_download(filename)
            if (holder.folder / filename).exists():
                return holder
        return self

    def _by_priority(self) -> list[PackageRepository]:
        """Sort the upstreams that exist, the one with the highest priority first."""
        ordered = sorted(self.upstreams, key=lambda name: -self.upstreams[name])
        return [self.repositories[name] for name in ordered if name in self.repositories]


def _get(url: str, headers: Mapping[str, str] | None = None) -> requests.Response | None:
    """Return the other index's answer, `None` where it does not know the address.

    Raises:
        UpstreamError: It cannot be reached, or fails.
    """
    try:
        with requests.Session() as session:
            session.trust_env = False
            response = session.get(url, headers=headers, timeout=_TIMEOUT_SECONDS)
    except requests.RequestException as error:
        raise UpstreamError(f"Timeout while calling external repository; url={url}.") from error
    if response.status_code == 404:
        return None
    if not response.ok:
        raise UpstreamError(
            f"Received invalid http status code {response.status_code} from external repository; "
            f"url={url}."
        )
    return response
