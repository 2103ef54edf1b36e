"""What passed through the gateway: one row for each exchange, without headers and bodies."""

import threading
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

#: Who answered: the sandbox; a real service whose answer was passed on; nobody, because the host is
#: not let through; or nobody, because the sandbox does not simulate this.
Outcome = Literal["sandbox", "relayed", "refused", "not simulated"]


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """One request and its answer.

    Attributes:
        began_at: When the request arrived, by this machine's clock.
        seconds: How long the answer took.
        job: Name of the job that asked; empty where it is not known.
        method: HTTP method, or `TLS` where it did not come to a request.
        url: The real address, without credentials.
        status: HTTP status of the answer, 0 where there was none.
        outcome: Who answered.
        reason: Why nobody did; empty otherwise.
    """

    began_at: datetime
    seconds: float
    job: str
    method: str
    url: str
    status: int
    outcome: Outcome
    reason: str = ""


class GatewayLog:
    """Every exchange, in order of its end."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._exchanges: list[Exchange] = []

    def add(self, exchange: Exchange) -> None:
        """Add an exchange that has ended."""
        with self._lock:
            self._exchanges.append(exchange)

    def list(self) -> tuple[Exchange, ...]:
        """List the exchanges so far."""
        with self._lock:
            return tuple(self._exchanges)
