"""What setuptools is told besides `setup.py`: `setup.cfg` and its tables in `pyproject.toml`.

Spec: https://setuptools.pypa.io/en/latest/userguide/pyproject_config.html and
https://setuptools.pypa.io/en/latest/userguide/declarative_config.html
"""

from collections.abc import Mapping, Sequence
from typing import Any

from dist_actions.errors import Location
from dist_actions.toml import line_of, table_at
from dist_actions.versions.constants.python_module import Constant, ModuleFinder
from dist_actions.versions.project_files import (
    PYPROJECT,
    DeclaredVersion,
    ProjectFiles,
    project_name,
)
from dist_actions.versions.setuptools.setup_cfg import SETUP_CFG, line_of_option, read_setup_cfg

#: What `tag_date` may hold to mean "no". Spec: distutils.util.strtobool
_NO = {"", "0", "no", "n", "off", "f", "false"}


def uses_setuptools(project: ProjectFiles) -> bool:
    """Whether setuptools builds the project; it is the default where none is named."""
    backend = table_at(project.pyproject(), "build-system").get("build-backend", "setuptools")
    return str(backend).startswith("setuptools") or "backend-path" in table_at(
        project.pyproject(), "build-system"
    )


def builds_another_version(project: ProjectFiles) -> bool:
    """Whether setuptools would add a tag such as `.dev` or the date to the version."""
    if not uses_setuptools(project):
        return False
    told: list[Mapping[str, Any]] = [
        read_setup_cfg(project).get("egg_info", {}),
        table_at(project.pyproject(), "tool", "distutils", "egg_info"),
    ]
    for table in told:
        tag = table.get("tag_build", table.get("tag-build", ""))
        date = table.get("tag_date", table.get("tag-date", ""))
        if str(tag).strip(" '\"") or str(date).strip().lower() not in _NO:
            return True
    return False


def module_finder(project: ProjectFiles) -> ModuleFinder:
    """Finds the project's modules where setuptools would."""
    told = table_at(project.pyproject(), "tool", "setuptools", "package-dir") or _mapping(
        read_setup_cfg(project).get("options", {}).get("package_dir", "")
    )
    folders = {str(package): str(folder) for package, folder in told.items()}
    return ModuleFinder(project, folders)


def read_setuptools(project: ProjectFiles) -> DeclaredVersion | None:
    """`[tool.setuptools.dynamic] version` with `attr` or `file`, else `[metadata] version`."""
    if not uses_setuptools(project) or builds_another_version(project):
        return None
    told = table_at(project.pyproject(), "tool", "setuptools", "dynamic").get("version")
    if isinstance(told, dict):
        found = _from_attr(project, told["attr"]) if "attr" in told else None
        text = project.text(PYPROJECT) or ""
        line = line_of(text, ("tool", "setuptools", "dynamic", "version"))
        found = found or _from_files(project, told.get("file"), project.location(PYPROJECT, line))
        return _declared(project, found, "setuptools")
    return _from_cfg(project)


def _from_cfg(project: ProjectFiles) -> DeclaredVersion | None:
    written = read_setup_cfg(project).get("metadata", {}).get("version", "").strip()
    line = line_of_option(project.text(SETUP_CFG) or "", "metadata", "version")
    location = project.location(SETUP_CFG, line)
    kind, _, value = written.partition(":")
    if kind == "attr":
        return _declared(project, _from_attr(project, value.strip()), "setup.cfg")
    if kind == "file":
        files = [part.strip() for part in value.split(",")]
        return _declared(project, _from_files(project, files, location), "setup.cfg")
    return _declared(project, Constant(written, location), "setup.cfg") if written else None


def _from_attr(project: ProjectFiles, attr: Any) -> Constant | None:
    module, _, name = str(attr).strip().rpartition(".")
    found = module_finder(project).find(module or "__init__")
    constant = found.constant(name) if found else None
    if constant and isinstance(constant.value, tuple):
        return Constant(".".join(map(str, constant.value)), constant.location)
    return constant


def _from_files(project: ProjectFiles, files: Any, location: Location) -> Constant | None:
    names: Sequence[Any] = [files] if isinstance(files, str) else files or []
    texts = [project.text(name) for name in names if isinstance(name, str)]
    if not texts or None in texts:
        return None
    where = project.location(names[0], 1) if len(texts) == 1 else location
    return Constant("\n".join(text or "" for text in texts).strip(), where)


def _declared(project: ProjectFiles, found: Constant | None, source: str) -> DeclaredVersion | None:
    if not found or not isinstance(found.value, (str, int)) or "\n" in str(found.value):
        return None
    name = project_name(project) or read_setup_cfg(project).get("metadata", {}).get("name", "")
    return DeclaredVersion(name.strip(), str(found.value), source, found.location)


def _mapping(text: str) -> dict[str, str]:
    """`= src` and `package = folder`, one a line or separated by commas."""
    parts = (part.partition("=") for line in text.splitlines() for part in line.split(","))
    return {key.strip(): value.strip() for key, equals, value in parts if equals}
