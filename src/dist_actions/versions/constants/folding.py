"""Works out expressions of constants: texts, numbers, tuples, names, and files read as text.

Every rule is one that cannot grow: the answer has few characters, and few names are looked up.
"""

import ast
import re
from collections.abc import Callable

from dist_actions.versions.constants.file_expressions import find_executed_file, find_opened_file
from dist_actions.versions.constants.python_module import Constant, PythonModule

#: In characters, of every value on the way; a version has at most 100.
_LIMIT_CHARACTERS = 1000
_STRIPS = {"strip", "rstrip", "lstrip"}


class Folding:
    """One answer in the making.

    Args:
        lookups: How many names and expressions may still be looked at.
    """

    def __init__(self, lookups: int) -> None:
        self._left = lookups

    def constant(self, module: PythonModule, name: str) -> Constant | None:
        """The constant that a module binds to a name."""
        bindings = module.bindings(name)
        if module.bindings("*"):
            return None
        executed = find_executed_file(module)
        if executed:
            return self._executed(module, name, bindings, executed)
        if not bindings:
            return None
        found = [self._bound(module, node, name) for node in bindings]
        if len(found) == 1:
            return found[0] if module.binds_for_certain(bindings[0]) else None
        values = {repr(one.value) if one else None for one in found}
        return found[0] if len(values) == 1 else None

    def fold(self, module: PythonModule, node: ast.expr | None) -> Constant | None:
        """The value of an expression."""
        self._left -= 1
        rule = _RULES.get(type(node))
        if self._left < 0 or rule is None or node is None:
            return None
        found = rule(self, module, node)
        if found and len(str(found.value)) > _LIMIT_CHARACTERS:
            return None
        return found

    def _executed(
        self, module: PythonModule, name: str, bindings: list[ast.AST], file: str
    ) -> Constant | None:
        """A name that `exec(open(file).read())` binds, if nothing else gives it a value."""
        values = (getattr(one, "value", one) for one in bindings)
        if not all(isinstance(one, ast.Constant) and one.value is None for one in values):
            return None
        source = module.finder.parse(file)
        self._left -= 1
        return self.constant(source, name) if source and self._left > 0 else None

    def _bound(self, module: PythonModule, node: ast.AST, name: str) -> Constant | None:
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            alone = any(isinstance(one, ast.Name) and one.id == name for one in targets)
            return self.fold(module, node.value) if alone else None
        if isinstance(node, ast.ImportFrom):
            original = next(one.name for one in node.names if name in (one.asname, one.name))
            source = module.imported(node, name)
            self._left -= 1
            return self.constant(source, original) if source and self._left > 0 else None
        return None

    def _constant(self, module: PythonModule, node: ast.Constant) -> Constant | None:
        usable = isinstance(node.value, (str, int)) and not isinstance(node.value, bool)
        return Constant(node.value, module.location(node)) if usable else None

    def _name(self, module: PythonModule, node: ast.Name) -> Constant | None:
        return self.constant(module, node.id)

    def _attribute(self, module: PythonModule, node: ast.Attribute) -> Constant | None:
        dotted = ast.unparse(node.value)
        for binding in module.bindings(dotted):
            if isinstance(binding, ast.Import) and len(module.bindings(dotted)) == 1:
                source = module.imported(binding, dotted)
                return self.constant(source, node.attr) if source else None
            if isinstance(binding, ast.ImportFrom):
                source = self._submodule(module, binding, dotted)
                return self.constant(source, node.attr) if source else None
        return None

    def _submodule(
        self, module: PythonModule, node: ast.ImportFrom, name: str
    ) -> PythonModule | None:
        """The module of `from package import module`."""
        original = next(one.name for one in node.names if name in (one.asname, one.name))
        inside = ".".join(part for part in (node.module, original) if part)
        return module.imported(ast.ImportFrom(inside, node.names, node.level), name)

    def _tuple(self, module: PythonModule, node: ast.Tuple | ast.List) -> Constant | None:
        parts = [self.fold(module, one) for one in node.elts]
        if None in parts:
            return None
        return Constant(tuple(one.value for one in parts if one), module.location(node))

    def _operation(self, module: PythonModule, node: ast.BinOp) -> Constant | None:
        left, right = self.fold(module, node.left), self.fold(module, node.right)
        if left is None or right is None:
            return None
        if isinstance(node.op, ast.Add) and isinstance(left.value, str):
            both = isinstance(right.value, str)
            return Constant(f"{left.value}{right.value}", left.location) if both else None
        if isinstance(node.op, ast.Mod) and isinstance(left.value, str):
            values = right.value if isinstance(right.value, tuple) else (right.value,)
            text = _fill(left.value, r"%[sdi]", "%", values)
            return Constant(text, left.location) if text is not None else None
        return None

    def _f_string(self, module: PythonModule, node: ast.JoinedStr) -> Constant | None:
        texts = []
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                plain = part.conversion == -1 and part.format_spec is None
                found = self.fold(module, part.value) if plain else None
            else:
                found = self.fold(module, part)
            if found is None or isinstance(found.value, tuple):
                return None
            texts.append(str(found.value))
        return Constant("".join(texts), module.location(node))

    def _subscript(self, module: PythonModule, node: ast.Subscript) -> Constant | None:
        """`about["__version__"]`, where a file of the project was executed into `about`."""
        key = node.slice.value if isinstance(node.slice, ast.Constant) else None
        if not isinstance(node.value, ast.Name) or not isinstance(key, str):
            return None
        file = find_executed_file(module, node.value.id)
        source = module.finder.parse(file) if file else None
        return self.constant(source, key) if source else None

    def _call(self, module: PythonModule, node: ast.Call) -> Constant | None:
        file = find_opened_file(module, node)
        if file is not None:
            text = module.finder.project.text(file)
            return Constant(text, module.finder.project.location(file, 1)) if text else None
        if isinstance(node.func, ast.Name) and node.func.id == "str" and len(node.args) == 1:
            found = self.fold(module, node.args[0])
            plain = found and not isinstance(found.value, tuple)
            return Constant(str(found.value), found.location) if found and plain else None
        if not isinstance(node.func, ast.Attribute) or node.keywords:
            return None
        receiver = self.fold(module, node.func.value)
        if receiver is None or not isinstance(receiver.value, str):
            return None
        text = self._method(module, node.func.attr, receiver.value, node.args)
        return Constant(text, receiver.location) if text is not None else None

    def _method(
        self, module: PythonModule, method: str, text: str, arguments: list[ast.expr]
    ) -> str | None:
        if method in _STRIPS and not arguments:
            return str(getattr(text, method)())
        if method == "join" and len(arguments) == 1:
            found = self.fold(module, _without_str(arguments[0]))
            parts = found.value if found else None
            return text.join(map(str, parts)) if isinstance(parts, tuple) else None
        if method == "format":
            values = [self.fold(module, one) for one in arguments]
            if None in values:
                return None
            return _fill(text, r"\{\}", "{}", tuple(one.value for one in values if one))
        return None


def _without_str(node: ast.expr) -> ast.expr:
    """The `x` of `map(str, x)` and `str(i) for i in x`; else the expression itself."""
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "map" and len(node.args) == 2:
        return node.args[1] if ast.unparse(node.args[0]) == "str" else node
    if isinstance(node, (ast.GeneratorExp, ast.ListComp)) and len(node.generators) == 1:
        loop = node.generators[0]
        same = ast.unparse(node.elt) == f"str({ast.unparse(loop.target)})" and not loop.ifs
        return loop.iter if same else node
    return node


def _fill(template: str, place: str, marks: str, values: tuple[object, ...]) -> str | None:
    """Put values into places; None where the template holds any other such mark."""
    pieces = re.split(place, template)
    if len(pieces) != len(values) + 1 or any(mark in one for one in pieces for mark in marks):
        return None
    if any(isinstance(value, tuple) for value in values):
        return None
    filled = "".join(f"{piece}{value}" for piece, value in zip(pieces, values, strict=False))
    return filled + pieces[-1]


_RULES: dict[type, Callable[..., Constant | None]] = {
    ast.Constant: Folding._constant,
    ast.Name: Folding._name,
    ast.Attribute: Folding._attribute,
    ast.Tuple: Folding._tuple,
    ast.List: Folding._tuple,
    ast.BinOp: Folding._operation,
    ast.JoinedStr: Folding._f_string,
    ast.Subscript: Folding._subscript,
    ast.Call: Folding._call,
}
