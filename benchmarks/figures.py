"""A measured figure: its samples, what they come to, and the aim that it is held against."""

import statistics
from dataclasses import dataclass
from typing import Literal

Unit = Literal["s", "calls", "bytes", "MiB", "ratio"]


@dataclass(frozen=True)
class Figure:
    """One row of the report.

    Attributes:
        part: The part of the benchmark that measured it.
        name: What was measured, for people.
        samples: One value for each run, in the order of the runs.
        aim: The median should be at most this; None where there is no aim.
        note: How it was measured, where the name does not say it.
    """

    part: str
    name: str
    unit: Unit
    samples: tuple[float, ...]
    aim: float | None = None
    note: str = ""

    @property
    def median(self) -> float:
        """Return the middle of the samples."""
        return statistics.median(self.samples)

    @property
    def met(self) -> bool | None:
        """Tell whether the aim is met; None where there is no aim."""
        return None if self.aim is None else self.median <= self.aim

    def show(self, value: float) -> str:
        """Write a value in this figure's unit, for people."""
        if self.unit == "s":
            return f"{value:.2f} s"
        if self.unit == "ratio":
            return f"{value:.2f}"
        return f"{value:,.0f} {self.unit}"


class Samples:
    """Collects values by name while parts run, and makes figures of them."""

    def __init__(self, part: str) -> None:
        self._part = part
        self._values: dict[str, list[float]] = {}

    def add(self, name: str, value: float) -> None:
        """Add the value of one run."""
        self._values.setdefault(name, []).append(value)

    def values(self, name: str) -> tuple[float, ...]:
        """Return all values of that name so far."""
        return tuple(self._values[name])

    def names(self) -> list[str]:
        """List all names, in the order of their first values."""
        return list(self._values)

    def figure(self, name: str, unit: Unit, *, aim: float | None = None, note: str = "") -> Figure:
        """Make the figure of one name."""
        return Figure(self._part, name, unit, self.values(name), aim, note)
