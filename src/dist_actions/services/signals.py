"""The runner's wish to end the job: what must be ended first, such as a token, still is.

Spec: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-cancellation
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

_SIGNALS = (signal.SIGTERM, signal.SIGINT)
#: The runner ends a process by force ten seconds after its first signal.
_POSTPONED_SECONDS = 3.0


class TerminatedError(BaseException):
    """The runner cancels the job."""


@contextmanager
def terminable() -> Iterator[None]:
    """Turn SIGTERM and SIGINT into `TerminatedError` inside the block, so that it unwinds.

    Once it has unwound, later signals are ignored: what is left is to say how the job ended, and
    the runner sends a second signal to a process that takes its time.
    """

    def terminate(_number: int, _frame: FrameType | None) -> None:
        raise TerminatedError

    previous: dict[signal.Signals, Any] = {
        number: signal.signal(number, terminate) for number in _SIGNALS
    }
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        yield
    except TerminatedError:
        previous = dict.fromkeys(_SIGNALS, signal.SIG_IGN)
        raise
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def hold_back() -> None:
    """Hold signals back until the next `terminable`, which may be that of another program.

    A process that is replaced forgets how it answers signals, not which of them wait.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)


@contextmanager
def uninterrupted(*, ending: bool = False) -> Iterator[None]:
    """Put a signal off until the block ends, for some seconds at the most.

    What began must not stay half known, but the runner ends the process by force soon after it
    asked, and two such blocks must fit into that time.

    Args:
        ending: Whether the job ends already, so that the seconds begin now.

    Raises:
        TerminatedError: A signal came, or the seconds are over.
    """
    signalled = False

    def postpone(_number: int, _frame: FrameType | None) -> None:
        nonlocal signalled
        if not (signalled or ending):
            signal.setitimer(signal.ITIMER_REAL, _POSTPONED_SECONDS)
        signalled = True

    def give_up(_number: int, _frame: FrameType | None) -> None:
        raise TerminatedError

    previous = {number: signal.signal(number, postpone) for number in _SIGNALS}
    previous[signal.SIGALRM] = signal.signal(signal.SIGALRM, give_up)
    try:
        if ending:
            signal.setitimer(signal.ITIMER_REAL, _POSTPONED_SECONDS)
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in previous.items():
            signal.signal(number, handler)
    if signalled:
        raise TerminatedError
