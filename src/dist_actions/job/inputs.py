"""Turn an action's inputs, which are text in environment variables, into typed values, once.

It knows how values are written, not what they mean for a stage. All bad inputs of a run are
reported together.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from dist_actions.abbreviation import shorten
from dist_actions.errors import InputError
from dist_actions.identity.secret import Secret

_Option = TypeVar("_Option", bound=str)

_DURATION = re.compile(r"(?P<number>\d{1,6})(?P<unit>[smhd]?)", re.ASCII)
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
#: Of one part of a path, on the file systems of GitHub's runners.
_LONGEST_NAME_BYTES = 255
_UNSAFE_PATH = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True)
class BadInput:
    """One unusable input: its name as in `action.yml`, what is wrong, and how to mend it."""

    name: str
    problem: str
    fix: str


class InputReader:
    """Reads inputs by their names in `action.yml` and remembers every one that is unusable.

    A composite action maps `client-id` to `INPUT_CLIENT_ID`; for a Docker action the runner
    itself sets `INPUT_CLIENT-ID`. Both are read. GitHub does not enforce `required: true`.
    Spec: https://docs.github.com/en/actions/reference/workflows-and-actions/metadata-syntax#inputs
    """

    def __init__(
        self, environ: Mapping[str, str], variables: Mapping[str, str] | None = None
    ) -> None:
        """Read from `environ`; a command names the variable of each input that people set."""
        self._environ = environ
        self._variables = variables or {}
        self._bad: list[BadInput] = []

    def text(self, name: str, default: str = "") -> str:
        """Read one line of text, stripped; `default` where it is empty."""
        value = self._raw(name).strip()
        if any(character in value for character in "\r\n\0"):
            self.refuse(name, "holds more than one line", "give one line")
            return default
        return value or default

    def lines(self, name: str) -> tuple[str, ...]:
        """Read the lines that are not empty, each stripped."""
        stripped = (line.strip() for line in self._raw(name).splitlines())
        return tuple(line for line in stripped if line)

    def items(self, name: str) -> tuple[str, ...]:
        """Read the entries between commas or line ends, each stripped, none empty."""
        stripped = (entry.strip() for entry in re.split(r"[,\n]", self._raw(name)))
        return tuple(entry for entry in stripped if entry)

    def block(self, name: str) -> str:
        """Read a text of several lines, as written."""
        return self._raw(name)

    def secret(self, name: str) -> Secret:
        """Read a credential as written; empty where it is not given."""
        return Secret(self._raw(name).strip())

    def token(self, name: str) -> Secret:
        """Read a credential for a header: visible ASCII characters; empty if not given."""
        value = self._raw(name).strip()
        if not re.fullmatch(r"[\x21-\x7e]*", value):
            self.refuse(name, "holds characters that no token has", "store the token alone")
            return Secret("")
        return Secret(value)

    def boolean(self, name: str, *, default: bool) -> bool:
        """Read exactly `true` or `false`."""
        value = self._raw(name).strip()
        if value in {"true", "false"}:
            return value == "true"
        if value:
            self.refuse(name, f"is {value!r}", "write true or false")
        return default

    def choice(self, name: str, options: Sequence[_Option]) -> _Option:
        """Read one of `options`; the first where the input is empty."""
        value = self._raw(name).strip()
        if value and value not in options:
            self.refuse(name, f"is {value!r}", f"write one of {', '.join(options)}")
        return next((option for option in options if option == value), options[0])

    def integer(self, name: str) -> int | None:
        """Read a whole number that is not negative; None where it is empty."""
        value = self._raw(name).strip()
        if value and not re.fullmatch(r"[0-9]{1,18}", value):
            self.refuse(name, f"is {value!r}", "write a whole number")
            return None
        return int(value) if value else None

    def duration(self, name: str, default: timedelta) -> timedelta:
        """Read a number with a unit: `90s`, `5m`, `2h`, `1d`; without a unit, seconds."""
        value = self._raw(name).strip()
        match = _DURATION.fullmatch(value)
        if match:
            return timedelta(seconds=int(match["number"]) * _SECONDS[match["unit"]])
        if value:
            self.refuse(name, f"is {value!r}", "write a number with s, m, h or d, such as 5m")
        return default

    def commit_sha(self, name: str) -> str:
        """Read a full commit SHA, 40 hex digits; empty where it is not given."""
        value = self.text(name).lower()
        if value and not re.fullmatch(r"[0-9a-f]{40}", value):
            self.refuse(name, f"is {value!r}", "give all 40 hex digits of the commit")
            return ""
        return value

    def relative_path(self, name: str, default: str) -> str:
        """Read a path below the workspace, with `/` between its parts and no `..`."""
        value = self.text(name, default)
        parts = value.split("/")
        if value.startswith(("/", "~")) or ".." in parts or "\\" in value:
            self.refuse(name, f"is {value!r}, outside the repository", "give a path below its root")
            return default
        if any(len(part.encode(errors="replace")) > _LONGEST_NAME_BYTES for part in parts):
            self.refuse(name, "is too long for a path", "give a plain path")
            return default
        if _UNSAFE_PATH.search(value):
            self.refuse(name, "holds a control character", "give a plain path")
            return default
        return value

    def refuse(self, name: str, problem: str, fix: str) -> None:
        """Remember that an input is unusable."""
        self._bad.append(BadInput(name, shorten(problem), fix))

    def finish(self) -> None:
        """Report what was refused.

        Raises:
            InputError: One or more inputs were refused; the message lists all of them.
        """
        if not self._bad:
            return
        kind = "variable" if self._variables else "input"
        names = {bad.name: self._variables.get(bad.name, bad.name) for bad in self._bad}
        problems = "; ".join(
            dict.fromkeys(f"{kind} {names[bad.name]} {bad.problem}" for bad in self._bad)
        )
        fix = "; ".join(dict.fromkeys(f"{names[bad.name]}: {bad.fix}" for bad in self._bad))
        raise InputError(
            f"{problems[0].upper()}{problems[1:]}.",
            why="the environment of this command holds a value that it cannot use."
            if self._variables
            else "the step's `with:` block gives a value that this action cannot use.",
            fix=f"{fix}.",
            anchor="inputs",
        )

    def _raw(self, name: str) -> str:
        exact = f"INPUT_{name.upper()}"
        return self._environ.get(exact) or self._environ.get(exact.replace("-", "_")) or ""
