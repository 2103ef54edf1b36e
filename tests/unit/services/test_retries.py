"""Waiting is bounded, and never shorter than a service asks for."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

import pytest

from dist_actions.errors import ServiceUnavailableError
from dist_actions.services.retries import Retries, Transient, retry_after_seconds

START = datetime(2026, 1, 31, 12, 0, tzinfo=timezone.utc)


@dataclass
class FakeClock:
    """A clock that sleeps without waiting."""

    time: datetime = START
    slept: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += timedelta(seconds=seconds)


class BusyError(Exception):
    """A service that asks to wait."""


@dataclass
class Call:
    """A call that fails some times."""

    failures: int
    wait: float | None = None
    clock: FakeClock = field(default_factory=FakeClock)
    log: list[str] = field(default_factory=list)
    tries: int = 0

    def attempt(self) -> str:
        self.tries += 1
        if self.tries <= self.failures:
            raise BusyError
        return "done"

    def classify(self, error: Exception) -> Transient | None:
        return Transient("busy", self.wait, "ID1") if isinstance(error, BusyError) else None

    def run(self, **options: timedelta) -> str:
        retries = Retries(self.clock, self.log.append, **options)
        return retries.call("read the tag", self.attempt, self.classify)


def test_the_first_try_waits_for_nothing() -> None:
    call = Call(failures=0)

    assert (call.run(), call.clock.slept, call.log) == ("done", [], [])


def test_pauses_double() -> None:
    call = Call(failures=6)

    assert call.run() == "done"
    assert call.clock.slept == [1, 2, 4, 8, 16, 32]
    assert call.log[0] == "read the tag: busy; next try in 1 s"


def test_patience_ends() -> None:
    call = Call(failures=7)

    with pytest.raises(ServiceUnavailableError) as unavailable:
        call.run()

    assert (call.tries, sum(call.clock.slept)) == (7, 63)
    assert unavailable.value.exit_status == 3
    assert "busy (request ID1)" in unavailable.value.what
    assert "2026-01-31 12:02:07 UTC" in unavailable.value.fix


@pytest.mark.parametrize(("asked", "slept"), [(0.0, 1), (0.5, 1), (90.0, 90), (300.0, 300)])
def test_never_shorter_than_asked(asked: float, slept: float) -> None:
    call = Call(failures=1, wait=asked)

    assert call.run() == "done"
    assert call.clock.slept == [slept]


def test_longer_than_max_wait_is_told_at_once() -> None:
    call = Call(failures=1, wait=301.0)

    with pytest.raises(ServiceUnavailableError, match="busy"):
        call.run()

    assert (call.tries, call.clock.slept) == (1, [])


def test_max_wait_bounds_our_own_pauses_too() -> None:
    call = Call(failures=9)

    with pytest.raises(ServiceUnavailableError):
        call.run(max_wait=timedelta(seconds=3))

    assert call.clock.slept == [1, 2]


def test_other_errors_pass() -> None:
    retries = Retries(FakeClock(), print)

    with pytest.raises(ZeroDivisionError):
        retries.call("divide", lambda: 1 // 0, lambda _: None)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0),
        ("120", 120),
        (" 7 ", 7),
        ("Sat, 31 Jan 2026 12:01:30 GMT", 90),
        ("Sat, 31 Jan 2026 11:00:00 GMT", 0),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("\u0661", None),
        ("Sat, 31 Jan 2026 12:01:30", None),
    ],
)
def test_retry_after(value: str, seconds: float | None) -> None:
    assert retry_after_seconds({"retry-after": value}, START) == seconds


def test_no_retry_after() -> None:
    assert retry_after_seconds({}, START) is None
