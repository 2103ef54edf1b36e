"""Read what setuptools is told besides `setup.py`: `setup.cfg` and tables of `pyproject.toml`.

Spec: https://setuptools.pypa.io/en/latest/userguide/pyproject_config.html and
https://setuptools.pypa.io/en/latest/userguide/declarative_config.html
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from dist_actions.errors import Location
from dist_actions.toml import line_of, refuse_byte_order_mark, table_at
from dist_actions.versions.constants.folding import Constant, find_constant
from dist_actions.versions.constants.python_module import ModuleFinder
from dist_actions.versions.project_files import (
    PYPROJECT,
    ComputedVersion,
    DeclaredVersion,
    ProjectFiles,
    has_own_backend,
    project_name,
)

SETUP_CFG, SETUP_PY = "setup.cfg", "setup.py"
#: What `tag_date` may hold to mean "no". Spec: distutils.util.strtobool
_NO = {"", "0", "no", "n", "off", "f", "false"}
#: Options of `egg_info` by which a script adds to the version: as a key, or as an attribute.
_ADDITION = re.compile(rb"\btag_(?:build|date)\b")


def uses_setuptools(project: ProjectFiles) -> bool:
    """Tell whether setuptools builds the project; it is the default where none is named."""
    backend = table_at(project.pyproject(), "build-system").get("build-backend", "setuptools")
    return str(backend).startswith("setuptools") or has_own_backend(project)


def find_addition(project: ProjectFiles) -> Location | None:
    """Find where setuptools is told to add a tag such as `.dev`, or the date, to the version."""
    if not uses_setuptools(project):
        return None
    if _adds(read_setup_cfg(project).get("egg_info", {})):
        line = line_of_option(project.text(SETUP_CFG) or "", "egg_info")
        return project.location(SETUP_CFG, line)
    keys = ("tool", "distutils", "egg_info")
    if _adds(table_at(project.pyproject(), *keys)):
        return project.location(PYPROJECT, line_of(project.text(PYPROJECT) or "", keys))
    script = project.path(SETUP_PY)
    # In bytes, because an older script may be in an encoding of its own.
    text = script.read_bytes() if script else b""
    match = next((match for match in _ADDITION.finditer(text) if _is_code(text, match)), None)
    return project.location(SETUP_PY, text.count(b"\n", 0, match.start()) + 1) if match else None


def _adds(egg_info: Mapping[str, Any]) -> bool:
    tag = egg_info.get("tag_build", egg_info.get("tag-build", ""))
    date = egg_info.get("tag_date", egg_info.get("tag-date", ""))
    return bool(str(tag).strip(" '\"")) or str(date).strip().lower() not in _NO


def _is_code(text: bytes, match: "re.Match[bytes]") -> bool:
    """Tell whether what matched does not stand in a comment."""
    return b"#" not in text[text.rfind(b"\n", 0, match.start()) + 1 : match.start()]


def module_finder(project: ProjectFiles) -> ModuleFinder:
    """Make a finder that looks for modules where setuptools would."""
    package_dir = table_at(project.pyproject(), "tool", "setuptools", "package-dir") or _mapping(
        read_setup_cfg(project).get("options", {}).get("package_dir", "")
    )
    folders = {str(package): str(folder) for package, folder in package_dir.items()}
    return ModuleFinder(project, folders)


def read_setuptools(project: ProjectFiles) -> DeclaredVersion | ComputedVersion | None:
    """Read `[tool.setuptools.dynamic] version` with `attr` or `file`, else `[metadata] version`."""
    if not uses_setuptools(project):
        return None
    if addition := find_addition(project):
        return ComputedVersion(addition, "setuptools adds a tag or the date to the version there")
    table = dynamic_version(project)
    if table is None:
        return _from_cfg(project)
    constant = _from_attr(project, table["attr"]) if "attr" in table else None
    line = line_of(project.text(PYPROJECT) or "", ("tool", "setuptools", "dynamic", "version"))
    location = project.location(PYPROJECT, line)
    constant = constant or _from_files(project, table.get("file"), location)
    return _declared(project, constant, "setuptools") or _computed(location, table)


def dynamic_version(project: ProjectFiles) -> Mapping[str, Any] | None:
    """Find the table `version` of `[tool.setuptools.dynamic]`, which wins over all other places."""
    table = table_at(project.pyproject(), "tool", "setuptools", "dynamic").get("version")
    return table if isinstance(table, dict) else None


def _from_cfg(project: ProjectFiles) -> DeclaredVersion | ComputedVersion | None:
    version = read_setup_cfg(project).get("metadata", {}).get("version", "").strip()
    if not version:
        return None
    line = line_of_option(project.text(SETUP_CFG) or "", "metadata", "version")
    location = project.location(SETUP_CFG, line)
    kind, _, value = version.partition(":")
    constant: Constant | None = Constant(version, location)
    if kind == "attr":
        constant = _from_attr(project, value.strip())
    elif kind == "file":
        files = [part.strip() for part in value.split(",")]
        constant = _from_files(project, files, location)
    return _declared(project, constant, "setup.cfg") or _computed(location, {kind: value.strip()})


def _computed(location: Location, source: Mapping[str, Any]) -> ComputedVersion:
    named = ", ".join(f"{kind} {value}" for kind, value in source.items())
    return ComputedVersion(location, f"{named or 'what it names'} is no constant")


def _from_attr(project: ProjectFiles, attr: Any) -> Constant | None:
    module_name, _, name = str(attr).strip().rpartition(".")
    module = module_finder(project).find(module_name or "__init__")
    constant = find_constant(module, name) if module else None
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


def _declared(
    project: ProjectFiles, constant: Constant | None, source: str
) -> DeclaredVersion | None:
    if not constant or not isinstance(constant.value, (str, int)) or "\n" in str(constant.value):
        return None
    name = project_name(project) or read_setup_cfg(project).get("metadata", {}).get("name", "")
    return DeclaredVersion(name.strip(), str(constant.value), source, constant.location)


def _mapping(text: str) -> dict[str, str]:
    """Parse `= src` and `package = folder`, one a line or separated by commas."""
    parts = (part.partition("=") for line in text.splitlines() for part in line.split(","))
    return {key.strip(): value.strip() for key, equals, value in parts if equals}


def read_setup_cfg(project: ProjectFiles) -> Mapping[str, Mapping[str, str]]:
    """Read the sections of `setup.cfg`; empty where there is none, or it cannot be parsed.

    Raises:
        InputError: It is not UTF-8, begins with a byte order mark, is very large, or outside the
            repository.
    """
    text, location = project.text(SETUP_CFG) or "", project.location(SETUP_CFG)
    refuse_byte_order_mark(text, location, "setuptools does not find the first section then.")
    return _parse_setup_cfg(text)


def line_of_option(text: str, section: str, option: str = "") -> int:
    """Find the line of an option, or of its section, from 1; 0 where there is none."""
    inside = False
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith("["):
            inside = line.partition("]")[0] == f"[{section}"
            if inside and not option:
                return number
        elif inside and line.partition("=")[0].strip().lower() == option:
            return number
    return 0


@lru_cache(maxsize=4)
def _parse_setup_cfg(text: str) -> Mapping[str, Mapping[str, str]]:
    if not text:
        return {}
    import configparser  # noqa: PLC0415 - few projects have this file

    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(text)
    except configparser.Error:
        return {}
    return {section: dict(parser.items(section)) for section in parser.sections()}
