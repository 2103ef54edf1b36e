"""Read tables of settings key by key; every refusal names the key and its line."""

import difflib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from dist_actions.errors import InputError, Location
from dist_actions.toml import line_of

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


@dataclass(frozen=True)
class SettingsTable:
    """One table of a TOML text, and where it stands there.

    Attributes:
        values: What the table holds.
        file: Path of the file from the repository's root, or a description of the input.
        text: The whole TOML text, to find lines in; empty where there is none.
        keys: The keys that lead to this table from the top of the text.
    """

    values: Mapping[str, Any]
    file: str
    text: str = field(default="", repr=False)
    keys: tuple[str, ...] = ()

    def location(self, key: str = "") -> Location:
        """Locate the table, or a key of it; without line where that is not certain."""
        keys = (*self.keys, key) if key else self.keys
        return Location(self.file, line_of(self.text, keys))

    def path(self, key: str = "") -> str:
        """Write the dotted name of this table or of a key of it."""
        keys = (*self.keys, key) if key else self.keys
        return ".".join(map(_printable, keys)) or "the table"

    def table(self, key: str) -> "SettingsTable":
        """Return the table below a key; empty where the key is absent.

        Raises:
            InputError: Something else stands there.
        """
        below = self.values.get(key, {})
        if not isinstance(below, dict):
            raise self.refusal(key, "is no table", 'write a table, as in `key = { a = "b" }`.')
        return SettingsTable(below, self.file, self.text, (*self.keys, key))

    def text_at(self, key: str, default: str = "") -> str:
        """Return the text of a key.

        Raises:
            InputError: It is no text, or an empty one.
        """
        value = self.values.get(key, default)
        if not isinstance(value, str):
            raise self.refusal(key, f"is {value!r}, which is no text", "write it in quotes.")
        if key in self.values and not value:
            raise self.refusal(key, "is empty", "write a value, or leave the key out.")
        return value

    def refuse_unknown(self, allowed: Collection[str]) -> None:
        """Refuse keys that are not allowed.

        Raises:
            InputError: There is one; the message guesses what was meant.
        """
        for key in self.values:
            if key in allowed:
                continue
            close = difflib.get_close_matches(key.lower().replace("_", "-"), allowed, n=1)
            raise self.refusal(
                key,
                "is no setting",
                f"write {close[0]}." if close else f"the settings here are {', '.join(allowed)}.",
            )

    def refusal(self, key: str, problem: str, fix: str, why: str = "") -> InputError:
        """Make an error about a key of this table, or with an empty key about the table itself."""
        location = self.location(key)
        return InputError(
            f"{location}: {self.path(key)} {problem}.",
            why=why or "dist-actions reads its settings there, and guesses none.",
            fix=fix,
            location=location,
            anchor="settings",
        )


def _printable(key: str) -> str:
    """Format a key for a message, in quotes if it is not a bare key."""
    return key if _BARE_KEY.fullmatch(key) else repr(key)
