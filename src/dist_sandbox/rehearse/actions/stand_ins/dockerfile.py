"""Read a Dockerfile into instructions, as far as a rehearsal plays them; pure.

Spec: https://docs.docker.com/reference/dockerfile/
"""

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

#: Instructions that change nothing of what a step does.
_WITHOUT_EFFECT = frozenset(
    {"LABEL", "EXPOSE", "VOLUME", "HEALTHCHECK", "STOPSIGNAL", "MAINTAINER", "USER"}
)
_PLAYED = frozenset(
    {"ARG", "ENV", "WORKDIR", "COPY", "ADD", "RUN", "ENTRYPOINT", "CMD", "SHELL", "FROM"}
)
_IMAGE = re.compile(r"(?:docker\.io/)?(?:library/)?python(?::([^@]+))?(?:@sha256:[0-9a-f]+)?")
_VARIABLE = re.compile(r"\\\$|\$(\w+)|\$\{(\w+)(?:(:[-+])([^}]*))?\}")


class NotPlayedError(Exception):
    """The Dockerfile has a part that only a container engine can play."""


@dataclass(frozen=True)
class Instruction:
    """One instruction.

    Attributes:
        name: Its keyword in upper case.
        flags: Its options, by their name without `--`.
        text: What follows.
    """

    name: str
    flags: Mapping[str, str]
    text: str

    @property
    def words(self) -> list[str] | None:
        """Return the words of the form that is a JSON list; None where it has the shell form."""
        if not self.text.startswith("["):
            return None
        try:
            words = json.loads(self.text)
        except ValueError:
            return None
        return words if all(isinstance(word, str) for word in words) else None


def read_dockerfile(text: str) -> list[Instruction]:
    """Read the instructions that have an effect.

    Raises:
        NotPlayedError: There is one that is not played.
    """
    instructions = [_read(line) for line in _join_lines(text)]
    for instruction in instructions:
        if instruction.name not in _PLAYED | _WITHOUT_EFFECT:
            raise NotPlayedError(f"the instruction {instruction.name}")
        if instruction.name in ("RUN", "COPY", "ADD") and re.search(
            r"<<-?[\"']?\w", instruction.text
        ):
            raise NotPlayedError(f"a here-document in {instruction.name}")
        if "from" in instruction.flags or "from=" in instruction.flags.get("mount", ""):
            raise NotPlayedError("files of another image or build stage")
    if sum(instruction.name == "FROM" for instruction in instructions) != 1:
        raise NotPlayedError("several build stages, or none")
    return [row for row in instructions if row.name not in _WITHOUT_EFFECT]


def python_version(image: str) -> str:
    """Return the version of Python in an image, as `actions/setup-python` takes it.

    Raises:
        NotPlayedError: It is another image than Python's own.
    """
    name = re.sub(r"\s+AS\s+\S+$", "", image.strip(), flags=re.IGNORECASE)
    match = _IMAGE.fullmatch(name)
    if match is None:
        raise NotPlayedError(f"the image {name}; only those of Python are played")
    version = re.match(r"\d+(\.\d+)*", match[1] or "")
    return version[0] if version and "." in version[0] else "3.x"


def substitute(text: str, values: Mapping[str, str]) -> str:
    """Replace `$NAME`, `${NAME}`, `${NAME:-word}` and `${NAME:+word}`."""

    def value(match: re.Match[str]) -> str:
        if match[0] == "\\$":
            return "$"
        known = values.get(match[1] or match[2], "")
        if match[3] == ":-":
            return known or match[4]
        return (match[4] if known else "") if match[3] == ":+" else known

    return _VARIABLE.sub(value, text)


def read_assignments(text: str) -> Iterator[tuple[str, str]]:
    """Read what `ENV` or `ARG` sets: `NAME=value ...`, or the older form `NAME value`."""
    name, space, value = text.partition(" ")
    if "=" not in name:
        yield name, value.strip().strip("\"'") if space else ""
        return
    for word in shlex.split(text):
        name, _, value = word.partition("=")
        yield name, value


def _join_lines(text: str) -> Iterator[str]:
    """Join continued lines; a comment may stand between them."""
    parts: list[str] = []
    for line in text.splitlines():
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        parts.append(stripped.removesuffix("\\"))
        if not stripped.endswith("\\"):
            yield " ".join(parts).strip()
            parts = []
    if parts:
        yield " ".join(parts).strip()


def _read(line: str) -> Instruction:
    name, _, rest = line.partition(" ")
    flags = {}
    rest = rest.strip()
    while match := re.match(r"--([a-z]+)(?:=(\S+))?\s+", rest):
        flags[match[1]] = match[2] or ""
        rest = rest[match.end() :]
    return Instruction(name.upper(), flags, rest)
