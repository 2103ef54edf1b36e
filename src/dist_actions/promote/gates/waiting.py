"""Looks again and again until something is settled, for as long as a run may wait."""

from collections.abc import Callable
from typing import TypeVar

from dist_actions.services.retries import Retries, pauses

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
    seen, left = look(), retries.max_wait.total_seconds()
    for longest in pauses(longest=_LONGEST_PAUSE_SECONDS):
        if settled(seen) or left <= 0:
            break
        pause = min(longest, left)
        retries.log(f"Waiting for {what}; looking again in {pause:.0f} s")
        retries.clock.sleep(pause)
        left -= pause
        seen = look()
    return seen
