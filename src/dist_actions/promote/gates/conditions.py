"""What must hold before a version is promoted, and what was found there; pure."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Literal

from packaging.utils import NormalizedName

from dist_actions.dependencies.catalogue import IndexedVersion
from dist_actions.dependencies.verdict import Dependent
from dist_actions.distributions.manifest import Manifest
from dist_actions.promote.gates.freezes import Freeze

Gate = Literal["release", "published", "checks", "dependencies", "dependents"]
GATES: tuple[Gate, ...] = ("release", "published", "checks", "dependencies", "dependents")
#: What is required where nothing is said.
DEFAULT_GATES: tuple[Gate, ...] = ("release", "published", "checks", "dependencies")


@dataclass(frozen=True)
class Conditions:
    """What is asked for; a reason overrides all freezes."""

    gates: tuple[Gate, ...] = DEFAULT_GATES
    min_age: timedelta = timedelta(0)
    freezes: tuple[Freeze, ...] = ()
    override_reason: str = ""


@dataclass(frozen=True)
class PassedGate:
    """A gate that is open, and what was seen there: text from anywhere, not Markdown."""

    gate: str
    finding: str


@dataclass(frozen=True)
class PackageReport:
    """What the indexes of source and target say of packages that depend on each other.

    Attributes:
        finding: What was seen in the target; empty where its index was not read.
        closed: Why the promotion waits; empty where it does not.
        first: What must be promoted first, in this order.
        dependents: What in the target requires what is promoted.
        order: The promoted projects, those first that others of them require.
        unread: Why it is not known who depends on it; empty where it is.
    """

    finding: str = ""
    closed: str = ""
    first: tuple[IndexedVersion, ...] = ()
    dependents: tuple[Dependent, ...] = ()
    order: tuple[NormalizedName, ...] = ()
    unread: str = ""


@dataclass(frozen=True)
class GateReport:
    """What came of all gates.

    Attributes:
        passed_gates: Those that are open.
        manifests: Of the releases in the source; none where they were not asked for.
        closed: Why promotion waits; empty where every gate is open.
        packages: What was found out about packages that depend on each other.
    """

    passed_gates: tuple[PassedGate, ...] = ()
    manifests: tuple[Manifest, ...] = ()
    closed: str = ""
    packages: PackageReport = field(default_factory=PackageReport)


def format_time(time: datetime) -> str:
    """Write a time for people, in UTC and rounded up to the minute."""
    rounded = time.astimezone(timezone.utc) + timedelta(seconds=59)
    return f"{rounded:%Y-%m-%d %H:%M} UTC"
