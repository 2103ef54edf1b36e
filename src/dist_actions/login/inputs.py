"""The inputs of login as typed values."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from dist_actions.indexes.environment_indexes import IndexReaders, read_index_readers
from dist_actions.job.endpoints import GoogleEndpoints
from dist_actions.job.inputs import InputReader
from dist_actions.services.retries import DEFAULT_MAX_WAIT

Phase = Literal["log-in", "report"]
OnPublicNames = Literal["fail", "warn"]
DefaultIndex = Literal["auto", "true", "false"]

_LONGEST, _SHORTEST = timedelta(hours=1), timedelta(minutes=1)
_INDEX_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
_PHASES: tuple[Phase, ...] = ("log-in", "report")
_ON_PUBLIC_NAMES: tuple[OnPublicNames, ...] = ("fail", "warn")
_DEFAULT_INDEX: tuple[DefaultIndex, ...] = ("auto", "true", "false")


@dataclass(frozen=True)
class LoginInputs:
    """The action's inputs; each is described in `login/action.yml`."""

    phase: Phase
    environment: str
    readers: IndexReaders
    index_name: str
    default_index: DefaultIndex
    lifetime: timedelta
    on_public_names: OnPublicNames
    python: str
    package_path: str
    tag_format: str
    environments: str
    max_wait: timedelta

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "LoginInputs":
        """Read the inputs.

        Raises:
            InputError: One or more are unusable.
        """
        reader = InputReader(environ)
        inputs = cls(
            phase=reader.choice("phase", _PHASES),
            environment=reader.text("environment"),
            readers=read_index_readers(reader, GoogleEndpoints.from_environ(environ)),
            index_name=_read_index_name(reader),
            default_index=reader.choice("default-index", _DEFAULT_INDEX),
            lifetime=_read_lifetime(reader),
            on_public_names=reader.choice("public-names", _ON_PUBLIC_NAMES),
            python=reader.text("python", "python"),
            package_path=reader.relative_path("package-path", "."),
            tag_format=reader.text("tag-format"),
            environments=reader.block("environments"),
            max_wait=reader.duration("max-wait", DEFAULT_MAX_WAIT),
        )
        reader.finish()
        return inputs


def _read_index_name(reader: InputReader) -> str:
    name = reader.text("index-name")
    if name and not _INDEX_NAME.fullmatch(name):
        reader.refuse("index-name", f"is {name[:80]!r}", "write a name such as eigenoid-all")
    return name


def _read_lifetime(reader: InputReader) -> timedelta:
    lifetime = reader.duration("lifetime", _LONGEST)
    if not _SHORTEST <= lifetime <= _LONGEST:
        reader.refuse("lifetime", "is no time between 1m and 1h", "write a time such as 30m")
    return lifetime
