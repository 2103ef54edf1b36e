"""Modules and functions stay small enough to be read at once."""

import ast
from pathlib import Path

import pytest

from support.paths import ROOT

MODULES = sorted(path for folder in ("src", "tests") for path in (ROOT / folder).rglob("*.py"))
SOURCE = [path for path in MODULES if path.is_relative_to(ROOT / "src")]
_MODULE_LINES = 400
_FUNCTION_LINES = 60
_ENTRYPOINT_LINES = 20


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("module", MODULES, ids=shown)
def test_a_module_has_one_subject(module: Path) -> None:
    assert len(module.read_text(encoding="utf-8").splitlines()) <= _MODULE_LINES


@pytest.mark.parametrize("module", SOURCE, ids=shown)
def test_a_function_fits_on_a_page(module: Path) -> None:
    tree = ast.parse(module.read_text(encoding="utf-8"))
    functions = [
        node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]
    long = [one.name for one in functions if (one.end_lineno or 0) - one.lineno > _FUNCTION_LINES]
    assert long == []


@pytest.mark.parametrize("action", ["auto-tag", "doctor", "login", "release", "promote"])
def test_an_entrypoint_only_starts(action: str) -> None:
    entrypoint = ROOT / action / "main.py"
    assert len(entrypoint.read_text(encoding="utf-8").splitlines()) <= _ENTRYPOINT_LINES


@pytest.mark.parametrize("module", SOURCE, ids=shown)
def test_a_module_is_named_after_its_subject(module: Path) -> None:
    assert module.stem not in {"utils", "util", "helpers", "common", "misc"}
