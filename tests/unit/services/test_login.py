"""A password is minted when it is first needed, renewed in time, and once for all threads."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

import pytest

from dist_actions.identity.secret import Secret
from dist_actions.services.login import Login, Minted

NOW = datetime(2026, 1, 1, tzinfo=timezone.utc)


class FakeClock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.time = NOW

    def now(self) -> datetime:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


class Mint:
    """Makes passwords `1`, `2`, … that last for a while."""

    def __init__(self, clock: FakeClock, lifetime_seconds: float | None = 900) -> None:
        self.count = 0
        self._clock = clock
        self._lifetime = lifetime_seconds

    def __call__(self) -> Minted:
        self.count += 1
        ends = None
        if self._lifetime is not None:
            ends = self._clock.now() + timedelta(seconds=self._lifetime)
        return Minted(Secret(str(self.count)), ends)


def test_nothing_is_minted_before_it_is_needed() -> None:
    mint = Mint(FakeClock())
    Login("us", mint, FakeClock())
    assert mint.count == 0


@pytest.mark.parametrize(
    ("seconds", "password"),
    [(0, "1"), (839, "1"), (840, "2"), (900, "2"), (100_000, "2")],
)
def test_a_password_is_renewed_a_minute_before_it_ends(seconds: float, password: str) -> None:
    clock = FakeClock()
    login = Login("us", Mint(clock), clock)
    login.password()
    clock.sleep(seconds)
    assert login.password().reveal() == password


def test_a_password_without_an_end_is_kept() -> None:
    clock = FakeClock()
    login = Login("us", Mint(clock, None), clock)
    login.password()
    clock.sleep(1e6)
    assert login.password().reveal() == "1"


def test_a_refused_password_is_renewed_once_however_many_threads_had_it() -> None:
    clock = FakeClock()
    mint = Mint(clock)
    login = Login("us", mint, clock)
    refused, together = login.password(), threading.Barrier(8)

    def renew(_: int) -> str:
        together.wait()
        assert login.renew(refused)
        return login.password().reveal()

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(renew, range(8))) == {"2"}
    assert mint.count == 2


def test_a_given_password_is_not_renewed() -> None:
    login = Login.of_password("us", Secret("given"), FakeClock())
    assert login.password().reveal() == "given"
    assert not login.renew(Secret("given"))
