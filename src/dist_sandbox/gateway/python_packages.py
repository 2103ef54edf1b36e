"""Find real Python packages: what PyPI has at an address, in the index that this machine reads.

Where that is PyPI itself, the addresses are the same. Any other index is read page by page: its
links become links to PyPI's file host, and a file is found by its name on its project's page, so
that lock files with PyPI's own addresses work too.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urldefrag, urljoin, urlsplit

from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from pip._internal.models.index import PyPI

from dist_actions.services.index.simple_page import parse_simple_page

#: Media types of a project's page.
ACCEPT = "application/vnd.pypi.simple.v1+json, text/html;q=0.2"
_HREF = re.compile(r"""(?<=\bhref=)(["'])(.*?)\1""", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class Page:
    """A page of the index: its media type, text and address."""

    media_type: str
    text: str
    url: str


@dataclass
class PythonPackages:
    """The packages of one index.

    Attributes:
        index_url: The simple index, with a slash at its end.
        read_page: Reads a page of it; None for one that is not there.
    """

    index_url: str
    read_page: Callable[[str, Mapping[str, str]], Page | None]
    _urls: dict[str, str] = field(default_factory=dict)

    @property
    def is_pypi(self) -> bool:
        """Tell whether the index is PyPI itself."""
        return urlsplit(self.index_url).hostname == PyPI.netloc

    def read_project(self, name: str, accept: str) -> Page | None:
        """Read a project's page, with links to PyPI's file host; None where there is none."""
        url = urljoin(self.index_url, f"{canonicalize_name(name)}/")
        page = self.read_page(url, {"accept": accept})
        if page is None:
            return None
        files = parse_simple_page(page.media_type, page.text, page.url)
        self._urls |= {file.name: file.url for file in files}
        return Page(page.media_type, _redirect_links(page), page.url)

    def find_file(self, filename: str) -> str:
        """Find the address of a file by its name; empty where the index does not have it."""
        distribution = filename.removesuffix(".metadata")
        project = _project_of(distribution)
        if distribution not in self._urls and project:
            self.read_project(project, ACCEPT)
        url = self._urls.get(distribution, "")
        return f"{url}{filename[len(distribution) :]}" if url else ""


def _redirect_links(page: Page) -> str:
    """Let the links of a page lead to PyPI's file host."""
    if page.media_type.partition(";")[0].strip().lower().endswith("json"):
        document = json.loads(page.text)
        for file in document["files"]:
            file["url"] = _file_url(str(file["url"]))
            file.pop("provenance", None)
        return json.dumps(document)
    return _HREF.sub(lambda match: f'"{_file_url(match[2])}"', page.text)


def _file_url(url: str) -> str:
    address, fragment = urldefrag(url)
    name = urlsplit(address).path.rpartition("/")[2]
    return f"https://{PyPI.file_storage_domain}/packages/{name}{'#' if fragment else ''}{fragment}"


def _project_of(filename: str) -> str:
    try:
        return str(parse_wheel_filename(filename)[0])
    except InvalidWheelFilename:
        pass
    try:
        return str(parse_sdist_filename(filename)[0])
    except InvalidSdistFilename:
        return ""
