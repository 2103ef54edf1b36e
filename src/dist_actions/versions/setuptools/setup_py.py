"""Read what `setup.py` passes to `setup()`, from its syntax tree; nothing of it runs."""

import ast
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from dist_actions.versions.constants.folding import Constant, find_constant, fold
from dist_actions.versions.constants.python_module import PythonModule
from dist_actions.versions.parsing import parse_version
from dist_actions.versions.project_files import (
    ComputedVersion,
    DeclaredVersion,
    ProjectFiles,
    project_name,
)
from dist_actions.versions.setuptools.configuration import (
    SETUP_PY,
    dynamic_version,
    find_addition,
    module_finder,
    read_setup_cfg,
    uses_setuptools,
)


def read_setup_py(project: ProjectFiles) -> DeclaredVersion | ComputedVersion | None:
    """Read the keyword `version` of the only call of `setup()`.

    Spec: https://setuptools.pypa.io/en/latest/references/keywords.html
    """
    if not uses_setuptools(project) or find_addition(project):
        return None
    script = SetupScript.of(project)
    constant = script.constant("version") or script.constant_of_only_file("version")
    if constant and isinstance(constant.value, str) and "\n" not in constant.value.strip():
        return DeclaredVersion(find_name(project), constant.value, "setup.py", constant.location)
    if dynamic_version(project) is not None:
        return None  # which wins over whatever the script works out
    if script.exists and script.module is None:
        return ComputedVersion(project.location(SETUP_PY), "it is not in this Python's syntax")
    line = script.line_of_version
    how = "what setup() gets as the version is no constant"
    return ComputedVersion(project.location(SETUP_PY, line), how) if line else None


def find_name(project: ProjectFiles) -> str:
    """Find the project's name in `pyproject.toml`, `setup.cfg` or `setup.py`; empty without one."""
    name = project_name(project) or read_setup_cfg(project).get("metadata", {}).get("name", "")
    constant = None if name else SetupScript.of(project).constant("name")
    return str(constant.value) if constant else name.strip()


@dataclass(frozen=True)
class SetupScript:
    """A project's `setup.py`.

    Attributes:
        module: The parsed file; None where there is none, or where it does not parse.
        exists: Whether there is such a file.
    """

    module: PythonModule | None
    exists: bool

    @classmethod
    def of(cls, project: ProjectFiles) -> "SetupScript":
        """Read a project's `setup.py`.

        Raises:
            InputError: It is very large, or outside the repository.
        """
        # Where it does not parse, whoever runs it gets the better message.
        module = module_finder(project).parse(SETUP_PY)
        return cls(module, module is not None or project.path(SETUP_PY) is not None)

    @cached_property
    def arguments(self) -> dict[str, ast.expr]:
        """Collect what the only call of `setup()` is given by keyword; empty with more calls.

        What stands in the call itself cannot be given by `**` too, so it is certain.
        """
        arguments: dict[str, ast.expr] = {}
        for keyword in self._keywords_of_call:
            entries = {keyword.arg: keyword.value} if keyword.arg else self._entries(keyword.value)
            arguments.update(entries or {})
        return arguments

    @property
    def _has_all_arguments(self) -> bool:
        """Tell whether the only call is given nothing beside `arguments`."""
        unnamed = [keyword.value for keyword in self._keywords_of_call if not keyword.arg]
        return bool(self.arguments) and all(self._entries(value) is not None for value in unnamed)

    @property
    def _keywords_of_call(self) -> list[ast.keyword]:
        calls = self._calls_of_setup
        return calls[0].keywords if len(calls) == 1 else []

    def constant(self, name: str) -> Constant | None:
        """Work out an argument of `setup()`; None where it is missing, or is no constant."""
        value = self.arguments.get(name)
        return fold(self.module, value) if self.module and value else None

    def constant_of_only_file(self, name: str) -> Constant | None:
        """Work out an argument such as `read("VERSION").strip()`, whatever `read` does.

        It is the file that the only texts in the expression name, where that holds a version
        alone, or a constant `__version__`.
        """
        node = self.arguments.get(name)
        if isinstance(node, ast.Name):
            node = self._only_value(node.id)
        if self.module is None or node is None or isinstance(node, ast.Constant):
            return None
        texts = [part.value for part in ast.walk(node) if isinstance(part, ast.Constant)]
        parts = [text for text in texts if isinstance(text, str)]
        if not parts or len(parts) != len(texts):
            return None
        file = posixpath.normpath(posixpath.join(*parts))
        if file.endswith(".py"):
            module = self.module.finder.parse(file)
            return find_constant(module, "__version__") if module else None
        return _version_in_file(self.module.finder.project, file)

    @cached_property
    def keywords(self) -> dict[str, ast.expr]:
        """Collect keywords of all calls, and keys of dictionaries that could become keywords."""
        return dict(self._keywords())

    def keyword(self, name: str) -> ast.expr | None:
        """Find the value of any such keyword; None where it is missing, or says no."""
        value = self.keywords.get(name)
        refused = isinstance(value, ast.Constant) and not value.value
        return None if refused else value

    @property
    def declares_version(self) -> bool:
        """Tell whether the call of `setup()` itself is given a version, however it gets it."""
        versions = (
            {keyword.arg: keyword.value for keyword in call.keywords}.get("version")
            for call in self._calls_of_setup
        )
        return any(
            value and not (isinstance(value, ast.Constant) and value.value is None)
            for value in versions
        )

    @property
    def line_of_version(self) -> int:
        """Find the line of what `setup()` gets as its version, perhaps by `**`; 0 for nothing."""
        if not self.declares_version and (self._has_all_arguments or not self._calls_of_setup):
            return 0
        value = self.keyword("version")
        return value.lineno if value else 0

    def line_of_call(self, module: str, *functions: str) -> int:
        """Find the line of the first call of one of a module's functions, from 1; 0 for none.

        Args:
            functions: Their names; `Class.method` for a method.
        """
        names = self._names_of(module, functions)
        calls = (node for node in self._nodes() if isinstance(node, ast.Call))
        return min((node.lineno for node in calls if _dotted(node.func) in names), default=0)

    def _nodes(self) -> Iterator[ast.AST]:
        return ast.walk(self.module.tree) if self.module else iter(())

    @property
    def _calls_of_setup(self) -> list[ast.Call]:
        calls = (node for node in self._nodes() if isinstance(node, ast.Call))
        return [call for call in calls if _dotted(call.func).rpartition(".")[2] == "setup"]

    def _entries(self, node: ast.expr) -> dict[str, ast.expr] | None:
        """List the entries of `**arguments`; None where they are not all in one place."""
        if isinstance(node, ast.Name):
            value = self._only_value(node.id)
            if value is None or self._sets_version_later(node.id):
                return None
            node = value
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "dict" and not node.args:
            return {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
        if isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            return {str(key.value): value for key, value in pairs if isinstance(key, ast.Constant)}
        return None

    def _only_value(self, name: str) -> ast.expr | None:
        """Find the expression that is assigned to a name once; None for any other name."""
        bindings = self.module.bindings(name) if self.module else []
        binding = bindings[0] if len(bindings) == 1 else None
        return binding.value if isinstance(binding, ast.Assign) else None

    def _sets_version_later(self, name: str) -> bool:
        """Tell whether `arguments["version"] = …` or `arguments.update(…)` stands anywhere."""
        for node in self._nodes():
            if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
                same = isinstance(node.value, ast.Name) and node.value.id == name
                if same and ast.unparse(node.slice) in {"'version'", '"version"'}:
                    return True
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                is_update = node.func.attr == "update" and ast.unparse(node.func.value) == name
                if is_update and "version" in ast.unparse(node):
                    return True
        return False

    def _keywords(self) -> Iterator[tuple[str, ast.expr]]:
        for node in self._nodes():
            if isinstance(node, ast.keyword) and node.arg:
                yield node.arg, node.value
            elif isinstance(node, ast.Dict):
                for key, value in zip(node.keys, node.values, strict=True):
                    if isinstance(key, ast.Constant) and isinstance(key.value, str):
                        yield key.value, value
            elif isinstance(node, ast.Assign):
                for target in node.targets:
                    if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
                        yield str(target.slice.value), node.value

    def _names_of(self, module: str, functions: tuple[str, ...]) -> set[str]:
        """List how the functions are written in this file, given its imports."""
        # Also without an import: some load such a module by hand, under its own name.
        names = {f"{module}.{function}" for function in functions}
        for node in self._nodes():
            if isinstance(node, ast.Import):
                aliases = [name.asname or name.name for name in node.names if name.name == module]
                names |= {f"{alias}.{function}" for alias in aliases for function in functions}
            elif isinstance(node, ast.ImportFrom) and node.module == module:
                aliases_of = {name.name: name.asname or name.name for name in node.names}
                for function in functions:
                    head, dot, method = function.partition(".")
                    if head in aliases_of:
                        names.add(f"{aliases_of[head]}{dot}{method}")
        return names


def _version_in_file(project: ProjectFiles, file: str) -> Constant | None:
    text = (project.text(file) or "").strip()
    return Constant(text, project.location(file, 1)) if parse_version(text) else None


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""
