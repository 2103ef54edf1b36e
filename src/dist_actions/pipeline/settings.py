"""What a project sets for all its stages: `[tool.dist-actions]` or `.github/dist-actions.toml`."""

from dataclasses import dataclass
from pathlib import Path

from dist_actions.errors import InputError, Location
from dist_actions.pipeline.environments import (
    DEFAULT_ENVIRONMENTS,
    EnvironmentMap,
    parse_environments,
)
from dist_actions.pipeline.packages import Package, parse_packages, require_usable
from dist_actions.pipeline.settings_table import SettingsTable
from dist_actions.pipeline.tags import DEFAULT_TAG_FORMAT
from dist_actions.toml import leads_outside, parse_toml, read_text

_KEYS = ("tag-format", "environments", "packages")
#: Where settings can stand outside pyproject.toml, from the repository's root.
SETTINGS_FILE = ".github/dist-actions.toml"
_INPUT = "the input environments"
#: Stands for the project's name, which is not known yet when the settings are read.
_ANY_NAME = "name"


@dataclass(frozen=True)
class Settings:
    """The settings in force.

    Attributes:
        tag_format: Template of the tags of a repository with one package.
        environments: The environments, in order of promotion.
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
        tag_format: The input of that name; with packages, for those that set none themselves.
        environments: The input of that name: TOML, a table for each environment.

    Raises:
        InputError: A file is not TOML, a key or value is unusable, or two files hold settings.
    """
    table = _find_table(workspace, package_path)
    return parse_settings(table, workspace, tag_format=tag_format, environments=environments)


def parse_settings(
    table: SettingsTable, workspace: Path, *, tag_format: str = "", environments: str = ""
) -> Settings:
    """Read the settings of a table, wherever it comes from; the rest is as for `read_settings`."""
    table.refuse_unknown(_KEYS)
    chosen_format = tag_format or table.text_at("tag-format", DEFAULT_TAG_FORMAT)
    chain = _read_environments(table, environments)
    packages = parse_packages(table, tag_format, chain.suffixes, workspace)
    _refuse_settings_of_packages(workspace, table, packages)
    if not packages:
        require_usable(table, chosen_format, _ANY_NAME, chain.suffixes)
    return Settings(chosen_format, chain, packages)


def _read_environments(table: SettingsTable, toml: str) -> EnvironmentMap:
    if toml.strip():
        values = parse_toml(toml, Location(_INPUT))
        return parse_environments(SettingsTable(values, _INPUT, toml))
    if "environments" in table.values:
        return parse_environments(table.table("environments"))
    return DEFAULT_ENVIRONMENTS


def _find_table(workspace: Path, package_path: str) -> SettingsTable:
    """Find the one table that holds settings; an empty one where there is none."""
    if leads_outside(workspace / package_path, workspace):
        raise InputError(
            f"The input package-path {package_path} leads out of the repository.",
            why="it is a symbolic link, and only what the repository holds is tagged and released.",
            fix="give the package's own folder.",
            anchor="inputs",
        )
    package_file = str(Path(package_path, "pyproject.toml"))
    tables = [_read_file(workspace, SETTINGS_FILE)]
    for name in dict.fromkeys(("pyproject.toml", package_file)):
        tables.append(_read_file(workspace, name).table("tool").table("dist-actions"))
    filled = [table for table in tables if table.values]
    if len(filled) > 1:
        raise _two_places(filled[0], filled[1])
    return filled[0] if filled else tables[-1]


def _refuse_settings_of_packages(
    workspace: Path, table: SettingsTable, packages: tuple[Package, ...]
) -> None:
    for package in packages:
        name = str(Path(package.path, "pyproject.toml"))
        in_package = _read_file(workspace, name).table("tool").table("dist-actions")
        if in_package.values and name != table.file:
            raise _two_places(table, in_package)


def _two_places(first: SettingsTable, second: SettingsTable) -> InputError:
    return InputError(
        f"Both {first.location()} and {second.location()} hold settings of dist-actions.",
        why="a repository has one place for them, so that none is overlooked.",
        fix=f"move them all into {first.file}.",
        location=second.location(),
        anchor="settings",
    )


def _read_file(workspace: Path, name: str) -> SettingsTable:
    path = workspace / name
    if not path.is_file():
        return SettingsTable({}, name)
    if leads_outside(path, workspace):
        raise InputError(
            f"{name} leads out of the repository.",
            why="it is a symbolic link, and settings are read from the repository alone.",
            fix="put the file itself there.",
            location=Location(name),
            anchor="settings",
        )
    text = read_text(path, name)
    return SettingsTable(parse_toml(text, Location(name)), name, text)
