"""The stream of GitHub's webhook events, for whoever starts workflows on them."""

import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class WebhookEvent:
    """Something that happened in GitHub, with the part of its payload that workflows use.

    `number` is its position in the stream, from 1, and `name` the webhook's. A workflow run for it
    has its full `ref` and `sha`; `before` is the commit that the ref held earlier, zeros where
    there was none. What a job token caused does not start workflows.
    """

    number: int
    name: str
    github_repository: str
    ref: str
    sha: str
    before: str
    actor: str
    starts_workflows: bool
    payload: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        """Return the event as the control interface answers it."""
        return asdict(self)


class WebhookEvents:
    """Every event since the start, in order."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._events: list[WebhookEvent] = []

    def add(self, **fields: Any) -> None:
        """Append an event, whose fields are given but for its number."""
        with self._lock:
            self._events.append(WebhookEvent(number=len(self._events) + 1, **fields))

    def after(self, number: int) -> list[WebhookEvent]:
        """List the events numbered above `number`."""
        with self._lock:
            return self._events[max(number, 0) :]
