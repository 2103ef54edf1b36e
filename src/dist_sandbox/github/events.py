"""The stream of GitHub's webhook events, for whoever starts workflows on them."""

import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class WebhookEvent:
    """Something that happened in GitHub.

    Attributes:
        number: Position in the stream, from 1.
        name: The webhook's name: `push`, `create`, `delete`, `pull_request`, `release`.
        github_repository: Where it happened, `owner/name`.
        ref: Full ref that a workflow run for it has.
        sha: Commit that a workflow run for it has.
        before: Commit that the ref held earlier; zeros where there was none.
        actor: Login of whoever caused it.
        starts_workflows: False for what a job token caused.
        payload: The webhook's payload, the part that workflows use.
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
