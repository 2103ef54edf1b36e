"""The version that `setup.py` passes to `setup()`, read from its syntax tree."""

import ast
import posixpath

from packaging.version import InvalidVersion, Version

from dist_actions.versions.constants.python_module import Constant, PythonModule
from dist_actions.versions.project_files import DeclaredVersion, ProjectFiles, project_name
from dist_actions.versions.setuptools.configuration import (
    builds_another_version,
    module_finder,
    uses_setuptools,
)
from dist_actions.versions.setuptools.setup_cfg import read_setup_cfg

SETUP_PY = "setup.py"


def read_setup_py(project: ProjectFiles) -> DeclaredVersion | None:
    """The keyword `version` of the only call of `setup()`; None where it is no constant.

    Spec: https://setuptools.pypa.io/en/latest/references/keywords.html
    """
    if not uses_setuptools(project) or builds_another_version(project):
        return None
    module = module_finder(project).parse(SETUP_PY)
    keywords = keywords_of_setup(module) if module else {}
    if not module or "version" not in keywords:
        return None
    value = keywords["version"]
    found = module.fold(value) or _only_file(module, value)
    if not found or not isinstance(found.value, str) or "\n" in found.value.strip():
        return None
    return DeclaredVersion(find_name(project), found.value, "setup.py", found.location)


def keywords_of_setup(module: PythonModule) -> dict[str, ast.expr]:
    """What the only call of `setup()` is given by keyword; empty where there are more calls."""
    calls = [
        node
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "setup"
    ]
    if len(calls) != 1:
        return {}
    keywords: dict[str, ast.expr] = {}
    for keyword in calls[0].keywords:
        given = {keyword.arg: keyword.value} if keyword.arg else _entries(module, keyword.value)
        if given is None:
            return {}
        keywords.update(given)
    return keywords


def _entries(module: PythonModule, node: ast.expr) -> dict[str, ast.expr] | None:
    """The entries of `**arguments`; None where they are not all in one place."""
    if isinstance(node, ast.Name):
        bound = module.bindings(node.id)
        value = bound[0].value if len(bound) == 1 and isinstance(bound[0], ast.Assign) else None
        if value is None or _sets_version_later(module, node.id):
            return None
        node = value
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "dict" and not node.args:
        return {one.arg: one.value for one in node.keywords if one.arg}
    if isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        return {str(key.value): one for key, one in pairs if isinstance(key, ast.Constant)}
    return None


def _sets_version_later(module: PythonModule, name: str) -> bool:
    """Whether `arguments["version"] = …` or `arguments.update(…)` stands anywhere."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            same = isinstance(node.value, ast.Name) and node.value.id == name
            if same and ast.unparse(node.slice) in {"'version'", '"version"'}:
                return True
        if isinstance(node, ast.Attribute) and node.attr == "update":
            text = ast.unparse(node.value)
            if text == name and "version" in _text_of_calls(module, node):
                return True
    return False


def _text_of_calls(module: PythonModule, function: ast.Attribute) -> str:
    calls = (node for node in ast.walk(module.tree) if isinstance(node, ast.Call))
    return " ".join(ast.unparse(node) for node in calls if node.func is function)


def _only_file(module: PythonModule, node: ast.expr) -> Constant | None:
    """`read("VERSION").strip()` or `find_version("src", "sample.py")`, whatever these do.

    It is the file that the only texts in the expression name, where that holds a version alone,
    or a constant `__version__`.
    """
    if isinstance(node, ast.Name):
        bound = module.bindings(node.id)
        if len(bound) != 1 or not isinstance(bound[0], ast.Assign):
            return None
        node = bound[0].value
    texts = [one.value for one in ast.walk(node) if isinstance(one, ast.Constant)]
    parts = [text for text in texts if isinstance(text, str)]
    if isinstance(node, ast.Constant) or not parts or len(parts) != len(texts):
        return None
    file = posixpath.normpath(posixpath.join(*parts))
    if file.endswith(".py"):
        found = module.finder.parse(file)
        return found.constant("__version__") if found else None
    project = module.finder.project
    text = (project.text(file) or "").strip()
    try:
        Version(text)
    except InvalidVersion:
        return None
    return Constant(text, project.location(file, 1))


def find_name(project: ProjectFiles) -> str:
    """The project's name in `pyproject.toml`, `setup.cfg` or `setup.py`; empty where none is."""
    told = project_name(project) or read_setup_cfg(project).get("metadata", {}).get("name", "")
    module = None if told else module_finder(project).parse(SETUP_PY)
    written = keywords_of_setup(module).get("name") if module else None
    found = module.fold(written) if module and written else None
    return str(found.value) if found else told.strip()
