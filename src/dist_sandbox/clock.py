"""The sandbox's clock, which a test can set."""

import threading
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone


@dataclass
class Clock:
    """The machine's time plus an offset, so that expiry can be shown without waiting."""

    offset: timedelta = timedelta()
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def now(self) -> datetime:
        """Return the sandbox's time, aware, in UTC."""
        return datetime.now(timezone.utc) + self.offset

    def timestamp(self) -> int:
        """Return the sandbox's time in whole seconds since the epoch, as in JWT claims."""
        return int(self.now().timestamp())

    def skip(self, seconds: float) -> None:
        """Let time pass at once."""
        with self._lock:
            self.offset += timedelta(seconds=seconds)

    def sleep(self, seconds: float) -> None:
        """Wait for `seconds` of real time."""
        time.sleep(seconds)
