"""The clock, to be replaced where time must pass by itself."""

import threading
import time
from datetime import datetime, timedelta, timezone
from typing import Protocol

from dist_actions.errors import ServiceUnavailableError


class Clock(Protocol):
    """Tells the time and waits."""

    def now(self) -> datetime:
        """Return the time, aware, in UTC."""

    def sleep(self, seconds: float) -> None:
        """Wait for `seconds`."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the time, aware, in UTC."""
        return datetime.now(timezone.utc)

    def sleep(self, seconds: float) -> None:
        """Wait for `seconds`."""
        time.sleep(seconds)


#: What a run outside of a simulation has.
SYSTEM_CLOCK = SystemClock()


class LimitedClock:
    """A clock by which a run waits no longer than some time, all waits together.

    Waits of several threads at once count once.

    Args:
        clock: Tells the time, and waits.
        limit: Of all waits together.
    """

    def __init__(self, clock: Clock, limit: timedelta) -> None:
        self._clock = clock
        self._limit = limit
        self._waited = timedelta()
        self._until = clock.now()
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """Return the time, aware, in UTC."""
        return self._clock.now()

    def sleep(self, seconds: float) -> None:
        """Wait for `seconds`.

        Raises:
            ServiceUnavailableError: It would be longer than the limit, with all waits before.
        """
        with self._lock:
            now = self._clock.now()
            until = now + timedelta(seconds=seconds)
            waited = self._waited + max(until - max(self._until, now), timedelta())
            if waited > self._limit:
                raise _waited_enough(self._limit)
            self._waited, self._until = waited, max(self._until, until)
        self._clock.sleep(seconds)


def _waited_enough(limit: timedelta) -> ServiceUnavailableError:
    return ServiceUnavailableError(
        f"The waits of this step would be longer than {limit.total_seconds() / 60:.0f} minutes.",
        why="a service failed again and again, as the lines above say.",
        fix="run the job again later; what is done stands, and what is missing is made up for.",
        anchor="service-unavailable",
    )
