"""What a project sets for all its stages: `[tool.dist-actions]` or `.github/dist-actions.toml`."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dist_actions.environments import DEFAULT_ENVIRONMENTS, EnvironmentMap, parse_environments
from dist_actions.errors import InputError, Location
from dist_actions.packages import Package
from dist_actions.tags import DEFAULT_TAG_FORMAT
from dist_actions.toml import parse_toml, read_toml

_KEYS = ("tag-format", "environments")


@dataclass(frozen=True)
class Settings:
    """The settings in force.

    Attributes:
        tag_format: Template of the tags of a repository with one package.
        packages: The packages of a repository that holds several; else empty.
    """

    tag_format: str = DEFAULT_TAG_FORMAT
    environments: EnvironmentMap = DEFAULT_ENVIRONMENTS
    packages: tuple[Package, ...] = ()


def read_settings(
    workspace: Path, package_path: str, *, tag_format: str = "", environments: str = ""
) -> Settings:
    """Join the defaults, the project's file and the inputs; the later win.

    Args:
        workspace: The repository's root.
        package_path: Folder of the package below it.
        tag_format: The input of that name.
        environments: The input of that name: TOML, a table for each environment.

    Raises:
        InputError: A file is not TOML, or a key or value is unusable.
    """
    table, location = _project_table(workspace, package_path)
    for key in table:
        if key not in _KEYS:
            raise InputError(
                f"{location} has the unknown setting {key!r}.",
                why="dist-actions reads tag-format and environments there.",
                fix=f"remove {key!r} or correct its spelling.",
                location=location,
            )
    if environments.strip():
        location = Location("the input environments")
        table = {**table, "environments": parse_toml(environments, location)}
    chosen_format = tag_format or table.get("tag-format", DEFAULT_TAG_FORMAT)
    if not isinstance(chosen_format, str):
        raise InputError(
            f"The tag-format in {location} is no text.",
            why="it is a template such as v{version}{suffix}.",
            fix="write it in quotes.",
            location=location,
        )
    stages = table.get("environments")
    return Settings(
        tag_format=chosen_format,
        environments=(
            DEFAULT_ENVIRONMENTS
            if stages is None
            else parse_environments(_table(stages, location), location)
        ),
    )


def _project_table(workspace: Path, package_path: str) -> tuple[Mapping[str, Any], Location]:
    own = ".github/dist-actions.toml"
    found = read_toml(workspace / own, own)
    if found is not None:
        return found, Location(own)
    name = str(Path(package_path, "pyproject.toml"))
    pyproject = read_toml(workspace / name, name) or {}
    location = Location(name)
    return _table(_table(pyproject.get("tool", {}), location).get("dist-actions", {}), location), (
        location
    )


def _table(value: Any, location: Location) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise InputError(
            f"The settings of dist-actions in {location} are no table.",
            why="a value stands where a table is expected.",
            fix="write [tool.dist-actions] and below it key = value.",
            location=location,
        )
    return value
