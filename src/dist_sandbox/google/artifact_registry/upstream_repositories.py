"""Repositories without uploads: a remote one mirrors another index, a virtual one gathers several.

Spec: https://cloud.google.com/artifact-registry/docs/repositories/remote-overview and
…/virtual-overview
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urljoin

import requests

from dist_actions.services.index.simple_page import ACCEPT, IndexedFile, parse_simple_page
from dist_sandbox.google.artifact_registry.repositories import (
    Link,
    Mode,
    Repository,
    RepositoryName,
)

_TIMEOUT_SECONDS = 30.0


class UpstreamError(Exception):
    """The index behind a remote repository failed; the text is the answer's."""


@dataclass
class RemoteRepository(Repository):
    """A mirror of one other index, which keeps what it was once asked for.

    Attributes:
        remote_url: Simple index of the mirrored one, with a slash at its end.
    """

    remote_url: str = ""
    _upstream_urls: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def mode(self) -> Mode:
        """`remote`: files come from another index."""
        return "remote"

    def read_links(self, project: str) -> list[Link]:
        """What the other index shows now."""
        page_url = urljoin(self.remote_url, f"{project}/")
        answer = _get(page_url, headers={"Accept": ACCEPT})
        if answer is None:
            return []
        kind = answer.headers.get("Content-Type", "")
        try:
            files: tuple[IndexedFile, ...] = parse_simple_page(kind, answer.text, answer.url)
        except (KeyError, TypeError, ValueError) as error:
            raise UpstreamError(
                f"Received invalid response from external repository; url={page_url}."
            ) from error
        self._upstream_urls |= {file.name: file.url for file in files}
        return [Link(file.name, file.sha256 or "") for file in files]

    def prepare_download(self, filename: str) -> Repository:
        """Fetch the file where it was not asked for before."""
        url = self._upstream_urls.get(filename)
        if url is not None and not (self.folder / filename).exists():
            answer = _get(url)
            if answer is not None:
                partial = self.folder / f".{filename}.partial"
                partial.write_bytes(answer.content)
                partial.rename(self.folder / filename)
        return self


@dataclass
class VirtualRepository(Repository):
    """One address for several repositories.

    A version that more than one has comes from that of the highest priority; of other versions all
    are shown, as the real service does, so that an installer takes the highest of all.

    Attributes:
        upstreams: Priority by repository; the highest number wins.
        repositories: Where those repositories are found.
    """

    upstreams: Mapping[RepositoryName, int] = field(default_factory=dict)
    repositories: Mapping[RepositoryName, Repository] = field(default_factory=dict, repr=False)

    @property
    def mode(self) -> Mode:
        """`virtual`: files are those of its upstreams."""
        return "virtual"

    def read_links(self, project: str) -> list[Link]:
        """Every version's files, from the upstream that has precedence for it."""
        chosen: list[Link] = []
        for upstream in self._by_priority():
            taken = {link.version for link in chosen}
            chosen += [one for one in upstream.read_links(project) if one.version not in taken]
        return sorted(chosen, key=lambda link: link.filename)

    def prepare_download(self, filename: str) -> Repository:
        """The upstream that the page takes this file from."""
        for upstream in self._by_priority():
            found = upstream.prepare_download(filename)
            if (found.folder / filename).exists():
                return found
        return self

    def _by_priority(self) -> list[Repository]:
        ordered = sorted(self.upstreams, key=lambda name: -self.upstreams[name])
        return [self.repositories[name] for name in ordered if name in self.repositories]


def _get(url: str, headers: Mapping[str, str] | None = None) -> requests.Response | None:
    """The other index's answer, `None` where it does not know the address.

    Raises:
        UpstreamError: It cannot be reached, or fails.
    """
    try:
        with requests.Session() as session:
            session.trust_env = False
            answer = session.get(url, headers=headers, timeout=_TIMEOUT_SECONDS)
    except requests.RequestException as error:
        raise UpstreamError(f"Timeout while calling external repository; url={url}.") from error
    if answer.status_code == 404:
        return None
    if not answer.ok:
        raise UpstreamError(
            f"Received invalid http status code {answer.status_code} from external repository; "
            f"url={url}."
        )
    return answer
