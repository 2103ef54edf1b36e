"""Python modules of a project as syntax trees: nothing is imported or run."""

import ast
import posixpath
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from dist_actions.errors import Location
from dist_actions.versions.project_files import ProjectFiles

#: Scopes of their own: what they bind is not the module's.
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


@dataclass(frozen=True)
class ModuleFinder:
    """The modules of a project, found by name and parsed.

    Attributes:
        project: The project.
        folders: Where packages lie if not beside `pyproject.toml`: package → folder, with the
            empty name for all others, as in setuptools' `package-dir`.
    """

    project: ProjectFiles
    folders: Mapping[str, str] = field(default_factory=dict)

    def find(self, name: str) -> "PythonModule | None":
        """Find the module with this dotted name; None where there is none, or there are two."""
        files = [
            file
            for folder in self._candidates(name)
            for file in (f"{folder}.py", f"{folder}/__init__.py")
            if self.project.path(file)
        ]
        return self.parse(files[0]) if len(set(files)) == 1 else None

    def parse(self, file: str) -> "PythonModule | None":
        """Parse a module; None where its file is missing, or is not this Python's syntax."""
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
        finder: Finds the modules that it imports.
        file: Its path below the project's folder.
        tree: Its syntax tree.
    """

    finder: ModuleFinder
    file: str
    tree: ast.Module = field(repr=False)

    def location(self, node: ast.AST) -> Location:
        """Locate a node in the repository."""
        return self.finder.project.location(self.file, getattr(node, "lineno", 0))

    def bindings(self, name: str) -> list[ast.AST]:
        """List the statements that bind a name of the module, or might."""
        return [node for node in _module_scope(self.tree) if name in _bound_names(node)]

    def binds_for_certain(self, node: ast.AST) -> bool:
        """Tell whether a statement stands at the top, or in a `with` there: it always runs."""
        pending: list[ast.AST] = list(self.tree.body)
        while pending:
            statement = pending.pop()
            if statement is node:
                return True
            if isinstance(statement, ast.With):
                pending.extend(statement.body)
        return False

    def imported(self, node: ast.Import | ast.ImportFrom, name: str) -> "PythonModule | None":
        """Find the module that an import binds to a name, or imports the name from."""
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
    """Walk over all nodes but those inside functions and classes."""
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
    nodes = (node for target in targets for node in ast.walk(target))
    return {node.id for node in nodes if isinstance(node, ast.Name)}
