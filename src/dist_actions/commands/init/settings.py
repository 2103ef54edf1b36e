"""Write settings into a project's file; comments and order stay."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import tomlkit
from tomlkit.items import InlineTable, Table

from dist_actions.pipeline.settings import SETTINGS_FILE


@dataclass(frozen=True)
class NewSettings:
    """Settings that a repository gets where it has none.

    Attributes:
        environments: The branch of each environment by its name, where they are not the defaults.
        packages: The folder of each package by its name, where there are several.
        tag_prefix: What tags have before the version, where it is not `v`; None for the default.
    """

    environments: Mapping[str, str] = field(default_factory=dict)
    packages: Mapping[str, str] | None = None
    tag_prefix: str | None = None

    def __bool__(self) -> bool:
        return bool(self.environments or self.packages or self.tag_prefix is not None)


def settings_file(settings: NewSettings, pyproject: str | None) -> str:
    """Name the file that gets the settings: pyproject.toml, of one package that has one.

    Args:
        pyproject: What it holds; None where there is none.
    """
    if pyproject is None or settings.packages:
        return SETTINGS_FILE
    # Nothing can be added below an inline table.
    is_closed = isinstance(tomlkit.parse(pyproject).get("tool"), InlineTable)
    return SETTINGS_FILE if is_closed else "pyproject.toml"


def write_settings(text: str, settings: NewSettings, *, in_pyproject: bool) -> str:
    """Return a file's text with the settings added.

    Args:
        text: What the file holds; empty where there is none.
    """
    table = tomlkit.table(is_super_table=settings.tag_prefix is None)
    if settings.tag_prefix is not None:
        table.add("tag-format", f"{settings.tag_prefix}{{version}}{{suffix}}")
    if settings.environments:
        table.add("environments", _environments(settings.environments))
    if settings.packages:
        table.add("packages", _packages(settings))
    document = tomlkit.document()
    for key, value in {"tool": {"dist-actions": table}}.items() if in_pyproject else table.items():
        document.add(key, value)
    added = tomlkit.dumps(document)
    # What is there stays as it is, to the byte.
    return f"{text}{'' if text.endswith(chr(10)) else chr(10)}\n{added}" if text else added


def _environments(branches: Mapping[str, str]) -> Table:
    environments = tomlkit.table()
    for name, branch in branches.items():
        entry = tomlkit.inline_table()
        entry.append("branch", branch)
        environments.add(name, entry)
    return environments


def _packages(settings: NewSettings) -> Table:
    packages = tomlkit.table(is_super_table=True)
    for name, path in (settings.packages or {}).items():
        package = tomlkit.table()
        package.add("path", path)
        packages.add(name, package)
    return packages
