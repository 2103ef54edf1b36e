"""All waits of a run together have a limit."""

from datetime import datetime, timedelta, timezone

import pytest

from dist_actions.errors import ServiceUnavailableError
from dist_actions.services.clock import LimitedClock

LIMIT = timedelta(minutes=15)


class Skipping:
    """A clock whose waits are over at once, and that can stand still, as for several threads."""

    def __init__(self, *, passes: bool) -> None:
        self.time = datetime(2026, 1, 1, tzinfo=timezone.utc)
        self.passes = passes
        self.pauses: list[float] = []

    def now(self) -> datetime:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        if self.passes:
            self.time += timedelta(seconds=seconds)


def test_waits_one_after_the_other_add_up_to_the_limit() -> None:
    clock = Skipping(passes=True)
    limited = LimitedClock(clock, LIMIT)
    for _ in range(15):
        limited.sleep(60)
    with pytest.raises(ServiceUnavailableError, match="longer than 15 minutes") as raised:
        limited.sleep(1)
    assert (len(clock.pauses), raised.value.exit_status) == (15, 3)
    assert limited.now() == datetime(2026, 1, 1, 0, 15, tzinfo=timezone.utc)


def test_waits_at_the_same_time_count_once() -> None:
    clock = Skipping(passes=False)
    limited = LimitedClock(clock, LIMIT)
    for _ in range(8):
        limited.sleep(600)
    limited.sleep(900)
    with pytest.raises(ServiceUnavailableError):
        limited.sleep(901)


def test_a_single_wait_beyond_the_limit_does_not_begin() -> None:
    clock = Skipping(passes=True)
    with pytest.raises(ServiceUnavailableError):
        LimitedClock(clock, LIMIT).sleep(901)
    assert clock.pauses == []
