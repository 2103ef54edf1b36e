"""Waiting is bounded, and told."""

from datetime import datetime, timedelta, timezone

import pytest

from dist_actions.services.retries import Retries


class FakeClock:
    """A clock whose time passes by sleeping alone."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=sum(self.slept))

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@pytest.mark.parametrize(
    ("settles_after", "max_wait", "pauses"),
    [
        (0, 300, []),
        (2, 300, [1, 2]),
        (99, 10, [1, 2, 4, 3]),
        (99, 0, []),
        (99, 120, [1, 2, 4, 8, 16, 30, 30, 29]),
    ],
)
def test_it_looks_again_until_the_longest_wait(
    settles_after: int, max_wait: int, pauses: list[float]
) -> None:
    clock, logged, looks = FakeClock(), [], iter(range(100))
    retries = Retries(clock, logged.append, timedelta(seconds=max_wait))
    seen = retries.look_until(lambda number: number >= settles_after, lambda: next(looks), "it")
    assert (seen, clock.slept) == (min(settles_after, len(pauses)), pauses)
    assert len(logged) == len(pauses)
