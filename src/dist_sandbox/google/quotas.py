"""How many requests a minute a service of the simulated Google Cloud takes.

Spec: https://cloud.google.com/docs/quotas/overview
"""

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

#: The services that can have one.
SERVICES = ("artifact-registry", "artifact-registry-api", "iam-credentials", "sts")

_PERIOD = timedelta(minutes=1)


@dataclass(frozen=True)
class Quota:
    """A limit of one service.

    Attributes:
        requests_per_minute: How many are served in a minute of the sandbox's clock, which begins
            with the first of them.
        retry_after_seconds: What `Retry-After` tells whoever is refused; `None` for no header.
    """

    requests_per_minute: int
    retry_after_seconds: int | None = None


class Quotas:
    """The quotas of all services, and how much of them is used."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._quotas: dict[str, Quota] = {}
        self._used: dict[str, tuple[datetime, int]] = {}

    def set(self, service: str, quota: Quota | None) -> None:
        """Limit a service anew; `None` lifts its limit."""
        with self._lock:
            self._quotas.pop(service, None)
            self._used.pop(service, None)
            if quota is not None:
                self._quotas[service] = quota

    def clear(self) -> None:
        """Lift every limit."""
        with self._lock:
            self._quotas.clear()
            self._used.clear()

    def take(self, service: str, *, now: datetime) -> Quota | None:
        """Count a request, and return the quota that it exceeds; `None` where it may be served."""
        with self._lock:
            quota = self._quotas.get(service)
            if quota is None:
                return None
            start, count = self._used.get(service, (now, 0))
            if not start <= now < start + _PERIOD:
                start, count = now, 0
            if count >= quota.requests_per_minute:
                return quota
            self._used[service] = (start, count + 1)
        return None
