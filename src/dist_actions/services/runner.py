"""What a job says to its runner: outputs, summary, annotations, masks, and plain log lines.

Text from anywhere else (versions, tags, pip, git, build backends) can hold workflow commands. It
reaches the log through `log` alone, which makes them harmless. It never writes to the environment
or path file.
Spec: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

from dist_actions.errors import DistActionsError, Level, Location
from dist_actions.identity.secret import Secret

#: What the runner, a terminal or a log viewer may take for the end of a line.
_LINE_BREAKS = re.compile("\r\n|[\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029]")
_CONTROL = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"
    r"|[\x00-\x08\x0e-\x1f\x7f-\x9f\ufeff\u202a-\u202e\u2066-\u2069]"
)
#: The older command form, which the runner finds anywhere in a line.
_OLD_COMMAND = re.compile(r"##\[")
#: GitHub's limit for one step's summary: 1 MiB. Spec: the page named above.
_SUMMARY_LIMIT_BYTES = 1024 * 1024
#: Shorter values stand in any text; GitHub masks them all the same.
_SHORTEST_HIDDEN = 8
#: No command starts behind it, because the runner trims white space only.
_PREFIX = "| "


class Runner:
    """The runner of this job.

    Args:
        stream: Where the log goes.
        output_file: `GITHUB_OUTPUT`; None outside a runner.
        summary_file: `GITHUB_STEP_SUMMARY`; None outside a runner.
        commands: Whether a runner reads the log. Without one, annotations are plain sentences.
    """

    def __init__(
        self,
        stream: TextIO,
        *,
        output_file: Path | None = None,
        summary_file: Path | None = None,
        commands: bool = True,
    ) -> None:
        self._stream = stream
        self._output_file = output_file
        self._summary_file = summary_file
        self._commands = commands
        self._masked: set[str] = set()

    @classmethod
    def from_environ(cls, environ: Mapping[str, str], stream: TextIO) -> "Runner":
        """Find the runner that the environment describes."""
        output, summary = environ.get("GITHUB_OUTPUT"), environ.get("GITHUB_STEP_SUMMARY")
        return cls(
            stream,
            output_file=Path(output) if output else None,
            summary_file=Path(summary) if summary else None,
            commands=environ.get("GITHUB_ACTIONS") == "true",
        )

    def log(self, text: str) -> None:
        """Print text from anywhere, line by line, with nothing in it that the runner obeys."""
        for line in printable_lines(self.hide(text)):
            self._write(f"{_PREFIX}{line}" if self._commands else line)

    def mask(self, secret: Secret) -> None:
        """Hide a credential in everything that the job prints from now on."""
        lines = [line for line in secret.reveal().splitlines() if line.strip()]
        self._masked.update(line for line in lines if len(line) >= _SHORTEST_HIDDEN)
        for line in lines if self._commands else ():
            self._write(f"::add-mask::{_escape_data(line)}")

    def hide(self, text: str) -> str:
        """Put `***` in place of masked credentials, before a text is escaped or sent anywhere.

        Services repeat what they were sent, and what is escaped later no mask of GitHub's finds.
        """
        for value in sorted(self._masked, key=len, reverse=True):
            text = text.replace(value, "***")
        return text

    def annotate(
        self, level: Level, message: str, *, title: str = "", location: Location | None = None
    ) -> None:
        """Show one message on the run's page and, with a location, in the changed files."""
        message = self.hide(message)
        if not self._commands:
            where = f"{location}: " if location else ""
            self.log(f"{level}: {where}{message}")
            return
        properties = {"title": title}
        if location:
            properties["file"] = location.file
            properties["line"] = str(location.line) if location.line else ""
        attributes = ",".join(f"{key}={_escape_property(v)}" for key, v in properties.items() if v)
        clean = "\n".join(printable_lines(message))
        self._write(f"::{level}{' ' if attributes else ''}{attributes}::{_escape_data(clean)}")

    def set_outputs(self, values: Mapping[str, str]) -> None:
        """Set the step's outputs; outside a runner, print them.

        Raises:
            DistActionsError: The runner's file cannot be written.
        """
        if self._output_file is None:
            for name, value in values.items():
                self.log(f"{name}={value}")
            return
        blocks = []
        for name, value in values.items():
            delimiter = f"dist-actions-{secrets.token_hex(16)}"
            blocks.append(f"{name}<<{delimiter}\n{value}\n{delimiter}\n")
        _append(self._output_file, "".join(blocks))

    def add_summary(self, markdown: str) -> None:
        """Append to the job summary, cut at GitHub's limit; outside a runner, print it.

        Raises:
            DistActionsError: The runner's file cannot be written.
        """
        if self._summary_file is None:
            self.log(markdown)
            return
        data = f"{markdown}\n".encode("utf-8", errors="replace")[:_SUMMARY_LIMIT_BYTES]
        _append(self._summary_file, data.decode("utf-8", errors="ignore"))

    def _write(self, line: str) -> None:
        encoding = getattr(self._stream, "encoding", None) or "utf-8"
        self._stream.write(line.encode(encoding, errors="replace").decode(encoding) + "\n")
        self._stream.flush()


def printable_lines(text: str) -> list[str]:
    """Split text wherever a reader might break it, without control characters and old commands."""
    lines = _LINE_BREAKS.split(text)
    return [_OLD_COMMAND.sub("## [", _CONTROL.sub("", line)) for line in lines]


def _escape_data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape_data(_CONTROL.sub("", text)).replace(":", "%3A").replace(",", "%2C")


def _append(path: Path, text: str) -> None:
    try:
        with path.open("a", encoding="utf-8", errors="replace", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise DistActionsError(
            f"The runner's file for outputs or summaries cannot be written: {error.strerror}.",
            why="the runner's disk is full, or a step before changed the file's permissions.",
            fix="free disk space on the runner and run the job again; what was done is kept.",
        ) from error
