"""Waiting and trying again, bounded, and never shorter than a service asks for."""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import count, islice
from typing import TypeVar

from dist_actions.errors import InputError, ServiceUnavailableError
from dist_actions.services.clock import SYSTEM_CLOCK, Clock, LimitedClock
from dist_actions.services.refusals import Explanation
from dist_actions.services.runner import Runner

T = TypeVar("T")

#: First pause in seconds where the service names none; it doubles from try to try.
FIRST_PAUSE_SECONDS = 1.0
#: Tries of one call where the service names no waiting time: 1 + 2 + 4 + 8 + 16 + 32 = 63 seconds.
ATTEMPTS = 7
#: GitHub asks for at least a minute after a limit that names no time.
#: Spec: https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
LIMIT_PAUSE_SECONDS = 60.0

#: Longest pause in seconds between two looks at what others work on.
_LONGEST_LOOK_PAUSE_SECONDS = 30.0

#: No calendar needs to go further; a run never waits so long.
_LONGEST_WAIT_SECONDS = 366 * 86_400.0

#: How long a run may wait altogether, unless it may wait longer for one thing.
_LONGEST_STEP = timedelta(minutes=15)
DEFAULT_MAX_WAIT = timedelta(minutes=5)
DEFAULT_EXCHANGE_SECONDS = 60.0
#: How long an exchange may take on a runner behind a slow proxy, in seconds.
EXCHANGE_VARIABLE = "DIST_ACTIONS_EXCHANGE_SECONDS"
_LONGEST_EXCHANGE_SECONDS = 3600


@dataclass(frozen=True)
class Transient:
    """A failure that may be over soon.

    Attributes:
        reason: What was seen, for the log: `HTTP 502`, `the connection was reset`.
        wait_seconds: The least time that the service asks to wait; None where it asks for none.
        request_id: The service's own number of the request, for its support.
        cause: Why it happens and what mends it, where that is known.
        attempts: How many tries of a call may fail in this way.
        refusing: Whether the error itself is raised where it stays, since it tells more.
    """

    reason: str
    wait_seconds: float | None = None
    request_id: str = ""
    cause: Explanation | None = None
    attempts: int = ATTEMPTS
    refusing: bool = False


class UnsettledError(Exception):
    """A request that must not be repeated blindly, because it may have been carried out.

    The caller reads the state again and decides. It never leaves a stage.

    Attributes:
        transient: Why its outcome is open.
    """

    def __init__(self, operation: str, transient: Transient) -> None:
        super().__init__(f"{operation}: {transient.reason}")
        self.transient = transient


@dataclass(frozen=True)
class Retries:
    """How patient a run is.

    Attributes:
        clock: Tells the time and waits.
        max_wait: Longest single wait that a service may ask for, and how long tries of one call
            may have taken altogether when it is tried once more.
        log: Told of every wait.
        exchange_seconds: How long one request and its answer may take with nothing to move.
        record_change: Told of each change that a service confirmed, in the words of an operation.
    """

    clock: Clock
    log: Callable[[str], None]
    max_wait: timedelta = DEFAULT_MAX_WAIT
    exchange_seconds: float = DEFAULT_EXCHANGE_SECONDS
    record_change: Callable[[str], None] = lambda _: None

    @classmethod
    def of_run(
        cls,
        environ: Mapping[str, str],
        runner: Runner,
        max_wait: timedelta = DEFAULT_MAX_WAIT,
        clock: Clock = SYSTEM_CLOCK,
    ) -> "Retries":
        """Make the retries of one run, which writes waits and changes to its runner.

        Raises:
            InputError: As `read_exchange_seconds`.
        """
        seconds = read_exchange_seconds(environ)
        limited = LimitedClock(clock, max(_LONGEST_STEP, max_wait))
        return cls(limited, runner.log, max_wait, seconds, runner.record_change)

    def call(
        self,
        operation: str,
        attempt: Callable[[], T],
        classify: Callable[[Exception], Transient | None],
    ) -> T:
        """Make a call until it works, fails for good, or patience ends.

        Args:
            operation: What the call does, for messages: `read the tags`.
            attempt: Makes the call once. It must be safe to repeat.
            classify: Says whether an error may be over soon; None raises it as it is.

        Raises:
            ServiceUnavailableError: It failed for too long, or the service asks for a longer
                wait than `max_wait`.
        """
        lost, failures = timedelta(), Counter[str]()
        for number, pause in enumerate(pauses(ATTEMPTS), start=1):
            began = self.clock.now()
            try:
                return attempt()
            except Exception as error:
                transient = classify(error)
                if transient is None:
                    raise
                wait = min(max(pause, transient.wait_seconds or 0.0), _LONGEST_WAIT_SECONDS)
                lost += self.clock.now() - began
                failures[transient.reason] += 1
                tried = number == ATTEMPTS or failures[transient.reason] >= transient.attempts
                if tried or self.gives_up(wait, lost):
                    if transient.refusing:
                        raise
                    raise self._unavailable(operation, transient, wait) from error
            self.log(f"{operation}: {transient.reason}; next try in {wait:.0f} s")
            self.clock.sleep(wait)
        raise AssertionError("the last attempt returns or raises")

    def confirm(
        self, operation: str, attempt: Callable[[], T], doubt: Callable[[Exception], str]
    ) -> T:
        """Make a call whose refusal counts only once it came twice.

        Args:
            operation: As for `call`.
            attempt: As for `call`.
            doubt: Says what an error is, for the log, if it may be a mistake; else nothing.
        """

        def classify(error: Exception) -> Transient | None:
            reason = doubt(error)
            return Transient(reason, attempts=2, refusing=True) if reason else None

        return self.call(operation, attempt, classify)

    def make_once(self, operation: str, make: Callable[[], T], find: Callable[[], T | None]) -> T:
        """Make something on a service, and do so again only where it is not found.

        A service's lists may be behind, so it is looked for at once and after the pause.

        Args:
            operation: What it does, for messages: `open a pull request`.
            make: Makes it once; its outcome may be open.
            find: Looks for what was made; None where it is not there.

        Raises:
            ServiceUnavailableError: As for `call`.
        """
        tried = False

        def attempt() -> T:
            nonlocal tried
            if tried and (present := find()) is not None:
                return present
            tried = True
            try:
                return make()
            except UnsettledError:
                if (present := find()) is not None:
                    return present
                raise

        return self.call(operation, attempt, _open_outcome)

    def gives_up(self, wait_seconds: float, lost: timedelta) -> bool:
        """Tell whether patience ends before another try.

        Args:
            wait_seconds: The pause before it.
            lost: How long the tries before have taken.
        """
        return wait_seconds > self.max_wait.total_seconds() or lost > self.max_wait

    def look_until(self, settled: Callable[[T], bool], look: Callable[[], T], subject: str) -> T:
        """Look again and again until something is settled, or `max_wait` has passed.

        Args:
            settled: Whether it will not change by itself any more.
            subject: What is waited for, for the log: `the checks of 1a2b3c4`.
        """
        state, seconds = look(), self.max_wait.total_seconds()
        for longest in pauses(longest=_LONGEST_LOOK_PAUSE_SECONDS):
            if settled(state) or seconds <= 0:
                break
            pause = min(longest, seconds)
            self.log(f"Waiting for {subject}; looking again in {pause:.0f} s")
            self.clock.sleep(pause)
            seconds -= pause
            state = look()
        return state

    def _unavailable(
        self, operation: str, transient: Transient, wait: float
    ) -> ServiceUnavailableError:
        again = self.clock.now() + timedelta(seconds=wait)
        request = f" (request {transient.request_id})" if transient.request_id else ""
        message = f"Could not {operation}: {transient.reason}{request}."
        if transient.cause:
            return transient.cause.error(ServiceUnavailableError, message)
        return ServiceUnavailableError(
            message,
            why="the service is not available or limits requests at the moment.",
            fix=f"run it again after {again:%Y-%m-%d %H:%M:%S} UTC; a rerun is safe.",
            anchor="service-unavailable",
        )


def read_exchange_seconds(environ: Mapping[str, str]) -> float:
    """Read from the environment how long one exchange may take.

    Raises:
        InputError: It is no number of seconds, or more than an hour.
    """
    text = environ.get(EXCHANGE_VARIABLE, "").strip()
    if not text:
        return DEFAULT_EXCHANGE_SECONDS
    if text.isascii() and text.isdigit() and 0 < float(text) <= _LONGEST_EXCHANGE_SECONDS:
        return float(text)
    raise InputError(
        f"{EXCHANGE_VARIABLE} is {text[:40]!r}.",
        why="it says after how many seconds a request without an answer is given up.",
        fix=f"write a whole number from 1 to {_LONGEST_EXCHANGE_SECONDS}, or leave it out.",
        anchor="service-unavailable",
    )


def pauses(attempts: int | None = None, longest: float = math.inf) -> Iterator[float]:
    """Yield the pause after each attempt, in seconds: twice the one before.

    Args:
        attempts: How many there are; None for any number.
        longest: No pause is longer.
    """
    pause = FIRST_PAUSE_SECONDS
    for _ in islice(count(), attempts):
        yield min(pause, longest)
        pause *= 2


def _open_outcome(error: Exception) -> Transient | None:
    return error.transient if isinstance(error, UnsettledError) else None


def retry_after_seconds(headers: Mapping[str, str], now: datetime) -> float | None:
    """Read what `Retry-After` asks for, in seconds; None where it is absent or nonsense.

    Args:
        headers: Of the answer, names in lower case.
        now: What this machine's clock shows.

    Spec: RFC 9110, section 10.2.3
    """
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value)
    time = _read_time(value)
    return max(0.0, (time - server_time(headers, now)).total_seconds()) if time else None


def server_time(headers: Mapping[str, str], now: datetime) -> datetime:
    """Read the time of an answer by the server's clock; `now` where it does not tell.

    What it asks to wait for is a time of its own clock, and this machine's may be minutes off.
    """
    return _read_time(headers.get("date", "")) or now


def _read_time(text: str) -> datetime | None:
    """Read a time of a header; None where it is absent, nonsense or without a zone."""
    try:
        time = parsedate_to_datetime(text)
    except (TypeError, ValueError, OverflowError, IndexError):
        return None
    return time if time.tzinfo else None
