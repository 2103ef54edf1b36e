"""Decide exactly whether tags of two shapes, a version between two texts, can clash.

The versions that a tag can hold, PEP 440's public normal forms, are a regular language. So the tags
of one shape are one too, and two shapes are compared by walking both automata side by side.
"""

from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from packaging.version import Version

from dist_actions.versions.parsing import parse_version

#: How the numbers of a version follow each other: before which stands what, and of which kind.
#: Spec: https://packaging.python.org/en/latest/specifications/version-specifiers/
_NUMBERS = (
    ("", "", "epoch"),
    ("", "", "release"),
    ("epoch", "!", "release"),
    ("release", ".", "release"),
    ("release", "a", "pre"),
    ("release", "b", "pre"),
    ("release", "rc", "pre"),
    ("release", ".post", "post"),
    ("pre", ".post", "post"),
    ("release", ".dev", "dev"),
    ("pre", ".dev", "dev"),
    ("post", ".dev", "dev"),
)
_DIGITS = "0123456789"
#: States in which a version is complete: after zero, or within another number, of any kind but one.
_ENDS = frozenset(f"{kind}{zero}" for _, _, kind in _NUMBERS if kind != "epoch" for zero in "01")


def _version_moves() -> Mapping[str, tuple[tuple[str, str], ...]]:
    """Build the automaton of versions: from each state what can follow, and the state then.

    The state `KIND0` follows the number zero, after which no digit comes; `KIND1` any other number.
    """
    moves: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for before, introducer, kind in _NUMBERS:
        starts = [f"{before}0", f"{before}1"] if before else [""]
        for index, character in enumerate(introducer, start=1):
            following = f"{before} {introducer[:index]}"
            for start in starts:
                moves[start].add((character, following))
            starts = [following]
        for start in starts:
            moves[start] |= {(digit, f"{kind}{min(int(digit), 1)}") for digit in _DIGITS}
        moves[f"{kind}1"] |= {(digit, f"{kind}1") for digit in _DIGITS}
    del moves["epoch0"]  # the epoch 0 is not written
    return {state: tuple(sorted(following)) for state, following in moves.items()}


_VERSION_MOVES = _version_moves()


@dataclass(frozen=True)
class TagShape:
    """The tags of one suffix: a version between two texts.

    Attributes:
        prefix: What stands before the version.
        separator: What is written for each dot of the version: `.`, `_` or `-`.
        postfix: What stands after the version.
    """

    prefix: str
    separator: str
    postfix: str

    def write(self, version: Version) -> str:
        """Write the tag of a public version."""
        return f"{self.prefix}{str(version).replace('.', self.separator)}{self.postfix}"

    def read(self, tag: str) -> Version | None:
        """Read the version that this very tag is written for; None where there is none."""
        end = len(tag) - len(self.postfix)
        text = tag[len(self.prefix) : end]
        version = parse_version(text.replace(self.separator, "."))
        is_written_so = version and not version.local and self.write(version) == tag
        return version if is_written_so else None


def common_start(texts: Sequence[str]) -> str:
    """Find the longest text that all of these, at least one, start with."""
    first, last = min(texts), max(texts)
    ends = (index for index, character in enumerate(first) if character != last[index])
    return first[: next(ends, len(first))]


def find_clash(first: TagShape, second: TagShape) -> tuple[str, str] | None:
    """Find a tag of one shape that cannot exist beside a tag of the other.

    They are the same name, or one is a folder of the other (`v1.0` and `v1.0/dev`), which git
    refuses.

    Returns:
        The shortest such pair, in the order of the shapes; None where all tags get along.
    """
    shared = common_start((first.prefix, second.prefix))
    clash = _search(_without(shared, first), _without(shared, second))
    return clash and (shared + clash[0], shared + clash[1])


def _without(text: str, shape: TagShape) -> TagShape:
    return TagShape(shape.prefix[len(text) :], shape.separator, shape.postfix)


@cache
def _search(first: TagShape, second: TagShape) -> tuple[str, str] | None:
    start = _Place(first, ""), _Place(second, "")
    waiting = deque([(start, "")])
    visited = {start}
    while waiting:
        (place, place_of_second), text = waiting.popleft()
        if place.complete and place_of_second.complete:
            return text, text
        if place.complete and (below := place_of_second.after("/")):
            return text, f"{text}/{below[0].shortest_end()}"
        if place_of_second.complete and (below := place.after("/")):
            return f"{text}/{below[0].shortest_end()}", text
        for character, following in place.moves():
            for pair in ((following, beside) for beside in place_of_second.after(character)):
                if pair not in visited:
                    visited.add(pair)
                    waiting.append((pair, text + character))
    return None


@dataclass(frozen=True)
class _Place:
    """How far the reading of a tag has come.

    Attributes:
        shape: The shape of the tag.
        state: State of the version's automaton; empty before the version.
        prefix_read: How many characters of the prefix are read.
        postfix_read: How many characters of the postfix are read.
    """

    shape: TagShape
    state: str
    prefix_read: int = 0
    postfix_read: int = 0

    @property
    def complete(self) -> bool:
        """Tell whether a tag can end here."""
        return self.state in _ENDS and self.postfix_read == len(self.shape.postfix)

    def moves(self) -> Iterator[tuple[str, "_Place"]]:
        """List the characters that can follow, and the place then; always in the same order."""
        shape, before, after = self.shape, self.prefix_read, self.postfix_read
        if before < len(shape.prefix):
            yield shape.prefix[before], _Place(shape, "", before + 1)
            return
        if not after:
            for character, state in _VERSION_MOVES.get(self.state, ()):
                in_tag = shape.separator if character == "." else character
                yield in_tag, _Place(shape, state, before)
        if self.state in _ENDS and after < len(shape.postfix):
            yield shape.postfix[after], _Place(shape, self.state, before, after + 1)

    def after(self, character: str) -> list["_Place"]:
        """List the places after this character; none where it cannot follow."""
        return [place for move, place in self.moves() if move == character]

    def shortest_end(self) -> str:
        """Find the shortest text that completes a tag from here."""
        waiting, visited = deque([(self, "")]), {self}
        while True:
            place, text = waiting.popleft()
            if place.complete:
                return text
            for character, following in place.moves():
                if following not in visited:
                    visited.add(following)
                    waiting.append((following, text + character))
