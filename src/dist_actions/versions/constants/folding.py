"""Work out constants of Python modules: texts, numbers, tuples, names, and files read as text.

What is not certainly a constant is not answered: a name that is bound twice, under a condition,
or by other code. Every rule is bounded: a value has few characters, and few names are looked up.
"""

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass

from dist_actions.errors import Location
from dist_actions.versions.constants.file_expressions import find_executed_file, find_opened_file
from dist_actions.versions.constants.python_module import PythonModule
from dist_actions.versions.project_files import DeclaredVersion

#: In characters, of every value on the way; a version has at most 100.
_LIMIT_CHARACTERS = 1000
#: Names and expressions that may be looked at for one answer; a chain of constants is short.
_LIMIT_LOOKUPS = 40
_STRIPS = {"strip", "rstrip", "lstrip"}


@dataclass(frozen=True)
class Constant:
    """A value and where it is written: text, a whole number, or a tuple of these."""

    value: object
    location: Location


def find_constant(module: PythonModule, name: str) -> Constant | None:
    """Find the constant that a module binds to a name, directly or by an import."""
    try:
        return _Folding().constant(module, name)
    except RecursionError:
        return None


def declare_constant(
    module: PythonModule | None, name: str, *, project: str, source: str
) -> DeclaredVersion | None:
    """Return the version that a module's constant declares; None if it is no constant text.

    Args:
        source: The build tool that reads the version there.
    """
    constant = find_constant(module, name) if module else None
    if constant is None or not isinstance(constant.value, str):
        return None
    return DeclaredVersion(project, constant.value, source, constant.location)


def fold(module: PythonModule, node: ast.expr) -> Constant | None:
    """Work out the value of an expression in a module; None where it is no constant."""
    try:
        return _Folding().fold(module, node)
    except RecursionError:
        return None


class _Folding:
    """One answer in the making; it counts how much was looked at."""

    def __init__(self) -> None:
        self._remaining_lookups = _LIMIT_LOOKUPS

    def constant(self, module: PythonModule, name: str) -> Constant | None:
        """Find the constant that a module binds to a name."""
        bindings = module.bindings(name)
        if module.bindings("*"):
            return None
        executed = find_executed_file(module)
        if executed:
            return self._executed(module, name, bindings, executed)
        if not bindings:
            return None
        constants = [self._bound(module, node, name) for node in bindings]
        if len(constants) == 1:
            return constants[0] if module.binds_for_certain(bindings[0]) else None
        values = {repr(constant.value) if constant else None for constant in constants}
        return constants[0] if len(values) == 1 else None

    def fold(self, module: PythonModule, node: ast.expr | None) -> Constant | None:
        """Work out the value of an expression."""
        self._remaining_lookups -= 1
        rule = _RULES.get(type(node))
        if self._remaining_lookups < 0 or rule is None or node is None:
            return None
        constant = rule(self, module, node)
        if constant and len(str(constant.value)) > _LIMIT_CHARACTERS:
            return None
        return constant

    def _executed(
        self, module: PythonModule, name: str, bindings: list[ast.AST], file: str
    ) -> Constant | None:
        """Find a name that `exec(open(file).read())` binds, if nothing else gives it a value."""
        values = (getattr(node, "value", node) for node in bindings)
        if not all(isinstance(value, ast.Constant) and value.value is None for value in values):
            return None
        return self._constant_of_source(module.finder.parse(file), name)

    def _constant_of_source(self, source: PythonModule | None, name: str) -> Constant | None:
        """Find a constant of another module, if that counts as one more look-up."""
        self._remaining_lookups -= 1
        return self.constant(source, name) if source and self._remaining_lookups > 0 else None

    def _bound(self, module: PythonModule, node: ast.AST, name: str) -> Constant | None:
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            alone = any(isinstance(target, ast.Name) and target.id == name for target in targets)
            return self.fold(module, node.value) if alone else None
        if isinstance(node, ast.ImportFrom):
            return self._constant_of_source(module.imported(node, name), _imported_name(node, name))
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
        """Find the module of `from package import module`."""
        inside = ".".join(part for part in (node.module, _imported_name(node, name)) if part)
        return module.imported(ast.ImportFrom(inside, node.names, node.level), name)

    def _tuple(self, module: PythonModule, node: ast.Tuple | ast.List) -> Constant | None:
        parts = [self.fold(module, element) for element in node.elts]
        if None in parts:
            return None
        return Constant(tuple(part.value for part in parts if part), module.location(node))

    def _operation(self, module: PythonModule, node: ast.BinOp) -> Constant | None:
        operands = self.fold(module, node.left), self.fold(module, node.right)
        if operands[0] is None or operands[1] is None:
            return None
        first, second, location = operands[0].value, operands[1].value, operands[0].location
        if isinstance(node.op, ast.Add) and isinstance(first, str):
            return Constant(first + second, location) if isinstance(second, str) else None
        if isinstance(node.op, ast.Mod) and isinstance(first, str):
            values = second if isinstance(second, tuple) else (second,)
            text = _fill(first, r"%[sdi]", "%", values)
            return Constant(text, location) if text is not None else None
        return None

    def _f_string(self, module: PythonModule, node: ast.JoinedStr) -> Constant | None:
        texts = []
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                plain = part.conversion == -1 and part.format_spec is None
                constant = self.fold(module, part.value) if plain else None
            else:
                constant = self.fold(module, part)
            if constant is None or isinstance(constant.value, tuple):
                return None
            texts.append(str(constant.value))
        return Constant("".join(texts), module.location(node))

    def _subscript(self, module: PythonModule, node: ast.Subscript) -> Constant | None:
        """Read `about["__version__"]`, where a file of the project was executed into `about`."""
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
            constant = self.fold(module, node.args[0])
            if constant is None or isinstance(constant.value, tuple):
                return None
            return Constant(str(constant.value), constant.location)
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
            constant = self.fold(module, _without_str(arguments[0]))
            parts = constant.value if constant else None
            return text.join(map(str, parts)) if isinstance(parts, tuple) else None
        if method == "format":
            constants = [self.fold(module, argument) for argument in arguments]
            if None in constants:
                return None
            values = tuple(constant.value for constant in constants if constant)
            return _fill(text, r"\{\}", "{}", values)
        return None


def _imported_name(node: ast.ImportFrom, name: str) -> str:
    """Name what an import binds to a name, as its module calls it."""
    return next(alias.name for alias in node.names if name in (alias.asname, alias.name))


def _without_str(node: ast.expr) -> ast.expr:
    """Take the `x` out of `map(str, x)` and `str(i) for i in x`; leave other expressions."""
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
    if len(pieces) != len(values) + 1 or any(mark in piece for piece in pieces for mark in marks):
        return None
    if any(isinstance(value, tuple) for value in values):
        return None
    filled = "".join(f"{piece}{value}" for piece, value in zip(pieces, values, strict=False))
    return filled + pieces[-1]


_RULES: dict[type, Callable[..., Constant | None]] = {
    ast.Constant: _Folding._constant,
    ast.Name: _Folding._name,
    ast.Attribute: _Folding._attribute,
    ast.Tuple: _Folding._tuple,
    ast.List: _Folding._tuple,
    ast.BinOp: _Folding._operation,
    ast.JoinedStr: _Folding._f_string,
    ast.Subscript: _Folding._subscript,
    ast.Call: _Folding._call,
}
