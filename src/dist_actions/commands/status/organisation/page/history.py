"""Lay out the histories of packages along the same time, in percent of its length; pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from dist_actions.commands.status.organisation.packages import OrganisationStatus, PackageStatus

#: How many of the newest releases are drawn.
_RELEASES = 24
#: How far back a picture goes.
_LONGEST = timedelta(days=365)
#: Room for half a dot at both ends, in percent.
_MARGIN = 2.0
#: Between two environments, and above the first one, in pixels.
_LANE, _TOP = 16, 8


@dataclass(frozen=True)
class Dot:
    """A release: where it is drawn, in percent and in pixels, and what it says."""

    x: float
    y: int
    lane: int
    text: str


@dataclass(frozen=True)
class Line:
    """The way of a version from one environment to the next."""

    start: Dot
    end: Dot


@dataclass(frozen=True)
class HistoryPicture:
    """A picture with a lane for each environment.

    Attributes:
        lanes: Name of each environment, with the place of its lane.
        height: Of the picture, in pixels.
        text: The same in words.
    """

    lanes: tuple[tuple[str, int], ...]
    height: int
    dots: tuple[Dot, ...]
    lines: tuple[Line, ...]
    text: str


def choose_beginning(status: OrganisationStatus) -> datetime:
    """Choose when all pictures begin: a year ago, or with the oldest release of them all."""
    times = (release.published_at for package in status.packages for release in package.history)
    oldest = min(times, default=status.read_at)
    return max(oldest, status.read_at - _LONGEST)


def draw_history(
    package: PackageStatus, beginning: datetime, end: datetime
) -> HistoryPicture | None:
    """Lay out the newest releases since a moment; None for a package that was never released."""
    if not package.history:
        return None
    drawn = [release for release in package.history if release.published_at >= beginning]
    names = [status.environment for status in package.environments]
    length = (end - beginning).total_seconds() or 1.0
    dots = {}
    for release in drawn[-_RELEASES:]:
        lane = names.index(release.environment)
        share = (release.published_at - beginning).total_seconds() / length
        x = round(_MARGIN + share * (100 - 2 * _MARGIN), 1)
        text = f"{release.environment} {release.version}, {release.published_at:%Y-%m-%d}"
        dots[release.environment, release.version] = Dot(x, _place(lane), lane, text)
    lines = [
        Line(dots[before, version], dots[after, version])
        for version in dict.fromkeys(version for _, version in dots)
        for before, after in pairwise(names)
        if (before, version) in dots and (after, version) in dots
    ]
    lanes = tuple((name, _place(lane)) for lane, name in enumerate(names))
    text = _describe(package, len(dots), beginning)
    return HistoryPicture(lanes, _LANE * len(names), tuple(dots.values()), tuple(lines), text)


def _place(lane: int) -> int:
    return _TOP + lane * _LANE


def _describe(package: PackageStatus, drawn: int, beginning: datetime) -> str:
    newest = package.history[-1]
    return (
        f"History of {package.name}: {drawn} release{'' if drawn == 1 else 's'} since "
        f"{beginning:%Y-%m-%d}, the last one {newest.version} in {newest.environment} on "
        f"{newest.published_at:%Y-%m-%d}"
    )
