"""End a rehearsal in an orderly way where the user or the system asks for it."""

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
#: What shells add to a signal's number for the exit status of a program that it ended.
_STATUS_OF_SIGNALS = 128


class Interruption(KeyboardInterrupt):
    """A signal that asks the rehearsal to end."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number

    @property
    def exit_status(self) -> int:
        """Return the exit status that tells of the signal."""
        return _STATUS_OF_SIGNALS + self.number


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Raise an Interruption in the block at the first such signal, and ignore further ones.

    So what the block has begun is ended and removed, also where somebody is impatient. A signal
    that was ignored before stays so, as `nohup` wants it.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(number: int, _frame: FrameType | None) -> None:
        for each in heeded:
            signal.signal(each, signal.SIG_IGN)
        raise Interruption(number)

    before = {each: signal.getsignal(each) for each in _SIGNALS}
    heeded = [each for each, handler in before.items() if handler != signal.SIG_IGN]
    for each in heeded:
        signal.signal(each, interrupt)
    try:
        yield
    finally:
        for each in heeded:
            signal.signal(each, before[each])
