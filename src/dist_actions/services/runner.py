"""What a job says to its runner: outputs, summary, annotations, masks, and plain log lines.

Text from anywhere else (versions, tags, pip, git, build backends) can hold workflow commands. It
reaches the log through `log` alone, which makes them harmless. It never writes to the path file,
and variables for later steps only as a stage names them.
Spec: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TextIO

from dist_actions.errors import DistActionsError, Level, Location
from dist_actions.identity.encodings import SHORTEST, encoded_forms
from dist_actions.identity.secret import Secret
from dist_actions.printable import printable_lines

#: GitHub's limit for one step's summary: 1 MiB. Spec: the page named above.
_SUMMARY_LIMIT_BYTES = 1024 * 1024
#: No command starts behind it, because the runner trims white space only.
_PREFIX = "| "


class Runner:
    """The runner of this job.

    Args:
        stream: Where the log goes.
        output_file: `GITHUB_OUTPUT`; None outside a runner.
        summary_file: `GITHUB_STEP_SUMMARY`; None outside a runner.
        variables_file: `GITHUB_ENV`; None outside a runner.
        commands: Whether a runner reads the log. Without one, annotations are plain sentences.
    """

    def __init__(
        self,
        stream: TextIO,
        *,
        output_file: Path | None = None,
        summary_file: Path | None = None,
        variables_file: Path | None = None,
        commands: bool = True,
    ) -> None:
        self._stream = stream
        self._output_file = output_file
        self._summary_file = summary_file
        self._variables_file = variables_file
        self._commands = commands
        self._masked: tuple[str, ...] = ()
        self._changes: list[str] = []

    @classmethod
    def from_environ(cls, environ: Mapping[str, str], stream: TextIO) -> "Runner":
        """Find the runner that the environment describes."""
        output, summary = environ.get("GITHUB_OUTPUT"), environ.get("GITHUB_STEP_SUMMARY")
        variables = environ.get("GITHUB_ENV")
        return cls(
            stream,
            output_file=Path(output) if output else None,
            summary_file=Path(summary) if summary else None,
            variables_file=Path(variables) if variables else None,
            commands=environ.get("GITHUB_ACTIONS") == "true",
        )

    @property
    def changes(self) -> tuple[str, ...]:
        """Return what this run has changed so far, in order."""
        return tuple(self._changes)

    def record_change(self, change: str) -> None:
        """Remember what was changed outside: `create the tag v1.0.0`."""
        self._changes.append(change)

    def log(self, text: str) -> None:
        """Print text from anywhere, line by line, with nothing in it that the runner obeys."""
        for line in self._shown_lines(text):
            self._write(f"{_PREFIX}{line}" if self._commands else line)

    def mask(self, secret: Secret, *users: str) -> None:
        """Hide a credential in everything that the job prints from now on, in each of its forms.

        Args:
            secret: On one line or several.
            users: With whom it is sent, for basic authentication.
        """
        lines = [line for line in secret.reveal().splitlines() if line.strip()]
        forms: dict[str, None] = dict.fromkeys(lines)
        for line in lines if len(lines) == 1 else ():
            forms.update(dict.fromkeys(sorted(encoded_forms(line, users))))
        new = [form for form in forms if form not in self._masked]
        hidden = {*self._masked, *(form for form in new if len(form) >= SHORTEST)}
        self._masked = tuple(sorted(hidden, key=len, reverse=True))
        for form in new if self._commands else ():
            self._write(f"::add-mask::{_escape_data(form)}")

    def hide(self, text: str) -> str:
        """Put `***` in place of masked credentials, before a text is escaped or sent anywhere.

        Services repeat what they were sent, and what is escaped later no mask of GitHub's finds.
        """
        for form in self._masked:
            text = text.replace(form, "***")
        return text

    def hide_cut(self, text: str) -> str:
        """Hide masked credentials in a text for readers, also those that lost an end with it.

        An answer is quoted up to some length, and that can be the middle of a credential.
        """
        text = self.hide(text)
        text = _hide_begins(text, self._masked)
        return _hide_begins(text[::-1], [form[::-1] for form in self._masked])[::-1]

    def annotate(
        self, level: Level, message: str, *, title: str = "", location: Location | None = None
    ) -> None:
        """Show one message on the run's page and, with a location, in the changed files."""
        if not self._commands:
            where = f"{location}: " if location else ""
            self.log(f"{level}: {where}{message}")
            return
        properties = {"title": title}
        if location:
            properties["file"] = location.file
            properties["line"] = str(location.line) if location.line else ""
        attributes = ",".join(
            f"{key}={_escape_property(' '.join(self._shown_lines(text)))}"
            for key, text in properties.items()
            if text
        )
        clean = "\n".join(self._shown_lines(message))
        self._write(f"::{level}{' ' if attributes else ''}{attributes}::{_escape_data(clean)}")

    def set_outputs(self, values: Mapping[str, str]) -> None:
        """Set the step's outputs; outside a runner, print them.

        Raises:
            DistActionsError: The runner's file cannot be written.
        """
        self._write_values(self._output_file, values)

    def set_variables(self, values: Mapping[str, str]) -> None:
        """Set variables for the job's next steps; outside a runner, print them.

        Raises:
            DistActionsError: The runner's file cannot be written.
        """
        self._write_values(self._variables_file, values)

    def _write_values(self, file: Path | None, values: Mapping[str, str]) -> None:
        if file is None:
            for name, value in values.items():
                self.log(f"{name}={value}")
            return
        blocks = []
        for name, value in values.items():
            delimiter = f"dist-actions-{secrets.token_hex(16)}"
            blocks.append(f"{name}<<{delimiter}\n{self.hide(value)}\n{delimiter}\n")
        _append(file, "".join(blocks))

    def add_summary(self, markdown: str) -> None:
        """Append to the job summary, cut at GitHub's limit; outside a runner, print it.

        Raises:
            DistActionsError: The runner's file cannot be written.
        """
        if self._summary_file is None:
            self.log(markdown)
            return
        data = f"{self.hide_cut(markdown)}\n".encode("utf-8", errors="replace")
        shown = data[:_SUMMARY_LIMIT_BYTES].decode("utf-8", errors="ignore")
        _append(self._summary_file, shown)

    def _shown_lines(self, text: str) -> list[str]:
        """Split a text into lines that nothing obeys, without credentials and unseen characters."""
        lines = printable_lines(self.hide(text))  # whole first: cleaning can alter a form
        return [self.hide_cut(line) for line in lines]

    def _write(self, line: str) -> None:
        encoding = getattr(self._stream, "encoding", None) or "utf-8"
        self._stream.write(line.encode(encoding, errors="replace").decode(encoding) + "\n")
        self._stream.flush()


def _hide_begins(text: str, forms: Sequence[str]) -> str:
    """Put `***` in place of credentials' first characters, where others follow than their own.

    The longest goes first: inside of one form there may be the begin of another.
    """
    while parts := sorted(_find_begins(text, forms), reverse=True):
        hidden: list[tuple[int, int]] = []
        free = bytearray(b"\1") * len(text)
        for length, at in parts:
            if all(free[at : at + length]):
                free[at : at + length] = bytes(length)
                hidden.append((at, at + length))
        for start, end in sorted(hidden, reverse=True):
            text = f"{text[:start]}***{text[end:]}"
    return text


def _find_begins(text: str, forms: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Find where forms begin: how many of their characters stand there, and where."""
    for form in forms:
        at = text.find(form[:SHORTEST])
        while at >= 0:
            yield _common_length(text, at, form), at
            at = text.find(form[:SHORTEST], at + 1)


def _common_length(text: str, at: int, form: str) -> int:
    """Count the characters of a form that stand there, from its first one."""
    shown = text[at : at + len(form)]
    pairs = enumerate(zip(shown, form, strict=False))
    return next((length for length, (one, other) in pairs if one != other), len(shown))


def _escape_data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape_data(text).replace(":", "%3A").replace(",", "%2C")


def _append(path: Path, text: str) -> None:
    try:
        with path.open("a", encoding="utf-8", errors="replace", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise DistActionsError(
            "The runner's file for outputs, variables or summaries cannot be written: "
            f"{error.strerror}.",
            why="the runner's disk is full, or a step before changed the file's permissions.",
            fix="free disk space on the runner and run the job again; what was done is kept.",
        ) from error
