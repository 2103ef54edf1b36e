"""A gate at which requests wait until whoever steers the sandbox lets them through.

It shows what happens where a client is killed at a request, and in which order the requests of
several clients are served.
"""

import queue
import threading
from dataclasses import dataclass, field


@dataclass(frozen=True)
class HeldRequest:
    """A request that waits at the gate, at first to be served, then to be answered.

    Attributes:
        method: HTTP method.
        path: Path of the address.
        client_port: Port of the client's end of the connection, which tells whose it is.
    """

    method: str
    path: str
    client_port: int
    _decisions: "queue.SimpleQueue[str]" = field(default_factory=queue.SimpleQueue, repr=False)
    _served: threading.Event = field(default_factory=threading.Event, repr=False)

    def serve(self, timeout_seconds: float = 30.0) -> None:
        """Let the service carry the request out; its answer still waits.

        Raises:
            TimeoutError: The service does not come to an end.
        """
        self._decisions.put("serve")
        if not self._served.wait(timeout_seconds):
            raise TimeoutError(f"{self.method} {self.path} is not served")

    def answer(self) -> None:
        """Let the request through, or only its answer where it is served."""
        self._decisions.put("serve")
        self._decisions.put("answer")

    def drop(self) -> None:
        """End the connection, without serving the request unless that has happened."""
        self._decisions.put("drop")

    def await_service(self) -> bool:
        """Wait until it may be served; False where its connection is to end."""
        return self._decisions.get() != "drop"

    def await_answer(self) -> bool:
        """Wait, once it is served, until it may be answered; False as above."""
        self._served.set()
        return self._decisions.get() != "drop"


class Gate:
    """Where requests wait while the gate is shut; open, it lets each one pass."""

    def __init__(self) -> None:
        self._shut = threading.Event()
        self._arrivals: queue.SimpleQueue[HeldRequest] = queue.SimpleQueue()

    @property
    def is_shut(self) -> bool:
        """Tell whether requests wait."""
        return self._shut.is_set()

    def shut(self) -> None:
        """Let requests wait from now on."""
        self._shut.set()

    def open(self) -> None:
        """Let requests pass from now on, and those that wait without having been taken."""
        self._shut.clear()
        while not self._arrivals.empty():
            self._arrivals.get().answer()

    def take(self, timeout_seconds: float) -> HeldRequest | None:
        """Take the request that came first; None where none comes in time."""
        try:
            return self._arrivals.get(timeout=timeout_seconds)
        except queue.Empty:
            return None

    def hold(self, method: str, path: str, client_port: int) -> HeldRequest:
        """Hold a request that has just arrived."""
        held = HeldRequest(method, path, client_port)
        self._arrivals.put(held)
        return held
