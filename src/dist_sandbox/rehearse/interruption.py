"""End a rehearsal in order where somebody interrupts it."""

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType

#: Ctrl-C, `kill`, and a terminal that is closed.
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interruption(KeyboardInterrupt):
    """A signal ended the rehearsal.

    Attributes:
        exit_status: The status by which shells tell that signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.exit_status = 128 + number


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Let signals end the block; what it does on its way out is not interrupted again.

    A signal that is ignored already, as SIGHUP is below `nohup`, stays so.

    Raises:
        Interruption: A signal arrived.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(number: int, _frame: FrameType | None) -> None:
        for heeded_signal in previous:
            signal.signal(heeded_signal, signal.SIG_IGN)
        raise Interruption(number)

    heeded = [number for number in _SIGNALS if signal.getsignal(number) != signal.SIG_IGN]
    previous = {number: signal.getsignal(number) for number in heeded}
    try:
        for number in heeded:
            signal.signal(number, interrupt)
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
