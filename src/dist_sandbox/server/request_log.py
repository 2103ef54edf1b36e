"""The numbered log of every request that reached the sandbox; it holds no header and no body."""

import threading
from dataclasses import dataclass

#: Methods that ask a service to change something.
WRITING_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True)
class LoggedRequest:
    """One request and its answer.

    Attributes:
        number: Position in the log, from 1.
        service: First part of the path: `github`, `git`, `oidc`, `sts`, `oauth2`,
            `iam-credentials`, `artifact-registry`, `pypi`, `testpypi`.
        method: HTTP method.
        path: Path of the address.
        query: Query of the address, without credentials.
        principal: Who asked, as the service recognised it (`app:automation-bot`,
            `job:release/build`, `user:developer`); empty where it recognised nobody.
        status: HTTP status of the answer.
        changed: Whether what the service holds is different since this request; a short-lived
            token that was minted or revoked is no change.
        seconds: How long the answer took.
        began: When it arrived, in seconds since the epoch by the machine's clock.
        files: Name and sha256 of each file that the service keeps of it.
    """

    number: int
    service: str
    method: str
    path: str
    query: str
    principal: str
    status: int
    changed: bool
    seconds: float
    began: float = 0.0
    files: tuple[tuple[str, str], ...] = ()


class RequestLog:
    """Every request since the start or the last `clear`, in order of arrival."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: list[LoggedRequest] = []
        self._next = 1

    def begin(self) -> int:
        """Take the number of a request that has just arrived."""
        with self._lock:
            number = self._next
            self._next += 1
            return number

    def record(self, request: LoggedRequest) -> None:
        """Add a request whose answer is known."""
        with self._lock:
            self._requests.append(request)

    def since(self, number: int = 0) -> list[LoggedRequest]:
        """List the answered requests numbered above `number`, in order of arrival."""
        with self._lock:
            requests = [request for request in self._requests if request.number > number]
        return sorted(requests, key=lambda request: request.number)

    def last_number(self) -> int:
        """Return the number of the newest request, 0 where there was none."""
        with self._lock:
            return self._next - 1

    def clear(self) -> None:
        """Clear the log; numbering starts at 1 again."""
        with self._lock:
            self._requests.clear()
            self._next = 1
