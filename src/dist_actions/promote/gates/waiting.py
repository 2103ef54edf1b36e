"""Looks again and again until something is settled, for as long as a run may wait."""

from collections.abc import Callable
from typing import TypeVar

from dist_actions.services.retries import FIRST_PAUSE_SECONDS, Retries

T = TypeVar("T")

_LONGEST_PAUSE_SECONDS = 30.0


def wait_for(retries: Retries, what: str, look: Callable[[], T], settled: Callable[[T], bool]) -> T:
    """What is seen once it is settled, or at the end of the longest wait.

    Args:
        retries: Its `max_wait` is the longest wait, all pauses together.
        what: What is waited for, for the log: `the checks of 1a2b3c4`.
        look: Reads it.
        settled: Whether it will not change by itself any more.
    """
    seen = look()
    pause, left = FIRST_PAUSE_SECONDS, retries.max_wait.total_seconds()
    while not settled(seen) and left > 0:
        pause = min(pause, left)
        retries.log(f"Waiting for {what}; looking again in {pause:.0f} s")
        retries.clock.sleep(pause)
        left -= pause
        pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
        seen = look()
    return seen
