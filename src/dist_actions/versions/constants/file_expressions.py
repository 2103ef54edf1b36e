"""Find the file of the project that an expression reads, as `setup.py` scripts write it."""

import ast
import posixpath

from dist_actions.versions.constants.python_module import PythonModule

#: Calls and methods whose result is the path that they are given, for our purpose.
_SAME_PATH = {
    "Path",
    "absolute",
    "abspath",
    "convert_path",
    "fspath",
    "normpath",
    "realpath",
    "resolve",
    "str",
}
_OPENERS = {"open", "io.open", "codecs.open"}
#: A path is written in a few steps.
_LIMIT_STEPS = 40


def find_opened_file(module: PythonModule, node: ast.expr) -> str | None:
    """Find the file of `open(…).read()`, `Path(…).read_text()` or a handle of `with open(…)`."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return None
    if node.func.attr in {"read_text", "read_bytes"}:
        return _PathReader(module).path(node.func.value)
    return _find_handle(module, node.func.value) if node.func.attr == "read" else None


def find_executed_file(module: PythonModule, namespace: str = "") -> str | None:
    """Find the only file whose code is executed into a dictionary: `exec(…, about)`.

    Args:
        module: Where that is written.
        namespace: Name of the dictionary; empty for the module's own names.
    """
    files = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "exec" and node.args:
            source, into = node.args[0], ast.unparse(node.args[1]) if node.args[1:] else ""
            if into == namespace:
                if (
                    isinstance(source, ast.Call)
                    and ast.unparse(source.func) == "compile"
                    and source.args
                ):
                    source = source.args[0]
                files.add(find_opened_file(module, source))
    return files.pop() if len(files) == 1 else None


def _find_handle(module: PythonModule, node: ast.expr) -> str | None:
    """Find the file that `open(…)`, or a name that a `with` around it binds, reads."""
    if isinstance(node, ast.Name):
        opened = [
            opening.context_expr
            for block in ast.walk(module.tree)
            if isinstance(block, ast.With) and _is_inside(node, block)
            for opening in block.items
            if isinstance(opening.optional_vars, ast.Name) and opening.optional_vars.id == node.id
        ]
        if len(opened) != 1:
            return None
        node = opened[0]
    if not isinstance(node, ast.Call):
        return None
    if ast.unparse(node.func) in _OPENERS and node.args:
        return _PathReader(module).path(node.args[0])
    if isinstance(node.func, ast.Attribute) and node.func.attr == "open":
        return _PathReader(module).path(node.func.value)
    return None


def _is_inside(node: ast.expr, block: ast.With) -> bool:
    return block.lineno <= node.lineno <= (block.end_lineno or block.lineno)


class _PathReader:
    """One path that is worked out, below the project's folder, which is where a build runs."""

    def __init__(self, module: PythonModule) -> None:
        self._module = module
        self._remaining_steps = _LIMIT_STEPS

    def path(self, node: ast.expr | None) -> str | None:
        """Work out the path that an expression means; None where that is not certain."""
        self._remaining_steps -= 1
        if self._remaining_steps < 0:
            return None
        if isinstance(node, ast.Constant):
            return node.value if isinstance(node.value, str) else None
        if isinstance(node, ast.Name):
            return self._name(node)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            return self._joined([node.left, node.right])
        if isinstance(node, ast.Attribute) and node.attr == "parent":
            return _parent(self.path(node.value))
        return self._call(node) if isinstance(node, ast.Call) else None

    def _name(self, node: ast.Name) -> str | None:
        if node.id == "__file__":
            return self._module.file
        bound = self._module.bindings(node.id)
        alone = bound[0] if len(bound) == 1 else None
        return self.path(alone.value) if isinstance(alone, ast.Assign) else None

    def _call(self, node: ast.Call) -> str | None:
        function = ast.unparse(node.func).rpartition(".")[2]
        receiver = node.func.value if isinstance(node.func, ast.Attribute) else None
        if function == "join":
            return self._joined(node.args)
        if function == "joinpath" and receiver:
            return self._joined([receiver, *node.args])
        if function != "dirname" and function not in _SAME_PATH:
            return None
        path = self.path(node.args[0] if node.args else receiver)
        return _parent(path) if function == "dirname" else path

    def _joined(self, nodes: list[ast.expr]) -> str | None:
        parts = [self.path(node) for node in nodes[:_LIMIT_STEPS]]
        if not parts or None in parts:
            return None
        return posixpath.normpath(posixpath.join(*(part or "" for part in parts)))


def _parent(path: str | None) -> str | None:
    return None if path is None else posixpath.dirname(path)
