"""What a `setup.py` says of where the version comes from; nothing of it runs."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from dist_actions.versions.constants.python_module import ModuleFinder
from dist_actions.versions.project_files import ProjectFiles

SETUP_PY = "setup.py"


@dataclass(frozen=True)
class SetupScript:
    """A `setup.py`, as a syntax tree; without one, or where it does not parse, an empty tree.

    Attributes:
        exists: Whether there is such a file.
    """

    exists: bool = False
    tree: ast.Module = field(default_factory=lambda: ast.Module([], []), repr=False)

    @classmethod
    def of(cls, project: ProjectFiles) -> "SetupScript":
        """Read a project's `setup.py`.

        Raises:
            InputError: It is very large, or outside the repository.
        """
        module = ModuleFinder(project).parse(SETUP_PY)
        # Where it does not parse, whoever runs it gets the better message.
        return cls(True, module.tree) if module else cls(project.path(SETUP_PY) is not None)

    @cached_property
    def keywords(self) -> dict[str, ast.expr]:
        """Values by keyword of calls, and by key of dictionaries that could become keywords."""
        return dict(self._keywords())

    def keyword(self, name: str) -> ast.expr | None:
        """The value of a keyword; None where it is missing, or says no."""
        value = self.keywords.get(name)
        refused = isinstance(value, ast.Constant) and not value.value
        return None if refused else value

    @property
    def declares_version(self) -> bool:
        """Whether the call of `setup()` itself is given a version, however it gets it."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call) and _dotted(node.func).rpartition(".")[2] == "setup":
                given = {one.arg: one.value for one in node.keywords}
                value = given.get("version")
                if value and not (isinstance(value, ast.Constant) and value.value is None):
                    return True
        return False

    def calls(self, module: str, *functions: str) -> int:
        """The line of the first call of one of a module's functions, from 1; 0 for none.

        Args:
            module: As it is imported.
            functions: Their names; `Class.method` for a method.
        """
        names = self._names_of(module, functions)
        called = (node for node in ast.walk(self.tree) if isinstance(node, ast.Call))
        lines = (node.lineno for node in called if _dotted(node.func) in names)
        return min(lines, default=0)

    def _keywords(self) -> Iterator[tuple[str, ast.expr]]:
        for node in ast.walk(self.tree):
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
        """How the functions are written in this file, given its imports."""
        # Also without an import: some load such a module by hand, under its own name.
        names = {f"{module}.{function}" for function in functions}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                aliases = [one.asname or one.name for one in node.names if one.name == module]
                names |= {f"{alias}.{function}" for alias in aliases for function in functions}
            elif isinstance(node, ast.ImportFrom) and node.module == module:
                aliases_of = {one.name: one.asname or one.name for one in node.names}
                for function in functions:
                    head, dot, method = function.partition(".")
                    if head in aliases_of:
                        names.add(f"{aliases_of[head]}{dot}{method}")
        return names


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""
