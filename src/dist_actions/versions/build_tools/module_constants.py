"""Backends whose settings lead to a `__version__` in a module: flit and pdm-backend.

Spec: https://flit.pypa.io/en/stable/pyproject_toml.html#version-and-description and
https://backend.pdm-project.org/metadata/#dynamic-project-version
"""

from dist_actions.toml import table_at
from dist_actions.versions.constants.python_module import ModuleFinder, PythonModule
from dist_actions.versions.project_files import DeclaredVersion, ProjectFiles, project_name


def read_flit(project: ProjectFiles) -> DeclaredVersion | None:
    """`__version__` of the module that flit packs."""
    pyproject = project.pyproject()
    backend = str(table_at(pyproject, "build-system").get("build-backend", ""))
    if not backend.startswith("flit"):
        return None
    old = table_at(pyproject, "tool", "flit", "metadata")
    told = table_at(pyproject, "tool", "flit", "module").get("name") or old.get("module")
    name = project_name(project) or str(old.get("dist-name") or told or "")
    module = ModuleFinder(project).find(str(told or name.replace("-", "_")))
    return _declared(module, name, "flit")


def read_pdm(project: ProjectFiles) -> DeclaredVersion | None:
    """`[tool.pdm.version]` with the source `file`, in older projects `from`."""
    told = table_at(project.pyproject(), "tool", "pdm", "version")
    path = told.get("path") if told.get("source") == "file" else told.get("from")
    if not isinstance(path, str):
        return None
    return _declared(ModuleFinder(project).parse(path), project_name(project), "pdm")


def _declared(module: PythonModule | None, name: str, source: str) -> DeclaredVersion | None:
    found = module.constant("__version__") if module else None
    if not found or not isinstance(found.value, str):
        return None
    return DeclaredVersion(name, found.value, source, found.location)
