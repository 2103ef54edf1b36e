"""Write settings into a project's file; comments and order stay."""

from collections.abc import Mapping
from dataclasses import dataclass

import tomlkit
from tomlkit.items import Table

from dist_actions.pipeline.settings import SETTINGS_FILE, Settings


@dataclass(frozen=True)
class NewSettings:
    """Settings that a repository gets where it has none.

    Attributes:
        production_branch: The branch of production, where it is not `main`.
        packages: The folder of each package by its name, where there are several.
        tag_prefix: What tags have before the version, where it is not `v`; None for the default.
    """

    production_branch: str = ""
    packages: Mapping[str, str] | None = None
    tag_prefix: str | None = None

    def __bool__(self) -> bool:
        return bool(self.production_branch or self.packages or self.tag_prefix is not None)


def settings_file(settings: NewSettings, *, has_pyproject: bool) -> str:
    """Name the file that gets the settings: pyproject.toml, of one package that has one."""
    return "pyproject.toml" if has_pyproject and not settings.packages else SETTINGS_FILE


def write_settings(text: str, settings: NewSettings, *, in_pyproject: bool) -> str:
    """Return a file's text with the settings added.

    Args:
        text: What the file holds; empty where there is none.
    """
    document = tomlkit.parse(text)
    table = tomlkit.table(is_super_table=settings.tag_prefix is None)
    if settings.tag_prefix is not None:
        table.add("tag-format", f"{settings.tag_prefix}{{version}}{{suffix}}")
    if settings.production_branch:
        table.add("environments", _environments(settings.production_branch))
    if settings.packages:
        table.add("packages", _packages(settings))
    if not in_pyproject:
        for key, value in table.items():
            document.add(key, value)
        return tomlkit.dumps(document)
    document.setdefault("tool", tomlkit.table(is_super_table=True))["dist-actions"] = table
    return tomlkit.dumps(document)


def _environments(production_branch: str) -> Table:
    environments = tomlkit.table()
    stages = Settings().environments.stages
    for stage in stages:
        entry = tomlkit.inline_table()
        last = stage is stages[-1]
        entry.append("branch", production_branch if last else stage.branch)
        environments.add(stage.name, entry)
    return environments


def _packages(settings: NewSettings) -> Table:
    packages = tomlkit.table(is_super_table=True)
    for name, path in (settings.packages or {}).items():
        package = tomlkit.table()
        package.add("path", path)
        packages.add(name, package)
    return packages
