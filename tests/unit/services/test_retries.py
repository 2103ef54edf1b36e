"""Waiting is bounded, and never shorter than a service asks for."""

import io
import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

import pytest

from dist_actions.errors import InputError, ServiceUnavailableError
from dist_actions.services.refusals import Explanation
from dist_actions.services.retries import (
    EXCHANGE_VARIABLE,
    Retries,
    Transient,
    UnsettledError,
    pauses,
    read_exchange_seconds,
    retry_after_seconds,
)
from dist_actions.services.runner import Runner

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
    seconds: float = 0.0
    request_id: str = "ID1"

    def attempt(self) -> str:
        self.tries += 1
        self.clock.time += timedelta(seconds=self.seconds)
        if self.tries <= self.failures:
            raise BusyError
        return "done"

    def classify(self, error: Exception) -> Transient | None:
        return (
            Transient("busy", self.wait, self.request_id) if isinstance(error, BusyError) else None
        )

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
    assert unavailable.value.what == "Could not read the tag: busy (request ID1)."
    assert "2026-01-31 12:02:07 UTC" in unavailable.value.fix


@pytest.mark.parametrize(
    ("failures", "tries"),
    [("busy busy doubted", 4), ("busy doubted busy doubted", 4), ("doubted doubted", 2)],
)
def test_each_kind_of_failure_has_tries_of_its_own(failures: str, tries: int) -> None:
    """That a server was busy before is no reason to believe a single doubtful answer."""
    coming, begun = iter(failures.split()), []

    def attempt() -> str:
        begun.append(1)
        for reason in coming:
            raise BusyError(reason)
        return "done"

    def classify(error: Exception) -> Transient:
        doubted = str(error) == "doubted"
        return Transient(str(error), attempts=2 if doubted else 7, refusing=doubted)

    retries = Retries(FakeClock(), lambda _: None)
    if failures.count("doubted") == 2:
        with pytest.raises(BusyError, match="doubted"):
            retries.call("read the tag", attempt, classify)
    else:
        assert retries.call("read the tag", attempt, classify) == "done"
    assert len(begun) == tries


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


@pytest.mark.parametrize(("seconds", "tries"), [(300, 2), (100, 4), (75, 5)])
def test_time_that_tries_take_counts(seconds: float, tries: int) -> None:
    """A fourth try begins when the ones before have taken five minutes, and is the last one."""
    call = Call(failures=9, seconds=seconds, request_id="")

    with pytest.raises(ServiceUnavailableError) as unavailable:
        call.run()

    assert (call.tries, unavailable.value.what) == (tries, "Could not read the tag: busy.")


def test_a_cause_that_is_known_explains_it() -> None:
    cause = Explanation("it is switched off.", "switch it on.", "switched-off")
    call = Call(failures=7)
    call.classify = lambda _: Transient("HTTP 503", cause=cause)

    with pytest.raises(ServiceUnavailableError) as unavailable:
        call.run()

    error = unavailable.value
    assert error.what == "Could not read the tag: HTTP 503."
    assert (error.why, error.fix, error.anchor) == (cause.why, cause.fix, cause.anchor)


@pytest.mark.parametrize(
    ("failures", "doubt", "tries", "logged"),
    [
        (0, "HTTP 404", 1, []),
        (1, "HTTP 404", 2, ["read the tag: HTTP 404; next try in 1 s"]),
        (2, "HTTP 404", 2, ["read the tag: HTTP 404; next try in 1 s"]),
        (1, "", 1, []),
    ],
    ids=["no refusal", "a mistake", "refused twice", "a refusal beyond doubt"],
)
def test_a_doubtful_refusal_counts_when_it_comes_twice(
    failures: int, doubt: str, tries: int, logged: list[str]
) -> None:
    call = Call(failures)
    retries = Retries(call.clock, call.log.append)

    def confirm() -> str:
        return retries.confirm(
            "read the tag", call.attempt, lambda error: doubt * isinstance(error, BusyError)
        )

    if call.failures < tries:
        assert confirm() == "done"
    else:
        with pytest.raises(BusyError):
            confirm()
    assert (call.tries, call.log) == (tries, logged)


@pytest.mark.parametrize(("max_wait", "limit"), [(5, 15), (15, 15), (20, 20)])
def test_a_run_waits_a_quarter_of_an_hour_or_as_long_as_it_may(max_wait: int, limit: int) -> None:
    clock, log = FakeClock(), io.StringIO()
    runner = Runner(log, output_file=None, summary_file=None, commands=False)
    environ = {EXCHANGE_VARIABLE: "90"}

    retries = Retries.of_run(environ, runner, timedelta(minutes=max_wait), clock)

    assert (retries.exchange_seconds, retries.max_wait.seconds) == (90, max_wait * 60)
    retries.log("waiting")
    retries.record_change("make a tag")
    assert "waiting" in log.getvalue()
    assert runner.changes == ("make a tag",)
    retries.clock.sleep(limit * 60)
    with pytest.raises(ServiceUnavailableError, match=f"longer than {limit} minutes"):
        retries.clock.sleep(1)
    assert clock.slept == [limit * 60]


def test_pauses_can_be_counted_and_bounded() -> None:
    assert list(pauses(4, longest=3)) == [1, 2, 3, 3]


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
        ("9" * 400, math.inf),
        ("Sat, 31 Jan 99999999999999999999 12:01:30 GMT", None),
    ],
)
def test_retry_after(value: str, seconds: float | None) -> None:
    assert retry_after_seconds({"retry-after": value}, START) == seconds


def test_no_retry_after() -> None:
    assert retry_after_seconds({}, START) is None


def test_a_time_is_one_of_the_servers_clock() -> None:
    headers = {
        "retry-after": "Sat, 31 Jan 2026 12:01:30 GMT",
        "date": "Sat, 31 Jan 2026 12:01:00 GMT",
    }
    assert retry_after_seconds(headers, START) == 30


def test_a_wait_of_years_is_told_with_its_end() -> None:
    call = Call(failures=1, wait=999_999_999.0)

    with pytest.raises(ServiceUnavailableError, match="after 2027-02-01 12:00:00 UTC"):
        call.run()


@pytest.mark.parametrize(
    ("text", "seconds"), [("", 60.0), (" 90 ", 90.0), ("1", 1.0), ("3600", 3600.0)]
)
def test_seconds_of_an_exchange(text: str, seconds: float) -> None:
    assert read_exchange_seconds({EXCHANGE_VARIABLE: text}) == seconds
    assert read_exchange_seconds({}) == 60.0


@pytest.mark.parametrize(
    "text", ["0", "3601", "1.5", "-1", "soon", "\u0661", "9" * 400, "0000000019999"]
)
def test_no_seconds_of_an_exchange(text: str) -> None:
    with pytest.raises(InputError) as raised:
        read_exchange_seconds({EXCHANGE_VARIABLE: text})
    assert raised.value.what == f"{EXCHANGE_VARIABLE} is {text[:40]!r}."
    assert raised.value.anchor == "service-unavailable"


@pytest.mark.parametrize(
    ("states", "max_wait", "last", "slept"),
    [
        ("d", 300, "d", []),
        ("wwd", 300, "d", [1, 2]),
        ("w" * 20, 0, "w", []),
        ("w" * 20, 100, "w", [1, 2, 4, 8, 16, 30, 30, 9]),
        ("w" * 20, 4, "w", [1, 2, 1]),
    ],
    ids=["settled at once", "settled later", "no patience", "never settled", "a last second"],
)
def test_looking_ends(states: str, max_wait: int, last: str, slept: list[float]) -> None:
    clock, looks, logged = FakeClock(), iter(states), []
    retries = Retries(clock, logged.append, timedelta(seconds=max_wait))

    state = retries.look_until(lambda each: each == "d", lambda: next(looks), "the checks")

    assert (state, clock.slept) == (last, slept)
    expected = [f"Waiting for the checks; looking again in {pause} s" for pause in slept]
    assert logged == expected


@pytest.mark.parametrize(
    ("made", "present", "result", "makes", "finds"),
    [
        ("m", "", "m", 1, 0),
        ("u", "p", "p", 1, 1),
        ("um", "..", "m", 2, 2),
        ("u", ".p", "p", 1, 2),
    ],
    ids=["made", "it was made", "made again", "it was made, and is listed later"],
)
def test_nothing_is_made_twice(
    made: str, present: str, result: str, makes: int, finds: int
) -> None:
    calls = {"make": 0, "find": 0}

    def make() -> str:
        calls["make"] += 1
        if made[calls["make"] - 1] == "u":
            raise UnsettledError("make", Transient("no answer"))
        return "m"

    def find() -> str | None:
        calls["find"] += 1
        return None if present[calls["find"] - 1] == "." else "p"

    retries = Retries(FakeClock(), lambda _: None)
    assert retries.make_once("make", make, find) == result
    assert calls == {"make": makes, "find": finds}


def test_what_never_settles_is_told_by_its_operation() -> None:
    def make() -> str:
        raise UnsettledError("POST /tags", Transient("no answer"))

    retries = Retries(FakeClock(), lambda _: None)
    with pytest.raises(ServiceUnavailableError) as unavailable:
        retries.make_once("make a tag", make, lambda: None)
    assert unavailable.value.what == "Could not make a tag: no answer."
    assert str(unavailable.value.__cause__) == "POST /tags: no answer"


def test_a_refusal_to_make_something_passes() -> None:
    def make() -> str:
        raise BusyError

    with pytest.raises(BusyError):
        Retries(FakeClock(), lambda _: None).make_once("make a tag", make, lambda: "found")
