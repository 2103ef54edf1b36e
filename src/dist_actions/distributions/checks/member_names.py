"""Check the names of an archive's members; pure."""

import re
import unicodedata

from dist_actions.distributions.checks.errors import hostile, quoted

_DRIVE = re.compile(r"[A-Za-z]:")
#: ASCII controls, and what makes text read in another order than it is stored.
_INVISIBLE = re.compile("[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


def find_flaw(name: str) -> str:
    """Say what is wrong with a name, as a clause; empty where nothing is.

    Args:
        name: Path of a member, without a folder's trailing slash.
    """
    if _INVISIBLE.search(name):
        return "has a control character in its name"
    if "\\" in name:
        return "has a backslash in its name"
    if name.startswith("/") or _DRIVE.match(name):
        return "has an absolute path"
    parts = name.split("/")
    if ".." in parts:
        return "leads out of the archive"
    if "" in parts or "." in parts:
        return "has an empty part in its path"
    return ""


def find_windows_flaw(name: str) -> str:
    """Say why a path is that of another file on Windows, as a clause; empty where it is not."""
    if ":" in name:
        return "has a colon in its name, which names a part of another file on Windows"
    if any(part.endswith((".", " ")) for part in name.split("/")):
        return "ends with a full stop or space, which Windows leaves out"
    return ""


class MemberNames:
    """The names of an archive, each of which may be there once.

    Args:
        file_name: Of the archive, for messages.
        fold: Whether names that differ only in case are the same: they are where a wheel is
            installed on macOS or Windows; an sdist may well hold both.
    """

    def __init__(self, file_name: str, *, fold: bool) -> None:
        self._file_name = file_name
        self._fold = fold
        self._files: dict[str, str] = {}
        self._folders: set[str] = set()

    def add(self, name: str, *, is_folder: bool = False) -> None:
        """Add a name.

        Raises:
            ReleaseError: It is a path that no archive may hold, or was there before.
        """
        if flaw := find_flaw(name) or (find_windows_flaw(name) if self._fold else ""):
            raise hostile(self._file_name, f"its member {quoted(name)} {flaw}")
        key = self._key(name)
        if is_folder:
            self._folders.add(key)
        elif key in self._files:
            raise self._duplicate(name, self._files[key])
        else:
            self._files[key] = name
        parent = key.rpartition("/")[0]
        while parent and parent not in self._folders:
            self._folders.add(parent)
            parent = parent.rpartition("/")[0]

    def finish(self) -> None:
        """Compare files with folders.

        Raises:
            ReleaseError: One name is both.
        """
        both = next(iter(self._files.keys() & self._folders), None)
        if both is not None:
            name = quoted(self._files[both])
            raise hostile(self._file_name, f"{name} is a file and a folder in it")

    def _key(self, name: str) -> str:
        normal = unicodedata.normalize("NFC", name)
        return unicodedata.normalize("NFC", normal.casefold()) if self._fold else normal

    def _duplicate(self, name: str, before: str) -> Exception:
        if name == before:
            return hostile(self._file_name, f"it holds {quoted(name)} twice")
        same = f"it holds {quoted(before)} and {quoted(name)}"
        return hostile(self._file_name, f"{same}, which are one file on some systems")
