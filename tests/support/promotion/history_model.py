"""What branches must hold after edits, promotions and back-merges, told without git.

A branch's state is a set of cells: the path of each file, and each place in it that can change. A
cell's version knows all versions that it came from, so that two branches can be put together by
one rule: what only one of them changed since their last common version, counts; what both changed
differently, is a conflict that nobody but a person can solve.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

#: A file's number and what of it: its path, a place in its text, or all bytes of a binary one.
Cell = tuple[int, str]

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Version:
    """One value that a cell had; `ancestors` are the numbers of this one and all before it."""

    value: str | None = None
    number: int = 0
    ancestors: frozenset[int] = frozenset({0})

    def then(self, value: str | None, *parents: "Version") -> "Version":
        """Make the next version, which may come from others too."""
        number = next(_numbers)
        ancestors = self.ancestors.union({number}, *(parent.ancestors for parent in parents))
        return VERSIONS.setdefault(number, Version(value, number, ancestors))


NONE = Version()
#: By number.
VERSIONS: dict[int, Version] = {0: NONE}

State = Mapping[Cell, Version]


class ConflictError(Exception):
    """Both sides changed the same."""


@dataclass
class Merging:
    """Puts two states together.

    Attributes:
        solve: Whether conflicts are solved, as a person would, by writing something new.
        picks: Whether who made the other side's change too, and went on from there, is right.
    """

    ours: State
    theirs: State
    solve: bool = False
    picks: bool = False
    merged_cells: dict[Cell, Version] = field(default_factory=dict)

    def state(self) -> dict[Cell, Version]:
        """Merge both states.

        Raises:
            ConflictError: They contradict each other.
        """
        for file in dict.fromkeys(number for number, _ in [*self.ours, *self.theirs]):
            self._merge_file(file)
        return self.merged_cells

    def _merge_file(self, file: int) -> None:
        path = (file, "path")
        ours, theirs, base = self._sides(path)
        cells = [cell for cell in dict.fromkeys([*self.ours, *self.theirs]) if cell[0] == file]
        if bool(ours.value) != bool(theirs.value):
            self._take_one(self.ours if ours.value else self.theirs, cells, bool(base.value))
        else:
            self.merged_cells |= {cell: self._merge(cell) for cell in cells}

    def _take_one(self, side: State, cells: Sequence[Cell], was_there: bool) -> None:
        """Merge a file that only one side has: it was added there, or removed by the other."""
        path = next(cell for cell in cells if cell[1] == "path")
        changed = any(self._stands_alone(side, cell) for cell in cells)
        if was_there and changed and not self.solve:
            raise ConflictError
        self.merged_cells[path] = self._merge(path)
        for cell in cells:
            ours, theirs, _ = self._sides(cell)
            if cell != path:
                version, counterpart = (ours, theirs) if side is self.ours else (theirs, ours)
                self.merged_cells[cell] = version.then(version.value, counterpart)

    def _stands_alone(self, side: State, cell: Cell) -> bool:
        """Tell whether one side's change of a cell is one that the other side never made."""
        ours, theirs, base = self._sides(cell)
        version, counterpart = (ours, theirs) if side is self.ours else (theirs, ours)
        return version.value != base.value and not self._picked(version, counterpart)

    def _picked(self, version: Version, counterpart: Version) -> bool:
        """Tell whether the other side made one's change too, and went on from there."""
        later = counterpart.ancestors - version.ancestors if self.picks else ()
        return any(VERSIONS[number].value == version.value for number in later)

    def _sides(self, cell: Cell) -> tuple[Version, Version, Version]:
        ours, theirs = self.ours.get(cell, NONE), self.theirs.get(cell, NONE)
        return ours, theirs, VERSIONS[max(ours.ancestors & theirs.ancestors)]

    def _merge(self, cell: Cell) -> Version:
        ours, theirs, base = self._sides(cell)
        if theirs.number in ours.ancestors:
            return ours
        if ours.number in theirs.ancestors:
            return theirs
        if theirs.value in {base.value, ours.value}:
            return ours.then(ours.value, theirs)
        if ours.value == base.value:
            return ours.then(theirs.value, theirs)
        return self._contradiction(cell, ours, theirs)

    def _contradiction(self, cell: Cell, ours: Version, theirs: Version) -> Version:
        for version, counterpart in ((ours, theirs), (theirs, ours)):
            if self._picked(version, counterpart):
                return counterpart.then(counterpart.value, version)
        if not self.solve:
            raise ConflictError
        if cell[1] == "path":
            return ours.then(ours.value or theirs.value, theirs)
        return ours.then(f"solved {next(_numbers)}", theirs)


def values(state: State) -> dict[Cell, str | None]:
    """Return what the cells hold."""
    return {cell: version.value for cell, version in state.items() if version.value is not None}


def texts(state: State, places: Mapping[int, int]) -> dict[str, bytes]:
    """Write the files of a state, by path.

    Args:
        state: Of a branch.
        places: By file, how many places its text has; none for a binary one.
    """
    return {
        path: _text(state, file, places[file])
        for (file, part), version in state.items()
        if part == "path" and (path := version.value)
    }


def _text(state: State, file: int, places: int) -> bytes:
    if not places:
        seed = state[file, "bytes"].value or ""
        return bytes(range(256)) + seed.encode() * 40 + b"\0\xff"
    lines = itertools.chain.from_iterable(_place(state, file, place) for place in range(places))
    return "".join(f"{line}\n" for line in lines).encode()


def _place(state: State, file: int, place: int) -> Iterator[str]:
    """Write a place between fixed lines, which keep changes of two places apart."""
    yield from (f"file {file}, above place {place}, line {line}" for line in range(4))
    value = state.get((file, str(place)), NONE).value
    if value is not None:
        yield from value.split("|")
