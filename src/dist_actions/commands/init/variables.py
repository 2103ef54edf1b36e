"""Read the values that variables are to have: options, and what google.sh prints."""

import argparse
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dist_actions.abbreviation import QUOTED_NAME
from dist_actions.commands.options import refuse_without
from dist_actions.errors import InputError
from dist_actions.repository_settings.comparison import Values
from dist_actions.repository_settings.expected import ExpectedEnvironment, ExpectedSettings

_OPTION = re.compile(r"(?:(?P<place>[^:=]+):)?(?P<name>[A-Za-z_][A-Za-z0-9_]*)=(?P<value>.*)", re.S)
#: What google.sh prints beside other programs' lines.
_LINE = re.compile(r"^(?P<name>[A-Z_][A-Z0-9_]*)=(?P<value>.+?)\s*$", re.ASCII | re.M)


@dataclass(frozen=True)
class HostedOptions:
    """What a person says of the settings on GitHub.

    Attributes:
        apply: Whether they are to be made.
        agreed: Whether nobody is asked before.
        repository: `OWNER/NAME`; empty where it is not named.
        variables: `ENV:NAME=VALUE`, or `NAME=VALUE` for the repository.
        files: Environments, each with the file that holds lines `NAME=VALUE`.
        apps: The name in addresses, or the App ID, of each bot that is named.
    """

    apply: bool = False
    agreed: bool = False
    repository: str = ""
    variables: tuple[str, ...] = ()
    files: tuple[tuple[str, Path], ...] = ()
    apps: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, arguments: argparse.Namespace) -> "HostedOptions":
        """Read them from the command line.

        Raises:
            InputError: One is unusable, or has no effect because --apply is missing.
        """
        bots = {"automation": arguments.automation_app, "releaser": arguments.releaser_app}
        given = {
            "--yes": arguments.yes,
            "--repository": arguments.repository,
            "--variable": arguments.variable,
            "--variables": arguments.variables,
            **{f"--{bot}-app": name for bot, name in bots.items()},
        }
        for option, value in given.items():
            refuse_without(
                "--apply",
                option,
                given=value and not arguments.apply,
                effect="it is about the settings on GitHub, which are set up with --apply alone",
            )
        files = tuple(map(_split_file, arguments.variables))
        _refuse_second("--variables", [place.lower() for place, _ in files])
        return cls(
            apply=arguments.apply,
            agreed=arguments.yes,
            repository=arguments.repository,
            variables=tuple(arguments.variable),
            files=files,
            apps={bot: name for bot, name in bots.items() if name},
        )


def _refuse_second(option: str, names: Sequence[str]) -> None:
    """Refuse an option that is given twice for the same thing.

    Raises:
        InputError: One is.
    """
    for name in names:
        if names.count(name) > 1:
            raise InputError(
                f"{option} says twice what {name[:QUOTED_NAME]} is.",
                why="nobody can tell which of them is meant.",
                fix="leave one of them out.",
            )


def _split_file(option: str) -> tuple[str, Path]:
    environment, equals, path = option.partition("=")
    if not (environment and equals and path):
        raise InputError(
            f"--variables {option[:QUOTED_NAME]!r} cannot be used.",
            why="it is no environment with a file.",
            fix="write ENVIRONMENT=FILE, as in dev=dev.txt.",
        )
    return environment, Path(path)


def read_values(
    options: Sequence[str], files: Sequence[tuple[str, str]], expected: ExpectedSettings
) -> Values:
    """Read the value of each variable that is given, by environment in lower case and name.

    Args:
        options: `ENV:NAME=VALUE`, or `NAME=VALUE` for the repository.
        files: Environments, each with a text that has lines `NAME=VALUE`; other lines, and
            variables that no job of the environment reads, are left out.

    Raises:
        InputError: An option is written in another way, or names what no job reads.
    """
    environments = {environment.name.lower(): environment for environment in expected.environments}
    values: dict[tuple[str, str], str] = {}
    given: list[tuple[str, str]] = []
    for place, text in files:
        environment = _find(environments, place, f"--variables {place}=FILE")
        values.update(_read_lines(text, environment))
    for option in options:
        match = _OPTION.fullmatch(option)
        if match is None or not match["value"].strip():
            raise InputError(
                f"--variable {option[:QUOTED_NAME]!r} cannot be used.",
                why="it is no name with a value.",
                fix="write ENVIRONMENT:NAME=VALUE, or NAME=VALUE for the repository.",
            )
        place, name = match["place"] or "", match["name"].upper()
        if place:
            environment = _find(environments, place, f"--variable {place}:{name}")
            _require_read(environment, name)
        values[place.lower(), name] = match["value"].strip()
        given.append((place.lower(), name))
    _refuse_second("--variable", [":".join(filter(None, key)) for key in given])
    return values


def _read_lines(
    text: str, environment: ExpectedEnvironment
) -> Iterator[tuple[tuple[str, str], str]]:
    names = {*environment.variables, *environment.optional_variables}
    matches = [match for match in _LINE.finditer(text) if match["name"] in names]
    if not matches:
        raise InputError(
            f"The file for {environment.name} gives no variable that its jobs read.",
            why=f"no line is NAME=VALUE of {', '.join(sorted(names)) or 'any: they read none'}.",
            fix="give the file that holds what google.sh printed for this environment.",
        )
    for match in matches:
        yield (environment.name.lower(), match["name"]), match["value"]


def _find(
    environments: Mapping[str, ExpectedEnvironment], name: str, option: str
) -> ExpectedEnvironment:
    if name.lower() not in environments:
        names = ", ".join(environment.name for environment in environments.values())
        raise InputError(
            f"{option} names no environment of the workflows.",
            why=f"their jobs run in {names or 'none'}.",
            fix="name one of them.",
        )
    return environments[name.lower()]


def _require_read(environment: ExpectedEnvironment, name: str) -> None:
    names = (*environment.variables, *environment.optional_variables)
    if name not in names:
        raise InputError(
            f"No job in the environment {environment.name} reads the variable {name}.",
            why=f"they read {', '.join(names) or 'none'}.",
            fix="check the name, or set it by hand: gh variable set.",
        )
