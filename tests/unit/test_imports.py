"""Imports point one way, as the layout says; `scripts/measure-house` prints the same."""

import ast
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest

from support.house import layout
from support.house.modules import Module, find_circles, read_modules

MODULES = layout.engine()
PURE = [module for module in MODULES if layout.is_pure(module)]
SERVICES = [module for module in MODULES if module.parts[:1] == ("services",)]
KEY_HOLDERS = [module for module in MODULES if layout.holds_keys(module)]
STAGES = [module for module in MODULES if layout.STAGES.intersection(module.parts[:1])]
#: Finding all is quicker than finding those of each module.
SANDBOX_IMPORTS = cache(layout.find_sandbox_imports)
LIBRARY_REACHES = cache(layout.find_library_reaches)
STAGE_REACHES = cache(layout.find_stage_reaches)
SERVICE_REACHES = cache(layout.find_service_reaches)
IMPURE_REACHES = cache(layout.find_impure_reaches)
PROJECT_CODE_REACHES = cache(layout.find_project_code_reaches)
#: What runs modules of ours alone, on texts of other people.
HARMLESS = {
    ("services", "foreign_code", "own_process"),
    ("services", "foreign_code", "pattern_matching"),
}


def of_module(module: Module, reaches: Iterable[str]) -> list[str]:
    """Select what one module reaches."""
    return [reach for reach in reaches if reach.startswith(f"{module.name} -> ")]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_the_engine_does_not_know_the_sandbox(module: Module) -> None:
    assert of_module(module, SANDBOX_IMPORTS()) == []


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_a_library_is_imported_by_its_client_alone(module: Module) -> None:
    assert of_module(module, LIBRARY_REACHES()) == []


@pytest.mark.parametrize("module", STAGES, ids=lambda module: module.name)
def test_no_stage_reaches_into_another(module: Module) -> None:
    assert of_module(module, STAGE_REACHES()) == []


@pytest.mark.parametrize("module", SERVICES, ids=lambda module: module.name)
def test_services_share_nothing(module: Module) -> None:
    assert of_module(module, SERVICE_REACHES()) == []


@pytest.mark.parametrize("module", PURE, ids=lambda module: module.name)
def test_what_decides_reaches_neither_a_service_nor_the_world(module: Module) -> None:
    assert of_module(module, IMPURE_REACHES()) == []


@pytest.mark.parametrize("module", KEY_HOLDERS, ids=lambda module: module.name)
def test_no_code_of_the_project_can_run_beside_keys(module: Module) -> None:
    """Nor in what chooses the environment for a job that holds them."""
    assert of_module(module, PROJECT_CODE_REACHES()) == []


def test_all_that_starts_other_peoples_code_is_known_to_that_rule() -> None:
    starters = {"subprocess", "build", "dist_actions.services.foreign_code.own_process"}
    starting = {
        module.parts
        for module in SERVICES
        if module.parts[1:2] == ("foreign_code",) and starters & module.imports
    }
    assert starting - layout.PROJECT_CODE == HARMLESS
    assert layout.PROJECT_CODE - {module.parts for module in MODULES} == set()


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
    assert len(PURE) > 60
    assert len(SERVICES) > 20
    assert len(STAGES) > 40
    assert len(KEY_HOLDERS) > 40


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
