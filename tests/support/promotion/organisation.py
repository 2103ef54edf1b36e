"""A made organisation with packages in every state, for what shows it."""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, timezone

from packaging.utils import canonicalize_name

from dist_actions.commands.status.organisation.packages import (
    OrganisationStatus,
    PackageStatus,
    ReleasedPackage,
    describe_package,
    releases_to_read,
)
from dist_actions.pipeline.environments import DEFAULT_ENVIRONMENTS
from dist_actions.pipeline.tags import DEFAULT_TAG_FORMAT, TagFormat
from dist_actions.services.github.organisation.facts import (
    ListedAsset,
    ListedRelease,
    ListedRepository,
    OpenPull,
    ReleaseDetails,
    ReleaseKey,
)

NOW = datetime(2026, 11, 30, 9, 30, tzinfo=timezone.utc)
TAGS = TagFormat(DEFAULT_TAG_FORMAT, "", DEFAULT_ENVIRONMENTS.suffixes)
_NAMES = ("core", "web", "api", "billing", "search", "auth", "metrics", "reports", "mail", "queue")
#: Days before now on which a version came to dev, qa and prd; None where it has not.
Days = tuple[float | None, float | None, float | None]
#: What a package's state comes from, by the remainder of its number.
_PLANS: tuple[tuple[Mapping[str, Days], Mapping[str, str]], ...] = (
    ({"1.9.0": (80, 70, 60), "2.0.0": (20, 12, 5)}, {}),
    ({"1.4.0": (90, 88, 80), "1.5.0": (40, 33, 21)}, {}),
    ({"0.8.0": (60, 50, 44), "0.9.0": (9, None, None)}, {"review": "REVIEW_REQUIRED"}),
    ({"3.1.0": (33, 20, 10), "3.1.1": (2, 1.2, None)}, {"checks": "FAILURE"}),
    ({"2.2.0": (120, 100, 90)}, {}),
    ({"1.0.0": (200, 190, 180), "1.1.0": (100, 90, 80), "1.2.0": (30, 20, 10)}, {}),
    ({"0.1.0": (3, None, None)}, {}),
    ({"4.0.0": (44, 40, 30), "4.0.1": (None, None, 6)}, {}),
)


def make_release(
    number: int, version: str, place: int, days: float
) -> tuple[ListedRelease, ReleaseDetails]:
    """Make the release of a version, with files and notes as the release stage leaves them."""
    name = _NAMES[number % len(_NAMES)]
    suffix = DEFAULT_ENVIRONMENTS.suffixes[place]
    tag = f"v{version}{suffix}"
    url = f"https://github.com/acme/{name}-{number}/releases/tag/{tag}"
    project = f"acme-{name}-{number}"
    index = f"https://europe-python.pkg.dev/acme-{place}/all/simple/"
    notes = f"```console\npip install --index-url {index} {project}=={version}\n```\n"
    files = (f"acme_{name}_{number}-{version}{end}" for end in (".tar.gz", "-py3-none-any.whl"))
    assets = (ListedAsset(file, 9000, hashlib.sha256(file.encode()).hexdigest()) for file in files)
    commit = hashlib.sha1(url.encode()).hexdigest()
    details = ReleaseDetails(notes, commit, tuple(assets))
    return ListedRelease(tag, url, NOW - timedelta(days=days)), details


def make_package(number: int) -> PackageStatus:
    """Make a package; its number says in which state it is."""
    versions, obstacle = _PLANS[number % len(_PLANS)]
    made = {
        (version, place): make_release(number, version, place, days)
        for version, moments in versions.items()
        for place, days in enumerate(moments)
        if days is not None
    }
    name = f"{_NAMES[number % len(_NAMES)]}-{number}"
    url = f"https://github.com/acme/{name}"
    newest = list(versions)[-1]
    pulls = [
        OpenPull(
            f"{url}/pull/7",
            stage.branch,
            f"promote/v{newest}-to-{stage.name}",
            review=obstacle.get("review", ""),
            checks=obstacle.get("checks", ""),
        )
        for stage in DEFAULT_ENVIRONMENTS.stages
        if obstacle
    ]
    releases = tuple(release for release, _ in made.values())
    repository = ListedRepository(
        f"acme/{name}", url, releases=releases, complete=True, pulls=tuple(pulls)
    )
    package = ReleasedPackage(
        canonicalize_name(f"acme-{name}"), repository, DEFAULT_ENVIRONMENTS, TAGS
    )
    by_key: dict[ReleaseKey, ReleaseDetails] = {
        (repository.name, release.tag): details for release, details in made.values()
    }
    return describe_package(package, {key: by_key[key] for key in releases_to_read(package)})


def make_organisation(count: int) -> OrganisationStatus:
    """Make an organisation of so many packages, and one whose settings cannot be read."""

    def packages() -> Iterator[PackageStatus]:
        yield from map(make_package, range(count - 1))
        problem = "its settings cannot be read: pyproject.toml is not valid TOML."
        yield PackageStatus(
            "broken", "acme/broken", "https://github.com/acme/broken", problem=problem
        )

    ordered = sorted(packages(), key=lambda package: package.name)
    return OrganisationStatus("acme", NOW, tuple(ordered), others=12)
