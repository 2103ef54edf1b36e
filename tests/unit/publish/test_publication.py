"""How many uploads run side by side follows from how the index takes the first ones."""

import threading
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
import requests
from packaging.utils import canonicalize_name
from packaging.version import Version

from dist_actions.distributions.files import Distribution
from dist_actions.publish.publication import Publication
from dist_actions.services.retries import Retries

NAMES = [f"demo-1.0-{number}-py3-none-any.whl" for number in range(20)]
WHEELS = tuple(
    Distribution(name, "wheel", canonicalize_name("demo"), Version("1.0"), 3, "a" * 64)
    for name in NAMES
)
#: How long an upload waits for others to be under way beside it; who comes later does not wait.
_PATIENCE_SECONDS = 2


class NoWaiting:
    """A clock that stands still."""

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=timezone.utc)

    def sleep(self, seconds: float) -> None:
        del seconds


@dataclass
class FakeIndex:
    """Has an older version of the project, and remembers how many uploads were under way at once.

    Attributes:
        busy: How many uploads are answered with 429 first.
        together: How many of the last uploads wait for each other; 0 for none.
        most: The highest number of uploads under way at the same time.
    """

    busy: int = 0
    together: int = 0
    label: str = "the index"
    most: int = 0
    held: dict[str, str] = field(default_factory=dict)
    _now: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._barrier = threading.Barrier(self.together) if self.together else None

    def digests(self, distributions: Any) -> dict[str, str]:
        del distributions
        return dict(self.held)

    def uploads(self) -> "FakeIndex":
        return self

    def __enter__(self) -> "FakeIndex":
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is held open."""

    def send(self, path: Path, sha256: str, attestation: str = "") -> requests.Response:
        del attestation
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
            refuses, self.busy = self.busy > 0, self.busy - 1
        if self._barrier and path.name in NAMES[4:]:
            with suppress(threading.BrokenBarrierError):
                self._barrier.wait(_PATIENCE_SECONDS)
        with self._lock:
            self._now -= 1
            if not refuses:
                self.held[path.name] = sha256
        response = requests.Response()
        response.status_code, response._content = (429 if refuses else 200), b""
        return response


def publish(index: FakeIndex) -> None:
    retries = Retries(NoWaiting(), lambda _: None)
    publication = Publication(index, Path(), WHEELS, retries)  # type: ignore[arg-type]
    # The project is there with an older version, so that no file has to go alone.
    publication.carry_out(publication.plan())
    assert set(index.held) == set(NAMES)


def test_eight_go_side_by_side_once_four_were_taken() -> None:
    index = FakeIndex(together=8)
    publish(index)
    assert index.most == 8


@pytest.mark.parametrize("busy", [1, 4])
def test_four_stay_four_where_the_index_limits_them(busy: int) -> None:
    index = FakeIndex(busy=busy, together=5)
    publish(index)
    assert 1 <= index.most <= 4
