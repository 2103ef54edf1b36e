"""Constants of a Python module, worked out from its syntax tree: nothing is imported or run.

What is not certainly a constant is not answered: a name that is bound twice, under a condition,
or by code that is more than text, numbers and other such names.
"""

import ast
import posixpath
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from dist_actions.errors import Location
from dist_actions.versions.project_files import ProjectFiles

#: Names that may be looked up for one answer; a chain of constants is short.
_LIMIT_LOOKUPS = 40
#: Scopes of their own: what they bind is not the module's.
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


@dataclass(frozen=True)
class Constant:
    """A value and where it is written: text, a whole number, or a tuple of these."""

    value: object
    location: Location


@dataclass(frozen=True)
class ModuleFinder:
    """Finds and parses the modules of a project.

    Attributes:
        folders: Where packages lie if not beside `pyproject.toml`: package → folder, with the
            empty name for all others, as in setuptools' `package-dir`.
    """

    project: ProjectFiles
    folders: Mapping[str, str] = field(default_factory=dict)

    def find(self, name: str) -> "PythonModule | None":
        """The module with this dotted name; None where there is none, or there are two."""
        files = [
            file
            for folder in self._candidates(name)
            for file in (f"{folder}.py", f"{folder}/__init__.py")
            if self.project.path(file)
        ]
        return self.parse(files[0]) if len(set(files)) == 1 else None

    def parse(self, file: str) -> "PythonModule | None":
        """A module by its file; None where it is missing, or is not this Python's syntax."""
        path = self.project.path(file)
        if path is None:
            return None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                return PythonModule(self, file, ast.parse(path.read_bytes()))
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                return None

    def _candidates(self, name: str) -> list[str]:
        parts = name.split(".")
        for length in range(len(parts), 0, -1):
            folder = self.folders.get(".".join(parts[:length]))
            if folder is not None:
                return [posixpath.normpath(posixpath.join(folder, *parts[length:]))]
        roots = [self.folders[""]] if "" in self.folders else ["", "src"]
        return [posixpath.normpath(posixpath.join(root, *parts)) for root in roots]


@dataclass(frozen=True)
class PythonModule:
    """One parsed module.

    Attributes:
        file: Its path below the project's folder.
    """

    finder: ModuleFinder
    file: str
    tree: ast.Module = field(repr=False)

    def constant(self, name: str) -> Constant | None:
        """The constant that the module binds to a name, here or by an import it is led to."""
        from dist_actions.versions.constants.folding import Folding  # noqa: PLC0415 - a cycle

        try:
            return Folding(_LIMIT_LOOKUPS).constant(self, name)
        except RecursionError:
            return None

    def fold(self, node: ast.expr) -> Constant | None:
        """The value of an expression in this module."""
        from dist_actions.versions.constants.folding import Folding  # noqa: PLC0415 - a cycle

        try:
            return Folding(_LIMIT_LOOKUPS).fold(self, node)
        except RecursionError:
            return None

    def location(self, node: ast.AST) -> Location:
        """Where a node stands in the repository."""
        return self.finder.project.location(self.file, getattr(node, "lineno", 0))

    def bindings(self, name: str) -> list[ast.AST]:
        """The statements that bind a name of the module, or might."""
        return [node for node in _module_scope(self.tree) if name in _bound_names(node)]

    def binds_for_certain(self, node: ast.AST) -> bool:
        """Whether a statement stands at the top, or in a `with` there: it always runs."""
        pending: list[ast.AST] = list(self.tree.body)
        while pending:
            one = pending.pop()
            if one is node:
                return True
            if isinstance(one, ast.With):
                pending.extend(one.body)
        return False

    def imported(self, node: ast.Import | ast.ImportFrom, name: str) -> "PythonModule | None":
        """The module that an import leads to for a name it binds."""
        if isinstance(node, ast.Import):
            original = next(a.name for a in node.names if name in (a.asname, a.name))
            return self.finder.find(original)
        if not node.level:
            return self.finder.find(node.module or "")
        folder = posixpath.dirname(self.file)
        for _ in range(node.level - 1):
            folder = posixpath.join(folder, "..")
        inside = posixpath.join(folder, *(node.module or "").split("."))
        inside = posixpath.normpath(inside)
        for file in (f"{inside}.py", posixpath.join(inside, "__init__.py")):
            if self.finder.project.path(file):
                return self.finder.parse(file)
        return None


def _module_scope(tree: ast.AST) -> Iterator[ast.AST]:
    """All nodes but those of functions and classes."""
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        yield node
        if isinstance(node, _SCOPES):
            # A function may still bind a name of the module, if it says so.
            yield from (inner for inner in ast.walk(node) if isinstance(inner, ast.Global))
        else:
            pending.extend(ast.iter_child_nodes(node))


def _bound_names(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, (ast.AnnAssign, ast.AugAssign, ast.For, ast.NamedExpr)):
        targets = [node.target] if getattr(node, "value", True) else []
    elif isinstance(node, ast.Delete):
        targets = node.targets
    elif isinstance(node, ast.withitem):
        targets = [node.optional_vars] if node.optional_vars else []
    elif isinstance(node, (ast.Import, ast.ImportFrom)):
        return {alias.asname or alias.name for alias in node.names}
    elif isinstance(node, ast.Global):
        return set(node.names)
    elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {node.name}
    else:
        return set()
    return {one.id for target in targets for one in ast.walk(target) if isinstance(one, ast.Name)}
