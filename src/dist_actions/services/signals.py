"""The runner's wish to end the job: what must be ended first, such as a token, still is.

Spec: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-cancellation
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class TerminatedError(BaseException):
    """The runner cancels the job."""


@contextmanager
def terminable() -> Iterator[None]:
    """Turn SIGTERM and SIGINT into `TerminatedError` inside the block, so that it unwinds."""

    def terminate(_number: int, _frame: FrameType | None) -> None:
        raise TerminatedError

    previous = {number: signal.signal(number, terminate) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Put a signal off until the block ends: what began must not stay half known.

    The runner ends the process by force after some seconds, so a block is one request, or ends
    something.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
