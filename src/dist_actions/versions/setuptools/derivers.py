"""Find the tools that derive a version from tags in projects that setuptools builds."""

import re
from collections.abc import Callable

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from dist_actions.toml import line_of, table_at
from dist_actions.versions.derivers import Deriver
from dist_actions.versions.project_files import PYPROJECT, ProjectFiles
from dist_actions.versions.setuptools.configuration import (
    SETUP_CFG,
    SETUP_PY,
    line_of_option,
    read_setup_cfg,
)
from dist_actions.versions.setuptools.setup_py import SetupScript

#: The tables that switch setuptools-scm on.
_SCM_TABLES = ("setuptools_scm", "vcs-versioning")


def find_in_setup(project: ProjectFiles) -> Deriver | None:
    """Find the deriver that `setup.py`, `setup.cfg` or a table of `pyproject.toml` names."""
    readers: tuple[Callable[[ProjectFiles, SetupScript], Deriver | None], ...] = (
        _scm_in_script,
        _pbr,
        _versioneer,
        _git_versioning,
        _versioningit,
        _dunamai,
        _scm_in_pyproject,
    )
    script = SetupScript.of(project)
    return next((tool for reader in readers if (tool := reader(project, script))), None)


def pyproject_line(project: ProjectFiles, *keys: str) -> int:
    """Find the line of a key in `pyproject.toml`, from 1; 0 where it is not certain."""
    return line_of(project.text(PYPROJECT) or "", keys)


def _scm_in_script(project: ProjectFiles, script: SetupScript) -> Deriver | None:
    value = script.keyword("use_scm_version")
    line = value.lineno if value else script.line_of_call("setuptools_scm", "get_version")
    if line:
        return Deriver("setuptools-scm", project.location(SETUP_PY, line))
    config = read_setup_cfg(project)
    for section in ("options", "metadata"):
        if config.get(section, {}).get("use_scm_version", "").lower() in {"true", "1", "yes"}:
            return _in_setup_cfg("setuptools-scm", project, section, "use_scm_version")
    return None


def _scm_in_pyproject(project: ProjectFiles, script: SetupScript) -> Deriver | None:
    """Find setuptools-scm where it is switched on: many builds use it only to list files.

    Spec: https://setuptools-scm.readthedocs.io/en/latest/usage/
    """
    # setuptools-scm leaves a version alone that setuptools has from elsewhere; `attr:` is not one.
    static = read_setup_cfg(project).get("metadata", {}).get("version", "")
    if script.declares_version or (static and "attr" not in static):
        return None
    pyproject = project.pyproject()
    table = next((name for name in _SCM_TABLES if name in table_at(pyproject, "tool")), "")
    if table:
        line = pyproject_line(project, "tool", table)
        return Deriver("setuptools-scm", project.location(PYPROJECT, line))
    required = _required_scm(project)
    if required is None or "version" not in table_at(pyproject, "project").get("dynamic", []):
        return None
    location = project.location(PYPROJECT, pyproject_line(project, "build-system", "requires"))
    if "simple" in required.extras:
        return Deriver("setuptools-scm", location)
    if static or script.exists or "version" in table_at(pyproject, "tool", "setuptools", "dynamic"):
        return None
    return Deriver(
        "setuptools-scm",
        location,
        obstacle="setuptools-scm is required, but not switched on, so every build is 0.0.0",
        remedy="add an empty table [tool.setuptools_scm] to pyproject.toml.",
    )


def _required_scm(project: ProjectFiles) -> Requirement | None:
    requires = table_at(project.pyproject(), "build-system").get("requires", [])
    for text in requires if isinstance(requires, list) else []:
        try:
            requirement = Requirement(str(text))
        except InvalidRequirement:
            continue
        if canonicalize_name(requirement.name) == "setuptools-scm":
            return requirement
    return None


def _pbr(project: ProjectFiles, script: SetupScript) -> Deriver | None:
    value = script.keyword("pbr")
    return Deriver("pbr", project.location(SETUP_PY, value.lineno)) if value else None


def _versioneer(project: ProjectFiles, script: SetupScript) -> Deriver | None:
    """Find versioneer, whose section alone is no proof: it survives a move to another tool.

    Spec: https://github.com/python-versioneer/python-versioneer/blob/master/INSTALL.md
    """
    config = read_setup_cfg(project)
    table = table_at(project.pyproject(), "tool", "versioneer")
    settings = {**config.get("versioneer", {}), **table}
    prefix = str(settings.get("tag_prefix", "")).strip("'\"")
    line = script.line_of_call("versioneer", "get_version", "get_versions")
    if line:
        return Deriver("versioneer", project.location(SETUP_PY, line), prefix)
    version = config.get("metadata", {}).get("version", "attr")
    if not settings or script.declares_version or "attr" not in version:
        return None
    generated = project.text(str(settings.get("versionfile_source", ""))) or ""
    if "get_versions" not in generated:
        return None
    if not table:
        return _in_setup_cfg("versioneer", project, "versioneer", prefix=prefix)
    line = pyproject_line(project, "tool", "versioneer")
    return Deriver("versioneer", project.location(PYPROJECT, line), prefix)


def _git_versioning(project: ProjectFiles, script: SetupScript) -> Deriver | None:
    """Find setuptools-git-versioning, unless it is set to read a file or to ask a function.

    Spec: https://setuptools-git-versioning.readthedocs.io/en/stable/install.html
    """
    tool = "setuptools-git-versioning"
    table = table_at(project.pyproject(), "tool", tool)
    elsewhere = ("version_file", "version_callback")
    if table.get("enabled", bool(table)) and not any(table.get(key) for key in elsewhere):
        line = pyproject_line(project, "tool", tool)
        return Deriver(tool, project.location(PYPROJECT, line), "")
    value = script.keyword("setuptools_git_versioning")
    off = "enabled" in script.keywords and script.keyword("enabled") is None
    if value is None or off or any(script.keyword(key) for key in elsewhere):
        return None
    return Deriver(tool, project.location(SETUP_PY, value.lineno), "")


def _versioningit(project: ProjectFiles, _script: SetupScript) -> Deriver | None:
    return (
        versioningit(project) if "versioningit" in table_at(project.pyproject(), "tool") else None
    )


def versioningit(project: ProjectFiles) -> Deriver:
    """Describe the deriver versioningit, with the prefix that it takes off tags.

    Spec: https://versioningit.readthedocs.io/en/stable/configuration.html
    """
    step = table_at(project.pyproject(), "tool", "versioningit", "tag2version")
    line = pyproject_line(project, "tool", "versioningit")
    prefix = str(step.get("rmprefix", "v"))
    return Deriver("versioningit", project.location(PYPROJECT, line), prefix)


def _dunamai(project: ProjectFiles, script: SetupScript) -> Deriver | None:
    methods = ("Version.from_git", "Version.from_any_vcs", "Version.from_vcs")
    line = script.line_of_call("dunamai", *methods)
    return Deriver("dunamai", project.location(SETUP_PY, line)) if line else None


def _in_setup_cfg(
    tool: str, project: ProjectFiles, section: str, option: str = "", *, prefix: str = "v"
) -> Deriver:
    line = line_of_option(project.text(SETUP_CFG) or "", section, option)
    return Deriver(tool, project.location(SETUP_CFG, line), prefix)


def meson_declares_version(project: ProjectFiles) -> bool:
    """Tell whether `meson.build` holds the version as text, which meson-python then takes."""
    text = project.text("meson.build") or ""
    return bool(re.search(r"\bproject\s*\([^)]*\bversion\s*:\s*'", text))
