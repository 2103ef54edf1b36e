"""What a package is, as far as its files tell: what `init` sees, before it decides anything."""

import re
from dataclasses import dataclass, field
from typing import Literal

from packaging.requirements import InvalidRequirement, Requirement

from dist_actions.commands.init.files import FileList, ImportPackage
from dist_actions.commands.init.testing.choice import choose_source
from dist_actions.commands.init.testing.sources import Source
from dist_actions.commands.init.testing.test_files import TestFiles, read_tests
from dist_actions.toml import parse_toml, table_at
from dist_actions.versions import VersionSource, find_deriver, find_name, find_version
from dist_actions.versions.project_files import MatchFinder, ProjectFiles, normalised
from dist_actions.versions.setuptools.configuration import read_setup_cfg

#: Where a version stands: in a file that build tools read, in tags, in a module that only the
#: project's own code reads, or nowhere before a build.
VersionKind = Literal["file", "tags", "module", "build"]

_ASSIGNMENT = re.compile(r"^(__version__(?:\s*:\s*\w+)?\s*=\s*)(['\"])([^'\"]+)\2", re.MULTILINE)
_BINARY_BACKENDS = {
    "maturin": "Rust, by maturin", "mesonpy": "compiled, by meson-python",
    "scikit_build_core": "compiled, by scikit-build-core", "sipbuild": "compiled, by SIP",
    "setuptools_rust": "Rust, by setuptools-rust",
}  # fmt: skip
#: What builds nothing but Python, unless a hook is switched on; they do not look at setup.py.
_PURE_BACKENDS = ("hatchling", "flit", "poetry", "pdm", "uv_build")
_BINARY_REQUIREMENTS = {
    "setuptools-rust": "Rust, by setuptools-rust", "cython": "Cython", "cffi": "C, by cffi",
    "pybind11": "C++, by pybind11", "nanobind": "C++, by nanobind",
    "scikit-build": "compiled, by scikit-build",
}  # fmt: skip


@dataclass(frozen=True)
class VersionPlace:
    """Where a package's version stands.

    Attributes:
        kind: How it can be read.
        place: File and line, or the tool that derives it; for a person.
        version: The version, where a file holds it.
        source: The module that holds it, where only the project's own code reads it.
    """

    kind: VersionKind
    place: str
    version: str = ""
    source: VersionSource = field(default_factory=VersionSource)


@dataclass(frozen=True)
class Package:
    """One Python package of a repository.

    Attributes:
        path: Its folder below the repository's root, `.` for the root.
        name: The distribution's name as written; empty where no file tells it.
        backend: What builds it, as in `build-backend`.
        version: Where its version stands.
        imports: What it installs, the likeliest name first.
        requires: Normalised names of what it requires.
        binary: What its compiled modules are made of; empty for pure Python.
        tests: Its tests.
        test_source: Where it lists what its tests need.
        selects_wheels: Whether its settings say for which Pythons and platforms wheels are built.
    """

    path: str
    name: str
    backend: str
    version: VersionPlace
    imports: tuple[ImportPackage, ...]
    requires: frozenset[str]
    binary: str
    tests: TestFiles
    test_source: Source | None
    selects_wheels: bool = False

    @property
    def layout(self) -> str:
        """Say where its import packages stand."""
        if not self.imports:
            return "no import package seen"
        first = self.imports[0]
        folder = first.top if "/" in first.path else "the root"
        return f"{first.name} in {folder if folder != first.name.split('.')[0] else 'the root'}"

    @property
    def distribution(self) -> str:
        """Return its name, as pip is told; that of its module where no file tells another."""
        return self.name or (self.imports[0].name if self.imports else "")

    @property
    def binary_starter(self) -> str:
        """Return the starter that builds wheels for several platforms; empty for pure Python."""
        if not self.binary:
            return ""
        return "maturin" if self.backend.startswith("maturin") else "cibuildwheel"


def read_package(project: ProjectFiles, files: FileList, find_matches: MatchFinder) -> Package:
    """Read what a package's files tell.

    Args:
        files: The paths below the package's folder.

    Raises:
        InputError: Its version or another file cannot be used.
    """
    name = find_name(project)
    imports = files.import_packages(name) or _rust_module(project)
    requires = _required_names(project)
    brought = {package.name.split(".")[0] for package in imports}
    brought |= {name.replace("-", "_") for name in requires}
    tests = read_tests(project, files, brought)
    system = table_at(project.pyproject(), "build-system")
    group_file = "" if project.package_path == "." else f"{project.package_path}/pyproject.toml"
    return Package(
        path=project.package_path,
        name=name,
        backend=str(system.get("build-backend") or "setuptools"),
        version=_find_version_place(project, files, imports, find_matches),
        imports=imports,
        requires=requires,
        binary=_find_binary(project, files),
        tests=tests,
        test_source=choose_source(project, files, tests.distributions, group_file),
        selects_wheels=bool(
            {"build", "skip"} & set(table_at(project.pyproject(), "tool", "cibuildwheel"))
        ),
    )


def _rust_module(project: ProjectFiles) -> tuple[ImportPackage, ...]:
    """Find the module that maturin builds, where there is no package of Python files.

    Spec: https://www.maturin.rs/config
    """
    maturin = table_at(project.pyproject(), "tool", "maturin")
    path = str(maturin.get("manifest-path", "Cargo.toml"))
    cargo = parse_toml(project.text(path) or "", project.location(path))
    names = (
        maturin.get("module-name"),
        table_at(cargo, "lib").get("name"),
        table_at(cargo, "package").get("name"),
    )
    name = next((name for name in names if isinstance(name, str)), "").replace("-", "_")
    is_module = all(map(str.isidentifier, name.split(".")))
    return (ImportPackage(name, path),) if is_module and path.endswith(".toml") else ()


def _required_names(project: ProjectFiles) -> frozenset[str]:
    """Name what the project requires to run."""
    lines = [
        *_listed(table_at(project.pyproject(), "project").get("dependencies")),
        *str(read_setup_cfg(project).get("options", {}).get("install_requires", "")).splitlines(),
        *table_at(project.pyproject(), "tool", "poetry", "dependencies"),
        *_listed(table_at(project.pyproject(), "tool", "flit", "metadata").get("requires")),
    ]
    names: set[str] = set()
    for line in lines:
        try:
            names.add(normalised(Requirement(line).name))
        except InvalidRequirement:
            continue
    return frozenset(names)


def _listed(value: object) -> list[str]:
    return [line for line in value if isinstance(line, str)] if isinstance(value, list) else []


def _find_version_place(
    project: ProjectFiles,
    files: FileList,
    imports: tuple[ImportPackage, ...],
    find_matches: MatchFinder,
) -> VersionPlace:
    deriver = find_deriver(project)
    if deriver:
        return VersionPlace("tags", deriver.tool)
    version = find_version(project, VersionSource(), find_matches)
    if version:
        return VersionPlace("file", str(version.location), str(version.version))
    return _find_module(project, files, imports) or VersionPlace("build", "the build backend")


def _find_module(
    project: ProjectFiles, files: FileList, imports: tuple[ImportPackage, ...]
) -> VersionPlace | None:
    """Find the only module of the package that assigns `__version__`, where a script reads it."""
    if not project.path("setup.py"):
        return None
    folders = tuple(f"{package.path}/" for package in imports)
    modules = {package.path for package in imports}
    places = []
    for path in sorted(files.paths):
        if path.endswith(".py") and (path in modules or path.startswith(folders)):
            match = _ASSIGNMENT.search(project.text(path) or "")
            places += [(path, match)] if match else []
    if len(places) != 1:
        return None
    path, match = places[0]
    pattern = f"^{re.escape(match[1]).replace(chr(92) + ' ', ' ')}{match[2]}(.+){match[2]}$"
    return VersionPlace("module", path, match[3], VersionSource(file=path, pattern=pattern))


def _find_binary(project: ProjectFiles, files: FileList) -> str:
    """Tell what compiled modules are made of, from the build backend and the sources."""
    system = table_at(project.pyproject(), "build-system")
    backend = str(system.get("build-backend", ""))
    for start, description in _BINARY_BACKENDS.items():
        if backend.startswith(start):
            return description
    if backend.startswith(_PURE_BACKENDS):
        return ""
    script = project.text("setup.py") or ""
    declares = re.search(r"\bext_modules\b|\bcffi_modules\b|\brust_extensions\b", script)
    tool = table_at(project.pyproject(), "tool")
    if declares or "ext-modules" in table_at(tool, "setuptools"):
        required = {
            re.split(r"[\s<>=!~\[;]", line)[0].lower() for line in _listed(system.get("requires"))
        }
        names = [text for name, text in _BINARY_REQUIREMENTS.items() if name in required]
        return names[0] if names else "C"
    return "Cython" if any(path.endswith(".pyx") for path in files.paths) else ""
