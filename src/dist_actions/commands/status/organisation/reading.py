"""Read the packages of repositories from GitHub, and work out their status."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from packaging.utils import canonicalize_name

from dist_actions.commands.status.organisation.packages import (
    OrganisationStatus,
    PackageStatus,
    ReleasedPackage,
    describe_package,
    releases_to_read,
)
from dist_actions.errors import DistActionsError, InputError
from dist_actions.pipeline.settings import Settings, read_settings
from dist_actions.pipeline.tags import TagFormat
from dist_actions.services.github.organisation.facts import ListedRepository
from dist_actions.services.github.organisation.listing import Organisations
from dist_actions.versions import ProjectFiles, find_name


def read_organisation(
    organisations: Organisations, owner: str, names: Sequence[str], now: datetime
) -> OrganisationStatus:
    """Read the status of an owner's packages, or of those of some repositories.

    Args:
        owner: Login of an organisation or a user; empty for none.
        names: Repositories, `owner/name`, on top of those.

    Raises:
        InputError: There is no such owner.
        GitHubApiError: GitHub refused.
    """
    listed = organisations.repositories_of(owner) if owner else ()
    if listed is None:
        raise InputError(
            f"There is no organisation or user {owner!r} on GitHub.",
            why="GitHub knows nobody by that name.",
            fix="write its name as in the address of its page: https://github.com/NAME.",
            anchor="status-organisation",
        )
    known = {repository.name.lower() for repository in listed}
    further = organisations.repositories([name for name in names if name.lower() not in known])
    return _work_out(organisations, owner or ", ".join(names), (*listed, *further), now)


def _work_out(
    organisations: Organisations,
    title: str,
    repositories: Sequence[ListedRepository],
    now: datetime,
) -> OrganisationStatus:
    packages: list[ReleasedPackage] = []
    statuses: list[PackageStatus] = []
    for repository in repositories:
        try:
            packages += find_packages(repository)
        except DistActionsError as error:
            name = repository.name.partition("/")[2]
            problem = f"its settings cannot be read: {error.what}"
            statuses.append(PackageStatus(name, repository.name, repository.url, problem=problem))
    released = [package for package in packages if releases_to_read(package)]
    wanted = dict(item for row in released for item in releases_to_read(row).items())
    details = organisations.details_of(wanted)
    described = [(package, describe_package(package, details)) for package in released]
    # A repository of something else may have releases and tags of the same form.
    statuses += [
        status
        for package, status in described
        if package.name or any(row.files for row in status.environments)
    ]
    statuses.sort(key=lambda status: (status.name, status.repository))
    shown = {status.repository for status in statuses}
    return OrganisationStatus(title, now, tuple(statuses), len(repositories) - len(shown))


def find_packages(repository: ListedRepository) -> tuple[ReleasedPackage, ...]:
    """Find the packages of a repository by its settings.

    Raises:
        InputError: The settings cannot be used.
    """
    with tempfile.TemporaryDirectory(prefix="dist-actions-") as folder:
        settings, name = _read_settings(Path(folder), repository.files)
    suffixes = settings.environments.suffixes
    known = canonicalize_name(name or repository.name.partition("/")[2])
    form = TagFormat(settings.tag_format, known, suffixes)
    alone = ReleasedPackage(canonicalize_name(name), repository, settings.environments, form)
    return tuple(
        replace(
            alone,
            name=package.name,
            tags=package.tags(suffixes),
            folder=package.path.removeprefix("."),
        )
        for package in settings.packages
    ) or (alone,)


def _read_settings(workspace: Path, files: Mapping[str, str]) -> tuple[Settings, str]:
    """Read settings and the project's name from files, which are put into an empty folder."""
    for path, text in files.items():
        file = workspace / path
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return read_settings(workspace, ""), find_name(ProjectFiles(workspace))
