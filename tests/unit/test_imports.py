"""Imports point one way: entrypoint, stage, pure decisions and edges; never to the sandbox."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src"
ENGINE = SOURCE / "dist_actions"
MODULES = sorted(ENGINE.rglob("*.py"))
STAGES = ("auto_tag", "release", "promote", "publish")
#: What stands between the stages and the world, beside `edges/` itself.
OUTERMOST = {
    "bootstrap.py",
    "environment_making.py",
    "cli.py",
    "version_command.py",
    "stage.py",
}
#: Modules of the standard library by which a module would reach the world.
WORLD = {"os", "socket", "subprocess", "time", "urllib.request", "requests", "github", "google"}


def imported(module: Path) -> Iterator[str]:
    """Full names of the modules that a module imports, anywhere in it."""
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: a relative import"
            yield node.module or ""


#: Modules of a stage that decide only.
DECIDING = {
    "planning.py",
    "choosing.py",
    "own_changes.py",
    "arrivals.py",
    "claims.py",
    "commits.py",
    "promotion.py",
    "freezes.py",
    "foreign_text.py",
    "included.py",
    "methods.py",
}


def is_pure(module: Path) -> bool:
    """Whether a module decides only: the top level, versions, and each stage's decisions."""
    parts = module.relative_to(ENGINE).parts
    if len(parts) == 1:
        return parts[0] not in OUTERMOST
    return parts[0] in {"versions", "rebuild_differences"} or parts[-1] in DECIDING


def names(modules: list[Path]) -> list[str]:
    return [str(module.relative_to(ENGINE)) for module in modules]


PURE = [module for module in MODULES if is_pure(module)]
EDGES = sorted((ENGINE / "edges").glob("*.py"))


@pytest.mark.parametrize("module", MODULES, ids=names(MODULES))
def test_the_engine_does_not_know_the_sandbox(module: Path) -> None:
    assert [name for name in imported(module) if name.startswith("dist_sandbox")] == []


@pytest.mark.parametrize("module", PURE, ids=names(PURE))
def test_a_pure_module_imports_no_edge(module: Path) -> None:
    found = set(imported(module))
    assert {name for name in found if name.startswith("dist_actions.edges")} == set()
    assert {name for name in found if name in WORLD or name.partition(".")[0] in WORLD} == set()


@pytest.mark.parametrize("module", EDGES, ids=names(EDGES))
def test_an_edge_imports_no_stage(module: Path) -> None:
    stages = tuple(f"dist_actions.{stage}" for stage in STAGES)
    assert [name for name in imported(module) if name.startswith(stages)] == []


def test_there_is_something_to_check() -> None:
    assert len(PURE) > 20
    assert len(EDGES) > 10
