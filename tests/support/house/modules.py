"""Read the modules under `src` and what they import from each other, from their syntax trees."""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from support.paths import SOURCE

PACKAGES = ("dist_actions", "dist_sandbox")
#: Programs of their own, started by file name; nothing imports them.
_PROGRAMS = "stand_ins"


@dataclass(frozen=True)
class Module:
    """One module under `src`.

    Attributes:
        name: Dotted, such as `dist_actions.services.http`; a package has the name of its folder.
        path: Its file.
    """

    name: str
    path: Path

    @cached_property
    def tree(self) -> ast.Module:
        """Parse the file."""
        return ast.parse(self.path.read_text(encoding="utf-8"))

    @property
    def parts(self) -> tuple[str, ...]:
        """Split the name below the package: `("services", "http")`."""
        return tuple(self.name.split(".")[1:])

    @property
    def says_pure(self) -> bool:
        """Tell whether the first line of the docstring calls the module pure."""
        first_line = (ast.get_docstring(self.tree) or "").partition("\n")[0]
        return re.search(r"\bpure\b", first_line) is not None

    @cached_property
    def imports(self) -> frozenset[str]:
        """List the modules that it imports, anywhere in it, ours and others'."""
        return frozenset(_imports(self.tree))


@cache
def read_modules() -> dict[str, Module]:
    """Read all modules of both packages, by their names."""
    modules = {}
    for package in PACKAGES:
        for path in sorted((SOURCE / package).rglob("*.py")):
            if _PROGRAMS not in path.parts:
                parts = path.relative_to(SOURCE).with_suffix("").parts
                name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
                modules[name] = Module(name, path)
    return modules


def reach(module: Module) -> dict[str, str]:
    """Follow the imports of a module to all of ours that it reaches.

    Returns:
        Each module's name, and that of the one by which it was reached first.
    """
    modules = read_modules()
    importers: dict[str, str] = {}
    waiting = [module]
    while waiting:
        importer = waiting.pop()
        for name in sorted(importer.imports & modules.keys() - importers.keys()):
            importers[name] = importer.name
            waiting.append(modules[name])
    return importers


def find_circles() -> list[list[str]]:
    """Find the groups of modules that import each other, type checking included."""
    modules = read_modules()
    reachable = {name: reach(module).keys() for name, module in modules.items()}
    circles: list[list[str]] = []
    for name in modules:
        if name in reachable[name] and not any(name in circle for circle in circles):
            circles.append(
                sorted(neighbour for neighbour in reachable[name] if name in reachable[neighbour])
            )
    return circles


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from _imported_from(node.module or "", (alias.name for alias in node.names))


def _imported_from(package: str, names: Iterable[str]) -> Iterator[str]:
    """Tell modules of a package from what the package itself defines."""
    for name in names:
        submodule = f"{package}.{name}"
        path = SOURCE / submodule.replace(".", "/")
        is_module = path.with_suffix(".py").exists() or (path / "__init__.py").exists()
        yield submodule if is_module else package
