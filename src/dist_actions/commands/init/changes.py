"""Compare what a set-up writes with what stands there; pure.

A file that is there and differs is kept: somebody may have changed it. What would be written is
shown as a diff instead.
"""

import difflib
from dataclasses import dataclass
from typing import Literal

#: Colours of lines by how these begin, as `git diff` has them: select graphic rendition.
_COLOURS = {"--- ": "1", "+++ ": "1", "@@ ": "36", "+": "32", "-": "31"}
#: What becomes of a file.
State = Literal["new", "same", "differs"]


@dataclass(frozen=True)
class Change:
    """A file of the set-up beside what stands there.

    Attributes:
        path: Below the repository's root.
        text: What the set-up holds.
        existing: What stands there; None where there is no such file.
        adds: Whether only something is added to the file, so that nothing of it is lost.
    """

    path: str
    text: str
    existing: str | None
    adds: bool = False

    @property
    def state(self) -> State:
        """Tell whether the file is new, the same, or another one."""
        if self.existing is None:
            return "new"
        return "same" if self.existing == self.text else "differs"

    @property
    def diff(self) -> str:
        """Return what would change, as `git diff` shows it; empty where nothing would."""
        before, after = f"a/{self.path}", f"b/{self.path}"
        lines = difflib.unified_diff(
            (self.existing or "").splitlines(keepends=True),
            self.text.splitlines(keepends=True),
            "/dev/null" if self.existing is None else before,
            after,
        )
        return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)


def paint_diff(diff: str) -> str:
    """Colour the lines of a diff for a terminal."""
    return "".join(map(_paint_line, diff.splitlines(keepends=True)))


def _paint_line(line: str) -> str:
    text = line.rstrip("\r\n")
    colour = next((code for start, code in _COLOURS.items() if text.startswith(start)), "")
    return f"\x1b[{colour}m{text}\x1b[0m{line[len(text) :]}" if colour else line
