"""The stream of things that happened in GitHub, for whoever starts workflows on them."""

import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Event:
    """Something that GitHub tells the world.

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
        """The event as the control interface answers it."""
        return asdict(self)


class EventStream:
    """Every event since the start, in order."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._events: list[Event] = []

    def add(
        self,
        name: str,
        *,
        github_repository: str,
        ref: str,
        sha: str,
        before: str,
        actor: str,
        starts_workflows: bool,
        payload: Mapping[str, Any],
    ) -> Event:
        """Append an event."""
        with self._lock:
            event = Event(
                number=len(self._events) + 1,
                name=name,
                github_repository=github_repository,
                ref=ref,
                sha=sha,
                before=before,
                actor=actor,
                starts_workflows=starts_workflows,
                payload=payload,
            )
            self._events.append(event)
            return event

    def after(self, number: int) -> list[Event]:
        """The events numbered above `number`."""
        with self._lock:
            return self._events[max(number, 0) :]
