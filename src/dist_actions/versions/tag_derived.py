"""Find the tool that derives a project's version from git tags, and refuse what it cannot do."""

from collections.abc import Callable, Mapping
from typing import Any

from dist_actions.errors import InputError
from dist_actions.toml import line_of, parse_toml, table_at
from dist_actions.versions.derivers import Deriver
from dist_actions.versions.project_files import ProjectFiles
from dist_actions.versions.setuptools.derivers import (
    find_in_setup,
    meson_declares_version,
    pyproject_line,
    versioningit,
)

#: Backends with no part in setuptools: its tables and files mean nothing to them.
_OWN_BACKENDS = ("flit_core", "maturin", "uv_build", "whey", "sipbuild")
#: Providers of scikit-build-core and of others that read `[[tool.dynamic-metadata]]`.
_PROVIDERS = {
    "scikit_build_core.metadata.setuptools_scm": "setuptools-scm",
    "vcs_versioning": "setuptools-scm",
    "setuptools_git_versioning.dynamic_metadata": "setuptools-git-versioning",
    "setuptools_git_versioning.scikit_metadata": "setuptools-git-versioning",
}


def find_deriver(project: ProjectFiles) -> Deriver | None:
    """Find the tool that derives the project's version; None where the version stands in its files.

    A tool counts only where it decides the version of a build: many projects require
    setuptools-scm for its list of files alone, or keep tables of tools that they left.

    Raises:
        InputError: A file is not UTF-8 or not TOML.
    """
    pyproject = project.pyproject()
    if isinstance(table_at(pyproject, "project").get("version"), str):
        return None  # build backends then leave it alone
    backend = str(table_at(pyproject, "build-system").get("build-backend", ""))
    readers: Mapping[str, Callable[[ProjectFiles], Deriver | None]] = {
        "hatchling": _hatch,
        "pdm.": _pdm,
        "poetry": _poetry,
        "flit_scm": _flit_scm,
        "scikit_build_core": _scikit_build,
        "pbr": _pbr_backend,
        "mesonpy": _meson,
        **dict.fromkeys(_OWN_BACKENDS, _none),
    }
    unnamed = _poetry if not backend and table_at(pyproject, "tool", "poetry") else find_in_setup
    reader = next((readers[name] for name in readers if backend.startswith(name)), unnamed)
    return reader(project)


def refuse_derived(deriver: Deriver) -> InputError:
    """Explain why a version that is derived from tags cannot be tagged."""
    if deriver.obstacle:
        return _refuse_untellable(deriver)
    return InputError(
        f"{deriver.location}: {deriver.tool} derives the version from git tags.",
        why="auto-tag makes the tag from the version, so there is nothing to start from.",
        fix="let auto-tag propose it (bump: conventional or patch), give it as the "
        'input version, or declare it, such as version = "1.4.0" in pyproject.toml.',
        location=deriver.location,
        anchor="derived-version",
    )


def require_tellable(deriver: Deriver) -> None:
    """Refuse a tool that would not build the version that it is told.

    Raises:
        InputError: It has an obstacle.
    """
    if deriver.obstacle:
        raise _refuse_untellable(deriver)


def _refuse_untellable(deriver: Deriver) -> InputError:
    return InputError(
        f"{deriver.location}: {deriver.tool} cannot be told the version of a tag.",
        why=f"{deriver.obstacle}.",
        fix=deriver.remedy,
        location=deriver.location,
        anchor="derived-version",
    )


def _hatch(project: ProjectFiles) -> Deriver | None:
    """Read `source` of `[tool.hatch.version]`, or of `[version]` in `hatch.toml`.

    Spec: https://hatch.pypa.io/latest/intro/#existing-project
    """
    pyproject, name = project.pyproject(), "pyproject.toml"
    keys: tuple[str, ...] = ("tool", "hatch", "version", "source")
    version = table_at(pyproject, *keys[:-1])
    hatch = parse_toml(project.text("hatch.toml") or "", project.location("hatch.toml"))
    if "version" in hatch:
        version, name, keys = table_at(hatch, "version"), "hatch.toml", ("version", "source")
    location = project.location(name, line_of(project.text(name) or "", keys))
    source = version.get("source")
    if source == "vcs":
        return Deriver("hatch-vcs", location)
    if source == "uv-dynamic-versioning" and not _from_file(pyproject, "uv-dynamic-versioning"):
        return Deriver("uv-dynamic-versioning", location)
    return versioningit(project) if source == "versioningit" else None


def _pdm(project: ProjectFiles) -> Deriver | None:
    """Read `source` of `[tool.pdm.version]`; pdm-pep517 called it `use_scm`.

    Spec: https://backend.pdm-project.org/metadata/#dynamic-project-version
    """
    version = table_at(project.pyproject(), "tool", "pdm", "version")
    if version.get("source") != "scm" and version.get("use_scm") is not True:
        return None
    keys = ("tool", "pdm", "version")
    line = pyproject_line(project, *keys, "source") or pyproject_line(project, *keys)
    return Deriver("pdm-backend", project.location("pyproject.toml", line))


def _poetry(project: ProjectFiles) -> Deriver | None:
    """Find the plugin where it is switched on; only its own backend runs it.

    Spec: https://github.com/mtkennerly/poetry-dynamic-versioning#configuration
    """
    tool, pyproject = "poetry-dynamic-versioning", project.pyproject()
    if table_at(pyproject, "tool", tool).get("enable") is not True or _from_file(pyproject, tool):
        return None
    location = project.location("pyproject.toml", pyproject_line(project, "tool", tool, "enable"))
    backend = str(table_at(pyproject, "build-system").get("build-backend") or "setuptools")
    if backend.startswith("poetry_dynamic_versioning"):
        return Deriver(tool, location)
    return Deriver(
        tool,
        location,
        obstacle=f"the build backend is {backend}, which builds the placeholder instead",
        remedy='write build-backend = "poetry_dynamic_versioning.backend", and require '
        "poetry-dynamic-versioning there.",
    )


def _flit_scm(project: ProjectFiles) -> Deriver:
    line = pyproject_line(project, "build-system", "build-backend")
    return Deriver("flit-scm", project.location("pyproject.toml", line))


def _scikit_build(project: ProjectFiles) -> Deriver | None:
    """Find a provider for the version; or ask setuptools, which one of its backends drives.

    Spec: https://scikit-build-core.readthedocs.io/en/latest/configuration/dynamic.html
    """
    pyproject = project.pyproject()
    tool = table_at(pyproject, "tool")
    entries = tool.get("dynamic-metadata", [])
    names = [
        entry.get("provider")
        for entry in (entries if isinstance(entries, list) else [])
        if isinstance(entry, dict) and entry.get("field", "version") == "version"
    ]
    names.append(table_at(tool, "scikit-build", "metadata", "version").get("provider"))
    provider = next((_PROVIDERS[str(name)] for name in names if str(name) in _PROVIDERS), "")
    if not provider:
        drives = "setuptools" in str(table_at(pyproject, "build-system").get("build-backend"))
        return find_in_setup(project) if drives else None
    keys = ("tool", "scikit-build", "metadata", "version", "provider")
    line = pyproject_line(project, *keys) or pyproject_line(project, "tool", "dynamic-metadata")
    return Deriver(provider, project.location("pyproject.toml", line), "")


def _pbr_backend(project: ProjectFiles) -> Deriver | None:
    line = pyproject_line(project, "build-system", "build-backend")
    return Deriver("pbr", project.location("pyproject.toml", line))


def _meson(project: ProjectFiles) -> Deriver | None:
    return None if meson_declares_version(project) else find_in_setup(project)


def _none(_project: ProjectFiles) -> None:
    return None


def _from_file(pyproject: Mapping[str, Any], tool: str) -> bool:
    """Tell whether a tool of the dunamai family is set to read a file instead of git."""
    return bool(table_at(pyproject, "tool", tool, "from-file").get("source"))
