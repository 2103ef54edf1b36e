"""What stands in the indexes that belong to no stage: PyPI, TestPyPI, private ones."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from packaging.utils import parse_sdist_filename, parse_wheel_filename
from packaging.version import Version

from dist_sandbox.rehearse.errors import RehearsalError
from dist_sandbox.rehearse.project.needs import URL
from dist_sandbox.rehearse.project.provisioning import Provisioning
from dist_sandbox.rehearse.results.installation import Installer
from dist_sandbox.rehearse.results.observation import (
    File,
    ReadableIndex,
    artifact_registry,
    read_index,
)
from dist_sandbox.rehearse.sandbox_client import Sandbox

#: What each is called in the report, and the variable that its address comes from.
_PYPI = {
    "testpypi": ("TestPyPI", "DIST_ACTIONS_TESTPYPI_URL"),
    "pypi": ("PyPI", "DIST_ACTIONS_PYPI_URL"),
}


@dataclass(frozen=True)
class PublishedPackage:
    """What stands of one package in one index.

    Attributes:
        name: What the index is called.
        package: Normalised name of the project.
        version: The newest; empty where there is none.
        installed_version: What the package that pip installed from the index says.
    """

    name: str
    package: str
    version: str
    index_url: str
    files: tuple[File, ...]
    installed_version: str = ""


@dataclass(frozen=True)
class NamedIndex:
    """An index and what it is called."""

    name: str
    index: ReadableIndex


def find_indexes(
    sandbox: Sandbox, furnishing: Provisioning, stages: Sequence[str]
) -> tuple[NamedIndex, ...]:
    """The indexes that the workflows publish to, besides those of the stages."""
    needs = furnishing.needs
    found = []
    for target, (name, variable) in _PYPI.items():
        if needs.publishes_to(target):
            base = sandbox.ready["service_variables"][variable]
            found.append(NamedIndex(name, ReadableIndex(f"{base}/simple/")))
    if needs.publishes_to(URL):
        made = sandbox.control("POST", "private-index/users", {"username": "reader"})
        index = ReadableIndex(made["index_url"], made["username"], made["password"])
        found.append(NamedIndex("private index", index))
    for place in sandbox.ready["environments"]:
        name = str(place["name"])
        if name in furnishing.google_environments and name not in stages:
            index = artifact_registry(str(place["index_url"]), sandbox.reader_token(name))
            found.append(NamedIndex(f"Artifact Registry of {name}", index))
    return tuple(found)


def look_at(
    place: NamedIndex, packages: Iterable[str], installer: Installer
) -> tuple[PublishedPackage, ...]:
    """What stands in an index, proved by installing it."""
    seen = [_read(place, package) for package in packages]
    there = [(one.package, one.version) for one in seen if one.version]
    return tuple(
        replace(
            one,
            installed_version=installer.install(
                one.package,
                one.version,
                place.index,
                name=f"{place.name}-{one.package}".replace(" ", "-"),
                siblings=[other for other in there if other[0] != one.package],
            )
            if one.version
            else "",
        )
        for one in seen
    )


def require_published(published: Sequence[PublishedPackage]) -> None:
    """Refuse an end at which an index that a workflow names holds nothing.

    Raises:
        RehearsalError: So it is.
    """
    for one in published:
        if not any(other.version for other in published if other.name == one.name):
            raise RehearsalError(
                f"Nothing of {one.package} is in {one.name}, and nothing happens any more.",
                why="the workflow that publishes there was not started, or its job was skipped.",
                fix="say how a person starts it, by --run or --dispatch, and look at its `on:`.",
            )


def _read(place: NamedIndex, package: str) -> PublishedPackage:
    files = tuple(read_index(place.index, package))
    versions = sorted(_versions(files))
    newest = str(versions[-1]) if versions else ""
    return PublishedPackage(place.name, package, newest, place.index.url, files)


def _versions(files: Iterable[File]) -> Iterator[Version]:
    for file in files:
        if file.name.endswith(".whl"):
            yield parse_wheel_filename(file.name)[1]
        elif file.name.endswith(".tar.gz"):
            yield parse_sdist_filename(file.name)[1]
