"""Faults that somebody asks for: what replaces or alters a service's answer to a request.

Every service can fail in these ways. What a service refuses by its own rules is no fault, and is
requested from that service instead.
"""

import random
import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal, get_args

#: `reset` drops the connection without an answer, `cut` in the middle of the service's answer.
#: `half` gives the first half of its body as if it were all. The others hold the connection until
#: the client gives up: `silent` sends nothing, `drip` headers byte by byte, `endless` a body that
#: goes on, `claim` says how long its body is and sends none.
Connection = Literal["", "reset", "cut", "half", "silent", "drip", "endless", "claim"]
#: Those that hold the connection.
HELD: tuple[Connection, ...] = ("silent", "drip", "endless", "claim")


@dataclass(frozen=True)
class Fault:
    """What happens to some requests.

    Attributes:
        method: HTTP method; empty for every one.
        path: Regular expression that is searched in the path; empty for every one.
        skip: How many matching requests pass before the first that is hit.
        times: How many are hit then.
        delay_seconds: What a hit request waits at first.
        applied: Whether the service still serves a request whose answer is replaced or dropped.
        status: Of the answer in place of the service's; 0 for none.
        headers: Of that answer; a `Content-Length` may be wrong on purpose.
        body: Of that answer.
        connection: What happens to the connection.
    """

    method: str = ""
    path: str = ""
    skip: int = 0
    times: int = 1
    delay_seconds: float = 0.0
    applied: bool = False
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    connection: Connection = ""

    @classmethod
    def from_json(cls, body: Any) -> "Fault":
        """Read a fault from a request of the control interface; what is left out has its default.

        Raises:
            ValueError: A name, type or value is unusable.
        """
        if not isinstance(body, dict):
            raise ValueError("the body is a JSON object")
        default = asdict(cls())
        for name, value in body.items():
            if name not in default:
                raise ValueError(f"{name} is none of {', '.join(default)}")
            expected = (int, float) if name == "delay_seconds" else type(default[name])
            if not isinstance(value, expected):
                raise ValueError(f"{name} is of another type than {default[name]!r}")
        if body.get("connection", "") not in get_args(Connection):
            raise ValueError(f"connection is one of {', '.join(get_args(Connection)[1:])}")
        try:
            re.compile(body.get("path", ""))
        except re.error as error:
            raise ValueError(f"path is no regular expression: {error}") from error
        return cls(**body)

    def matches(self, method: str, path: str) -> bool:
        """Tell whether the fault is meant for this request."""
        return self.method in ("", method) and re.search(self.path, path) is not None


class Faults:
    """The faults that are still to happen; of several that match, the one asked for first does."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []
        self._scattered: tuple[Fault, ...] = ()
        self._rate = 0.0
        self._random = random.Random()  # noqa: S311 - it chooses faults

    def add(self, fault: Fault) -> None:
        """Add a fault."""
        with self._lock:
            self._waiting.append(fault)

    def scatter(self, faults: Sequence[Fault], rate: float, seed: int) -> None:
        """Let each request that matches one of these faults meet one of them by chance.

        Args:
            faults: One of those that match happens; how often, and after how many, does not count.
            rate: From 0 to 1.
            seed: Of the chances.
        """
        with self._lock:
            self._scattered, self._rate = tuple(faults), rate
            self._random.seed(seed)

    def clear(self) -> None:
        """Remove all faults."""
        with self._lock:
            self._waiting.clear()
            self._scattered = ()

    def waiting(self) -> list[Fault]:
        """List the faults that are still to happen."""
        with self._lock:
            return list(self._waiting)

    def take(self, method: str, path: str) -> Fault | None:
        """Take the fault that hits this request, counted down; None where none does."""
        with self._lock:
            for index, fault in enumerate(self._waiting):
                if not fault.matches(method, path):
                    continue
                if fault.skip:
                    self._waiting[index] = replace(fault, skip=fault.skip - 1)
                    continue
                if fault.times > 1:
                    self._waiting[index] = replace(fault, times=fault.times - 1)
                else:
                    del self._waiting[index]
                return fault
            matching = [fault for fault in self._scattered if fault.matches(method, path)]
            if matching and self._random.random() < self._rate:
                return self._random.choice(matching)
        return None
