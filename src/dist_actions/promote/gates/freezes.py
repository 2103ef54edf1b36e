"""Times at which nothing is promoted, and when they end; pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

_RANGE = re.compile(r"(?P<begin>\S.*?)\s*\.\.\s*(?P<end>\S.*?)\s+(?P<zone>\S+)")
_WEEKLY = re.compile(r"(?P<day>[A-Za-z]{3,9})\s+(?P<time>\d{1,2}:\d{2})", re.ASCII)
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEK_DAYS = 7
#: Freezes that follow on each other are looked through this often.
_MOST_IN_A_ROW = 100
#: In characters, with room for spaces.
_LONGEST_LINE = 500

#: How a line of the input `freeze` is written.
FORM = (
    "write 2026-12-20T00:00..2027-01-02T00:00 Europe/Berlin, or for every week "
    "Fri 16:00..Mon 08:00 Europe/Berlin"
)


@dataclass(frozen=True)
class WeekTime:
    """A time of every week; Monday is 0."""

    weekday: int
    at: time


@dataclass(frozen=True)
class Freeze:
    """A range of local time, once or in every week; it begins inside and ends outside."""

    text: str
    begin: datetime | WeekTime
    end: datetime | WeekTime
    zone: ZoneInfo

    def end_at(self, now: datetime) -> datetime | None:
        """Compute when it ends, if it holds now; aware, in UTC."""
        if isinstance(self.begin, datetime) and isinstance(self.end, datetime):
            begin, end = _earliest(self.begin, self.zone), _latest(self.end, self.zone)
            return end if begin <= now < end else None
        if isinstance(self.begin, WeekTime) and isinstance(self.end, WeekTime):
            return self._end_of_week(self.begin, self.end, now)
        raise AssertionError("parse_freeze makes both ends of one kind")

    def _end_of_week(self, begin: WeekTime, end: WeekTime, now: datetime) -> datetime | None:
        today = now.astimezone(self.zone).date()
        days = (end.weekday - begin.weekday) % _WEEK_DAYS
        if days == 0 and end.at <= begin.at:
            days = _WEEK_DAYS
        for back in range(_WEEK_DAYS + 1):
            day = today - timedelta(days=back)
            if day.weekday() != begin.weekday:
                continue
            begins = _earliest(datetime.combine(day, begin.at), self.zone)
            ends = _latest(datetime.combine(day + timedelta(days=days), end.at), self.zone)
            if begins <= now < ends:
                return ends
        return None


def parse_freeze(line: str) -> Freeze:
    """Read one line.

    Raises:
        ValueError: It has another form, ends before it begins, or names no known time zone.
    """
    if len(line) > _LONGEST_LINE:
        raise ValueError(f"has more than {_LONGEST_LINE} characters")
    match = _RANGE.fullmatch(line.strip())
    if not match:
        raise ValueError("has no begin, end and time zone")
    zone = _zone(match["zone"])
    weekly = [_WEEKLY.fullmatch(match[name]) for name in ("begin", "end")]
    if weekly[0] and weekly[1]:
        first, last = (_week_time(match["day"], match["time"]) for match in weekly if match)
        return Freeze(line.strip(), first, last, zone)
    begin, end = _local(match["begin"]), _local(match["end"])
    if end <= begin:
        raise ValueError("ends before it begins")
    return Freeze(line.strip(), begin, end, zone)


def frozen_until(freezes: Iterable[Freeze], now: datetime) -> tuple[Freeze, datetime] | None:
    """Find the freeze that holds now, and when none holds any more; None where none holds."""
    candidates, opens, first = tuple(freezes), now, None
    for _ in range(_MOST_IN_A_ROW):
        ends = ((freeze, freeze.end_at(opens)) for freeze in candidates)
        holding = next(((freeze, end) for freeze, end in ends if end), None)
        if holding is None:
            break
        first, opens = first or holding[0], holding[1]
    return (first, opens) if first else None


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"names no known time zone: {name!r}") from None


def _week_time(day: str, at: str) -> WeekTime:
    names = [name for name in _DAYS if day.lower() in {name, name[:3]}]
    if not names:
        raise ValueError(f"names no day: {day!r}")
    hour, _, minute = at.partition(":")
    return WeekTime(_DAYS.index(names[0]), time(int(hour), int(minute)))


def _local(text: str) -> datetime:
    local = datetime.fromisoformat(text)
    if local.tzinfo is not None:
        raise ValueError("has a time zone twice")
    if not MINYEAR < local.year < MAXYEAR:  # the first and last days are out of range in UTC
        raise ValueError("is no time that every time zone has")
    return local


def _earliest(local: datetime, zone: ZoneInfo) -> datetime:
    """Take the earlier of both readings, where clocks are put forward or back."""
    return min(_readings(local, zone))


def _latest(local: datetime, zone: ZoneInfo) -> datetime:
    return max(_readings(local, zone))


def _readings(local: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    first, second = (local.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    return first.astimezone(timezone.utc), second.astimezone(timezone.utc)
