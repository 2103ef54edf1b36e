"""Observe the result of a rehearsal from outside: by GitHub's API and the indexes."""

import contextlib
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urldefrag, urljoin

from packaging.utils import canonicalize_name, parse_sdist_filename, parse_wheel_filename
from packaging.version import Version

from dist_actions.distributions.manifest import MANIFEST_NAME
from dist_actions.pipeline.environments import Environment
from dist_sandbox.rehearse.errors import RehearsalError
from dist_sandbox.rehearse.project.tags import ProjectTags
from dist_sandbox.rehearse.sandbox_client import Sandbox, open_session

_TIMEOUT_SECONDS = 60


@dataclass(frozen=True)
class File:
    """A file in a release or an index, with the hash of its bytes."""

    name: str
    sha256: str


@dataclass(frozen=True)
class ObservedRelease:
    """A published GitHub release; the fields are those of `report.json`.

    Attributes:
        id: Its number.
        url: Its page.
        author: Login of the account that made it.
        prerelease: Whether it is a pre-release.
        latest: Whether GitHub shows it as the repository's newest.
        carried_from: Tag whose files these are, as its manifest says; empty where it says none.
        assets: Its files.
    """

    id: int
    url: str
    author: str
    prerelease: bool
    latest: bool
    carried_from: str
    assets: tuple[File, ...]


@dataclass(frozen=True)
class ObservedEnvironment:
    """The state of one package in one environment; the fields are those of `report.json`.

    Attributes:
        name: Name of the environment.
        package: Normalised name of the project.
        version: The version that is released there; empty where none is.
        branch: The environment's branch.
        commit: Tip of that branch.
        tag: Its newest tag; empty where it has none.
        annotated: Whether the tag is an object of its own.
        tagger: Who made it, empty for a lightweight tag.
        release: The tag's release; None where there is none.
        index_url: The environment's index.
        files: The package's files in the index.
        installed_version: The version of the package that pip installed from the index.
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
class PublishedPackage:
    """The state of one package in an index that belongs to no stage.

    Attributes:
        name: What the index is called.
        package: Normalised name of the project.
        version: The newest; empty where there is none.
        index_url: The index.
        files: The package's files in the index.
        installed_version: The version of the package that pip installed from the index.
    """

    name: str
    package: str
    version: str
    index_url: str
    files: tuple[File, ...]
    installed_version: str = ""


@dataclass(frozen=True)
class ReadableIndex:
    """An index, with what reads it.

    Attributes:
        name: What it is called.
        url: Its simple index.
        credentials: Username and password; None where everybody may read.
    """

    name: str
    url: str
    credentials: tuple[str, str] | None = field(default=None, repr=False)


def observe(
    sandbox: Sandbox,
    environment: Environment,
    tags: ProjectTags,
    package: str,
    index: ReadableIndex,
) -> ObservedEnvironment:
    """Read the state of a package in an environment and its index; nothing is installed yet.

    The package has no name in a repository with only one.

    Raises:
        RehearsalError: The release holds no distribution, or the only package has none.
    """
    branch = sandbox.get(f"branches/{environment.branch}", missing=None)
    release = _find_release(sandbox, environment, tags, package)
    tag = str(release["tag_name"]) if release else ""
    annotated, tagger = _read_tag(sandbox, tag) if tag else (False, "")
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
        files=tuple(read_index(sandbox, index, project)),
    )


def find_registry(sandbox: Sandbox, environment: Environment) -> ReadableIndex:
    """Find the Artifact Registry index of an environment, with a token that reads it."""
    name = environment.github_environment
    row = next(row for row in sandbox.ready["environments"] if row["name"] == name)
    return artifact_registry(name, str(row["index_url"]), sandbox.reader_token(name))


def artifact_registry(name: str, url: str, token: str) -> ReadableIndex:
    """Describe an Artifact Registry index, which takes an access token as password."""
    return ReadableIndex(name, url, ("oauth2accesstoken", token))


def _read_project(assets: Sequence[dict[str, Any]], environment: str) -> tuple[str, str]:
    """Read name and version from the file names of the release."""
    for name in sorted(str(asset["name"]) for asset in assets):
        with contextlib.suppress(ValueError):
            if distribution := parse_file_name(name):
                return distribution[0], str(distribution[1])
    raise RehearsalError(
        f"The GitHub release of {environment} holds no distribution.",
        why="the release workflow made it without wheel and sdist as assets.",
        fix="publish with the release action, which attaches what it uploads.",
    )


def parse_file_name(name: str) -> tuple[str, Version] | None:
    """Read project and version from the name of a wheel or sdist; None for any other file."""
    if name.endswith(".whl"):
        return parse_wheel_filename(name)[:2]
    return parse_sdist_filename(name) if name.endswith(".tar.gz") else None


def _find_release(
    sandbox: Sandbox, environment: Environment, tags: ProjectTags, package: str
) -> dict[str, Any] | None:
    """Find the newest published release whose tag belongs to the package and the environment."""
    releases: list[dict[str, Any]] = []
    for release in sandbox.get("releases?per_page=100"):
        tag = tags.read(str(release["tag_name"]))
        fits = tag and (tag.package, tag.environment) == (package, environment)
        if fits and not release["draft"]:
            releases.append(release)
    return max(releases, key=lambda release: int(release["id"]), default=None)


def _read_tag(sandbox: Sandbox, tag: str) -> tuple[bool, str]:
    ref = sandbox.get(f"git/ref/tags/{tag}")["object"]
    if ref["type"] != "tag":
        return False, ""
    return True, str(sandbox.get(f"git/tags/{ref['sha']}")["tagger"]["name"])


def _read_release(sandbox: Sandbox, release: dict[str, Any]) -> ObservedRelease:
    latest = sandbox.get("releases/latest", missing={"id": None})
    return ObservedRelease(
        id=int(release["id"]),
        url=str(release["html_url"]),
        author=str(release["author"]["login"]),
        prerelease=bool(release["prerelease"]),
        latest=latest["id"] == release["id"],
        carried_from=_read_carried_from(sandbox, release),
        assets=_read_assets(release),
    )


def _read_assets(release: dict[str, Any]) -> tuple[File, ...]:
    return tuple(
        File(asset["name"], str(asset["digest"]).removeprefix("sha256:"))
        for asset in sorted(release["assets"], key=lambda asset: str(asset["name"]))
    )


def _read_carried_from(sandbox: Sandbox, release: dict[str, Any]) -> str:
    """Read the tag that the files come from; empty where they were built for this release."""
    for asset in release["assets"]:
        if asset["name"] == MANIFEST_NAME:
            carried = json.loads(sandbox.asset(int(asset["id"]))).get("carried-from")
            return str(carried["tag"]) if carried else ""
    return ""


def read_index(sandbox: Sandbox, index: ReadableIndex, project: str) -> list[File]:
    """Download and hash the project's files, whatever hash the page shows.

    The gateway is not asked: it would show what the real index has.
    """
    url = f"{sandbox.bypass_gateway(index.url)}{canonicalize_name(project)}/"
    with open_session() as session:
        session.auth = index.credentials
        page = session.get(url, timeout=_TIMEOUT_SECONDS)
        if page.status_code == 404:
            return []
        page.raise_for_status()
        links = _Links(page.url)
        links.feed(page.text)
        files = []
        for name, url in sorted(links.urls.items()):
            response = session.get(url, timeout=_TIMEOUT_SECONDS)
            response.raise_for_status()
            files.append(File(name, hashlib.sha256(response.content).hexdigest()))
        return files


def list_projects(sandbox: Sandbox, index: ReadableIndex) -> tuple[str, ...]:
    """List the projects of an index by its own page of them; none where it has no such page."""
    with open_session() as session:
        session.auth = index.credentials
        page = session.get(sandbox.bypass_gateway(index.url), timeout=_TIMEOUT_SECONDS)
    if not page.ok:
        return ()
    return tuple(re.findall(r'<a href="[^"]*/([a-z0-9-]+)/">', page.text))


def read_releases(sandbox: Sandbox, package: str) -> list[PublishedPackage]:
    """Read the repository's GitHub releases as what was published there."""
    return [
        PublishedPackage(
            "GitHub releases",
            package,
            str(release["tag_name"]),
            str(release["html_url"]),
            _read_assets(release),
        )
        for release in sandbox.get("releases?per_page=100")
        if not release["draft"]
    ]


class _Links(HTMLParser):
    """The files that a simple index page links to, by name."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self._base = base
        self.urls: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        href = dict(attrs).get("href")
        if tag == "a" and href:
            url = urldefrag(urljoin(self._base, href)).url
            name = url.rsplit("/", 1)[-1]
            if re.search(r"\.(whl|tar\.gz|zip)$", name):
                self.urls[name] = url
