"""Read what a person says that a secret is: `pypi-token`, `app-key:NAME`, `text:…`, `file:PATH`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dist_sandbox.folder_files import leads_out
from dist_sandbox.rehearse.errors import UsageError
from dist_sandbox.rehearse.publishing.secrets import APP_ID, APP_KEY, PURPOSES

_TEXT, _FILE = "text", "file"
_FORMS = (*PURPOSES, f"{_TEXT}:VALUE", f"{_FILE}:PATH")


@dataclass(frozen=True)
class GivenSecret:
    """What a secret is.

    Attributes:
        purpose: One of the purposes of `publishing.secrets`; empty where the value is given.
        value: The value; or of an App the name of one of the sandbox's.
    """

    purpose: str
    value: str = field(default="", repr=False)


def read_given_secret(argument: str) -> tuple[str, GivenSecret]:
    """Read `NAME=WHAT`, as the command line has it.

    Raises:
        UsageError: It is written otherwise, or its file cannot be read.
    """
    name, equals, what = argument.partition("=")
    if not (equals and name.isidentifier()):
        raise _unusable(f"--secret {name}", "it is NAME=WHAT, with the name that workflows use.")
    return name.upper(), read_purpose(what, f"--secret {name}", None)


def read_purpose(what: str, subject: str, folder: Path | None) -> GivenSecret:
    """Read what a secret is.

    Args:
        subject: Where it stands, for messages.
        folder: The folder that a file must be in: whoever wrote a project's settings may not read
            other files. None where a person names it, who may read any.

    Raises:
        UsageError: It is no such thing, or the file cannot be read.
    """
    kind, _, rest = what.partition(":")
    if kind == _TEXT and what != kind:
        return GivenSecret("", rest)
    if kind == _FILE and rest:
        return GivenSecret("", _read_file(rest, subject, folder))
    if kind in PURPOSES and (not rest or kind in (APP_ID, APP_KEY)):
        return GivenSecret(kind, rest)
    raise _unusable(subject, f"{kind or 'nothing'!r} is not what a secret can be.")


def _read_file(path: str, subject: str, folder: Path | None) -> str:
    if folder is not None and leads_out(folder, path):
        raise UsageError(
            f"{subject} names the file {path}, which is outside the project.",
            why="a project's settings may give its workflows the project's own files alone.",
            fix="give that file on the command line: --secret NAME=file:PATH.",
        )
    try:
        return ((folder or Path()) / path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise UsageError(
            f"{subject} names the file {path}, which cannot be read.",
            why=f"{reason}.",
            fix=f"give a text file below {(folder or Path.cwd())}, by its path from there.",
        ) from error


def _unusable(subject: str, why: str) -> UsageError:
    return UsageError(
        f"{subject} cannot be used.", why=why, fix=f"write one of {', '.join(_FORMS)}."
    )


#: No secret is explained.
NO_SECRETS: Mapping[str, GivenSecret] = {}
