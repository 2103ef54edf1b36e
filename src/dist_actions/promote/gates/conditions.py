"""What must hold before a version is promoted, and what was found there; pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Literal

from dist_actions.distributions.manifest import Manifest
from dist_actions.promote.gates.freezes import Freeze

Gate = Literal["release", "published", "checks"]
GATES: tuple[Gate, ...] = ("release", "published", "checks")


@dataclass(frozen=True)
class Conditions:
    """What is asked for; a reason overrides all freezes."""

    gates: tuple[Gate, ...] = GATES
    min_age: timedelta = timedelta(0)
    freezes: tuple[Freeze, ...] = ()
    override_reason: str = ""


@dataclass(frozen=True)
class PassedGate:
    """A gate that is open, and what was seen there: text from anywhere, not Markdown."""

    gate: str
    finding: str


@dataclass(frozen=True)
class GateReport:
    """What came of all gates.

    Attributes:
        passed_gates: Those that are open.
        manifests: Of the releases in the source; none where they were not asked for.
        closed: Why promotion waits; empty where every gate is open.
    """

    passed_gates: tuple[PassedGate, ...] = ()
    manifests: tuple[Manifest, ...] = ()
    closed: str = ""


def format_time(time: datetime) -> str:
    """Write a time for people, in UTC and rounded up to the minute."""
    rounded = time.astimezone(timezone.utc) + timedelta(seconds=59)
    return f"{rounded:%Y-%m-%d %H:%M} UTC"
