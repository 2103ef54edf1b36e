"""Imports point one way, as the layout says; `scripts/measure-house` prints the same."""

import ast
from pathlib import Path

import pytest

from support.house import layout
from support.house.modules import Module, find_circles, read_modules


def test_the_engine_does_not_know_the_sandbox() -> None:
    assert layout.find_sandbox_imports() == []


def test_no_stage_reaches_into_another() -> None:
    assert layout.find_stage_reaches() == []


def test_services_share_nothing() -> None:
    assert layout.find_service_reaches() == []


def test_a_library_is_imported_by_its_client_alone() -> None:
    assert layout.find_library_reaches() == []


def test_what_decides_reaches_neither_a_service_nor_the_world() -> None:
    assert layout.find_impure_reaches() == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert find_circles() == []


def test_there_are_no_relative_imports() -> None:
    relative = [
        module.name
        for module in read_modules().values()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert relative == []


def test_there_is_something_to_check() -> None:
    services = [module for module in layout.engine() if module.parts[:1] == ("services",)]
    assert sum(layout.is_pure(module) for module in layout.engine()) > 60
    assert len(services) > 20


@pytest.mark.parametrize(
    ("text", "imported"),
    [
        ("import os.path", "os.path"),
        ("from dist_actions import errors", "dist_actions.errors"),
        ("from dist_actions.errors import GitError", "dist_actions.errors"),
        ("def f():\n    from dist_actions import cli", "dist_actions.cli"),
        ("if TYPE_CHECKING:\n    from dist_actions import cli", "dist_actions.cli"),
    ],
)
def test_every_form_of_an_import_is_seen(tmp_path: Path, text: str, imported: str) -> None:
    file = tmp_path / "module.py"
    file.write_text(text)
    assert Module("module", file).imports == {imported}
