"""What GitHub's runner makes of a step's output, written from its behaviour and not from our code.

Spec: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
and the runner's `ActionCommand`, `ActionCommandManager` and `FileCommandManager`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

#: Every command that the runner knows, the retired ones too: it still obeys or warns of them.
COMMANDS = frozenset(
    {
        "add-mask",
        "add-matcher",
        "add-path",
        "debug",
        "echo",
        "endgroup",
        "error",
        "group",
        "internal-set-repo-path",
        "notice",
        "remove-matcher",
        "save-state",
        "set-env",
        "set-output",
        "stop-commands",
        "warning",
    }
)
_ANNOTATIONS = frozenset({"notice", "warning", "error"})


@dataclass(frozen=True)
class Command:
    """A workflow command that the runner obeys."""

    name: str
    properties: dict[str, str]
    data: str


@dataclass(frozen=True)
class Annotation:
    """One message on the run's page."""

    level: str
    title: str
    message: str
    file: str = ""
    line: int = 0


def find_commands(log: str) -> list[Command]:
    """Find the commands that the runner would obey, in order."""
    commands: list[Command] = []
    resume = ""
    # .NET reads lines up to \\n, \\r or \\r\\n, and trims white space of every kind before `::`.
    for line in re.split(r"\r\n|\r|\n", log):
        if resume:
            resume = "" if line.strip() == f"::{resume}::" else resume
            continue
        command = _parse(line.lstrip("\ufeff").lstrip()) or _parse_old(line)
        if command is None:
            continue
        commands.append(command)
        if command.name == "stop-commands":
            resume = command.data
    return commands


def find_annotations(commands: list[Command]) -> list[Annotation]:
    """Find the annotations among the commands."""
    return [
        Annotation(
            command.name,
            command.properties.get("title", ""),
            command.data,
            command.properties.get("file", ""),
            int(command.properties.get("line", "0")),
        )
        for command in commands
        if command.name in _ANNOTATIONS
    ]


def parse_file_commands(text: str) -> dict[str, str]:
    """Parse `GITHUB_OUTPUT` as the runner does; the later of two values of a name wins."""
    return dict(_file_commands(text))


def _file_commands(text: str) -> Iterator[tuple[str, str]]:
    lines = iter(re.split(r"\r\n|\n", text))
    for line in lines:
        if not line:
            continue
        equals, heredoc = line.find("="), line.find("<<")
        if heredoc >= 0 and (equals < 0 or heredoc < equals):
            name, delimiter = line.split("<<", 1)
            value: list[str] = []
            for inner in lines:
                if inner == delimiter:
                    break
                value.append(inner)
            else:
                raise ValueError(f"matching delimiter of {name} not found")
            yield name, "\n".join(value)
        elif equals > 0:
            name, single = line.split("=", 1)
            yield name, single
        else:
            raise ValueError(f"invalid format {line!r}")


def _parse(line: str) -> Command | None:
    """Parse the form `::name key=value,key=value::data`."""
    if not line.startswith("::"):
        return None
    information, separator, data = line[2:].partition("::")
    if not separator:
        return None
    return _known(information, data, ",")


def _parse_old(line: str) -> Command | None:
    """Parse the form `##[name key=value;key=value]data`, anywhere in a line."""
    start = line.find("##[")
    end = line.find("]", start)
    if start < 0 or end < 0:
        return None
    return _known(line[start + 3 : end], line[end + 1 :], ";")


def _known(information: str, data: str, separator: str) -> Command | None:
    name, _, rest = information.partition(" ")
    if name.lower() not in COMMANDS:
        return None
    pairs = (pair.partition("=") for pair in rest.strip().split(separator) if "=" in pair)
    properties = {key.strip(): unquote(value) for key, _, value in pairs}
    return Command(name.lower(), properties, unquote(data))


def runner_files(folder: Path, workspace: Path) -> dict[str, str]:
    """Name the files by which a runner and a step speak to each other."""
    return {
        "GITHUB_WORKSPACE": str(workspace),
        "GITHUB_EVENT_PATH": str(folder / "event.json"),
        "GITHUB_OUTPUT": str(folder / "output"),
        "GITHUB_STEP_SUMMARY": str(folder / "summary"),
        "GITHUB_ENV": str(folder / "env"),
    }
