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
_DISTRIBUTIONS = (".whl", ".tar.gz", ".zip")
_SHA256 = re.compile(r"[0-9a-fA-F]{64}", re.ASCII)


@dataclass(frozen=True)
class IndexedFile:
    """A file that an index offers.

    Attributes:
        name: Its file name.
        url: Absolute, without a fragment.
        sha256: 64 hex digits; None where the page does not say.
    """

    name: str
    url: str
    sha256: str | None


def parse_simple_page(content_type: str, text: str, page_url: str) -> tuple[IndexedFile, ...]:
    """Read the files on a project's page.

    Raises:
        ValueError: It is neither JSON nor HTML of a simple index.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind.endswith("json"):
        return _parse_json(text, page_url)
    if kind not in {"text/html", "application/vnd.pypi.simple.v1+html"}:
        raise ValueError(f"its content type is {kind or 'missing'}")
    return _parse_html(text, page_url)


def _parse_json(text: str, page_url: str) -> tuple[IndexedFile, ...]:
    data = json.loads(text)
    if not isinstance(data, dict) or not isinstance(data.get("files"), list):
        raise ValueError("it is not the page of a project")
    return tuple(
        IndexedFile(
            str(file["filename"]),
            urljoin(page_url, str(file["url"])),
            _digest(str(file.get("hashes", {}).get("sha256", ""))),
        )
        for file in data["files"]
    )


def _parse_html(text: str, page_url: str) -> tuple[IndexedFile, ...]:
    parser = _LinkParser()
    parser.feed(text)
    files = []
    for href in parser.links:
        url, fragment = urldefrag(urljoin(page_url, href))
        name = unquote(url.rpartition("/")[2])
        algorithm, _, value = fragment.partition("=")
        files.append(IndexedFile(name, url, _digest(value if algorithm == "sha256" else "")))
    if parser.is_for_people and not any(file.name.endswith(_DISTRIBUTIONS) for file in files):
        raise ValueError("it is a web page with a form or a script, not the page of an index")
    return tuple(files)


def _digest(text: str) -> str | None:
    return text.lower() if _SHA256.fullmatch(text) else None


class _LinkParser(HTMLParser):
    """Collects the addresses of all links.

    Attributes:
        is_for_people: Whether there is what a login or error page has, and no index's page.
    """

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.is_for_people = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.is_for_people |= tag in {"form", "script", "iframe"}
        href = dict(attrs).get("href")
        if tag == "a" and href:
            self.links.append(href)
