"""What stands where after a rehearsal, read from outside: GitHub's API, the indexes, pip."""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urldefrag, urljoin

import requests
from packaging.utils import canonicalize_name, parse_sdist_filename, parse_wheel_filename

from dist_actions.distributions.manifest import MANIFEST_NAME
from dist_actions.pipeline.environments import Environment
from dist_sandbox.rehearse.errors import RehearsalError
from dist_sandbox.rehearse.project.tags import ProjectTags
from dist_sandbox.rehearse.sandbox_client import Sandbox

_TIMEOUT_SECONDS = 60


@dataclass(frozen=True)
class File:
    """A file in a release or an index, with the hash of its bytes."""

    name: str
    sha256: str


@dataclass(frozen=True)
class ObservedRelease:
    """A published GitHub release.

    Attributes:
        latest: Whether GitHub shows it as the repository's newest.
        carried_from: Tag whose files these are, as its manifest says; empty where it says none.
    """

    release_id: int
    url: str
    author: str
    prerelease: bool
    latest: bool
    assets: tuple[File, ...]
    carried_from: str = ""


@dataclass(frozen=True)
class ObservedEnvironment:
    """What stands of one package in one environment.

    Attributes:
        package: Normalised name of the project.
        version: The version that is released there; empty where none is.
        commit: Tip of the environment's branch.
        tag: Its newest tag; empty where it has none.
        annotated: Whether the tag is an object of its own.
        tagger: Who made it, empty for a lightweight tag.
        installed_version: What the package that pip installed from the index says.
    """

    name: str
    package: str
    version: str
    branch: str
    commit: str
    tag: str
    annotated: bool
    tagger: str
    release: ObservedRelease | None
    index_url: str
    files: tuple[File, ...]
    installed_version: str = ""


@dataclass(frozen=True)
class ReadableIndex:
    """An index, with what reads it.

    Attributes:
        username: Empty where everybody may read.
    """

    url: str
    username: str = ""
    password: str = field(default="", repr=False)

    @property
    def authorization(self) -> tuple[str, str] | None:
        """Name and password; None where everybody may read."""
        return (self.username, self.password) if self.username else None


def observe(
    sandbox: Sandbox, environment: Environment, tags: ProjectTags, package: str
) -> ObservedEnvironment:
    """Read what stands in an environment; nothing is installed yet.

    Args:
        sandbox: Where it is read.
        environment: The environment.
        tags: How the project's tags are read.
        package: One of the repository's packages; empty where it has only one.

    Raises:
        RehearsalError: The release holds no distribution, or the only package has none.
    """
    branch = sandbox.get(f"branches/{environment.branch}", missing=None)
    release = _find_release(sandbox, environment, tags, package)
    tag = str(release["tag_name"]) if release else ""
    annotated, tagger = _read_tag(sandbox, tag) if tag else (False, "")
    index = find_index(sandbox, environment)
    project, version = package, ""
    if release or not package:
        project, version = _read_project(release["assets"] if release else [], environment.name)
    return ObservedEnvironment(
        name=environment.name,
        package=canonicalize_name(project),
        version=version,
        branch=environment.branch,
        commit=str(branch["commit"]["sha"]) if branch else "",
        tag=tag,
        annotated=annotated,
        tagger=tagger,
        release=_read_release(sandbox, release) if release else None,
        index_url=index.url,
        files=tuple(read_index(index, project)),
    )


def find_index(sandbox: Sandbox, environment: Environment) -> ReadableIndex:
    """The index of an environment, readable."""
    name = environment.github_environment
    ready = next(item for item in sandbox.ready["environments"] if item["name"] == name)
    return artifact_registry(str(ready["index_url"]), sandbox.reader_token(name))


def artifact_registry(url: str, token: str) -> ReadableIndex:
    """An Artifact Registry index, which wants an access token as password."""
    return ReadableIndex(url, "oauth2accesstoken", token)


def _read_project(assets: Sequence[dict[str, Any]], environment: str) -> tuple[str, str]:
    """Name and version, as the file names of the release say them."""
    for name in sorted(str(asset["name"]) for asset in assets):
        try:
            if name.endswith(".whl"):
                project, version, *_ = parse_wheel_filename(name)
                return project, str(version)
            if name.endswith(".tar.gz"):
                project, version = parse_sdist_filename(name)
                return project, str(version)
        except ValueError:
            continue
    raise RehearsalError(
        f"The GitHub release of {environment} holds no distribution.",
        why="the release workflow made it without wheel and sdist as assets.",
        fix="publish with the release action, which attaches what it uploads.",
    )


def _find_release(
    sandbox: Sandbox, environment: Environment, tags: ProjectTags, package: str
) -> dict[str, Any] | None:
    """The newest published release whose tag belongs to the package and the environment."""
    found: list[dict[str, Any]] = []
    for release in sandbox.get("releases?per_page=100"):
        reading = tags.read(str(release["tag_name"]))
        wanted = reading and (reading.package, reading.environment) == (package, environment)
        if wanted and not release["draft"]:
            found.append(release)
    return max(found, key=lambda release: int(release["id"]), default=None)


def _read_tag(sandbox: Sandbox, tag: str) -> tuple[bool, str]:
    ref = sandbox.get(f"git/ref/tags/{tag}")["object"]
    if ref["type"] != "tag":
        return False, ""
    return True, str(sandbox.get(f"git/tags/{ref['sha']}")["tagger"]["name"])


def _read_release(sandbox: Sandbox, release: dict[str, Any]) -> ObservedRelease:
    latest = sandbox.get("releases/latest", missing={"id": None})
    return ObservedRelease(
        release_id=int(release["id"]),
        url=str(release["html_url"]),
        author=str(release["author"]["login"]),
        prerelease=bool(release["prerelease"]),
        latest=latest["id"] == release["id"],
        assets=tuple(
            File(asset["name"], str(asset["digest"]).removeprefix("sha256:"))
            for asset in sorted(release["assets"], key=lambda asset: str(asset["name"]))
        ),
        carried_from=_read_carried_from(sandbox, release),
    )


def _read_carried_from(sandbox: Sandbox, release: dict[str, Any]) -> str:
    """What the release's manifest says of its files; empty where they were built for it."""
    for asset in release["assets"]:
        if asset["name"] == MANIFEST_NAME:
            carried = json.loads(sandbox.asset(int(asset["id"]))).get("carried-from")
            return str(carried["tag"]) if carried else ""
    return ""


def read_index(index: ReadableIndex, project: str) -> list[File]:
    """The project's files, each downloaded and hashed, whatever the page says of its hash."""
    with requests.Session() as session:
        session.trust_env = False
        session.auth = index.authorization
        page = session.get(f"{index.url}{canonicalize_name(project)}/", timeout=_TIMEOUT_SECONDS)
        if page.status_code == 404:
            return []
        page.raise_for_status()
        links = _Links(page.url)
        links.feed(page.text)
        files = []
        for name, url in sorted(links.found.items()):
            content = session.get(url, timeout=_TIMEOUT_SECONDS)
            content.raise_for_status()
            files.append(File(name, hashlib.sha256(content.content).hexdigest()))
        return files


class _Links(HTMLParser):
    """The files that a simple index page links to, by name."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self._base = base
        self.found: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        href = dict(attrs).get("href")
        if tag == "a" and href:
            url = urldefrag(urljoin(self._base, href)).url
            name = url.rsplit("/", 1)[-1]
            if re.search(r"\.(whl|tar\.gz|zip)$", name):
                self.found[name] = url
