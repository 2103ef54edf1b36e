"""A project's page of a simple index, in HTML or JSON; pure.

Spec: https://packaging.python.org/en/latest/specifications/simple-repository-api/
"""

import json
import re
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import unquote, urldefrag, urljoin

#: What to ask an index for: JSON where it knows it, since its hashes need no parsing of links.
ACCEPT = (
    "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, "
    "text/html;q=0.1"
)
#: A page of ten thousand files has some MB.
PAGE_BYTES = 12 * 1024 * 1024
#: What parsers raise for a page that is none; `html.parser` asserts what any page may break.
MISFITS = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    RecursionError,
)
_DISTRIBUTIONS = (".whl", ".tar.gz", ".zip")
_SHA256 = re.compile(r"[0-9a-fA-F]{64}", re.ASCII)


@dataclass(frozen=True)
class IndexedFile:
    """A file that an index offers.

    Attributes:
        name: Its file name.
        url: Absolute, without a fragment.
        sha256: 64 hex digits; None where the page does not say.
        yanked: Whether it was yanked.
        shows_metadata: Whether its metadata are offered beside it, at its address with `.metadata`.
    """

    name: str
    url: str
    sha256: str | None
    yanked: bool = False
    shows_metadata: bool = False


def parse_simple_page(content_type: str, text: str, page_url: str) -> tuple[IndexedFile, ...]:
    """Read the files on a project's page.

    Raises:
        ValueError: It is neither JSON nor HTML of a simple index.
    """
    if content_type.partition(";")[0].strip().lower().endswith("json"):
        return _parse_json(text, page_url)
    return _parse_html(_read_links(content_type, text), page_url)


def parse_project_list(content_type: str, text: str) -> tuple[str, ...]:
    """Read the names of the projects on the first page of an index, as they stand there.

    Raises:
        ValueError: It is neither JSON nor HTML of a simple index.
    """
    if content_type.partition(";")[0].strip().lower().endswith("json"):
        data = json.loads(text)
        if not isinstance(data, dict) or not isinstance(data.get("projects"), list):
            raise ValueError("it is not the list of an index's projects")
        return tuple(str(project["name"]) for project in data["projects"])
    parser = _read_links(content_type, text)
    if parser.is_for_people and not parser.links:
        raise ValueError("it is a web page with a form or a script, not the page of an index")
    paths = (urldefrag(link["href"])[0].partition("?")[0] for link in parser.links)
    names = (unquote(path.rstrip("/").rpartition("/")[2]) for path in paths)
    return tuple(name for name in names if name not in {"", ".", ".."})


def _parse_json(text: str, page_url: str) -> tuple[IndexedFile, ...]:
    data = json.loads(text)
    if not isinstance(data, dict) or not isinstance(data.get("files"), list):
        raise ValueError("it is not the page of a project")
    return tuple(
        IndexedFile(
            str(file["filename"]),
            urljoin(page_url, str(file["url"])),
            _digest(str(file.get("hashes", {}).get("sha256", ""))),
            yanked=file.get("yanked", False) is not False,
            shows_metadata=bool(file.get("core-metadata", file.get("dist-info-metadata"))),
        )
        for file in data["files"]
    )


def _read_links(content_type: str, text: str) -> "_LinkParser":
    kind = content_type.partition(";")[0].strip().lower()
    if kind not in {"text/html", "application/vnd.pypi.simple.v1+html"}:
        raise ValueError(f"its content type is {kind or 'missing'}")
    parser = _LinkParser()
    parser.feed(text)
    return parser


def _parse_html(parser: "_LinkParser", page_url: str) -> tuple[IndexedFile, ...]:
    files = []
    for link in parser.links:
        url, fragment = urldefrag(urljoin(page_url, link["href"]))
        name = unquote(url.rpartition("/")[2])
        algorithm, _, value = fragment.partition("=")
        sha256 = _digest(value if algorithm == "sha256" else "")
        metadata = link.get("data-core-metadata", link.get("data-dist-info-metadata", "false"))
        shows_metadata = metadata.lower() != "false"
        files.append(IndexedFile(name, url, sha256, "data-yanked" in link, shows_metadata))
    if parser.is_for_people and not any(file.name.endswith(_DISTRIBUTIONS) for file in files):
        raise ValueError("it is a web page with a form or a script, not the page of an index")
    return tuple(files)


def _digest(text: str) -> str | None:
    return text.lower() if _SHA256.fullmatch(text) else None


class _LinkParser(HTMLParser):
    """Collects all links with what the index says of each.

    Attributes:
        links: Their attributes; `href` is among them.
        is_for_people: Whether there is what a login or error page has, and no index's page.
    """

    def __init__(self) -> None:
        super().__init__()
        self.links: list[dict[str, str]] = []
        self.is_for_people = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.is_for_people |= tag in {"form", "script", "iframe"}
        link = {name: value or "" for name, value in attrs}
        if tag == "a" and link.get("href"):
            self.links.append(link)
