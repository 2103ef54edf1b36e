"""The paths of a folder, and what their names tell; pure."""

import posixpath
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

#: Folders whose Python files are not what a project installs.
_BESIDE = frozenset(
    {
        "bench", "benchmark", "benchmarks", "build", "ci", "conf", "contrib", "demo", "demos",
        "dist", "doc", "docs", "etc", "example", "examples", "fuzz", "fuzzing", "images",
        "notebooks", "paper", "perf", "requirements", "sandbox", "scripts", "tasks", "tools",
        "tutorials", "util", "utils", "vendor",
    }
)  # fmt: skip
#: Names of folders of tests.
TEST_FOLDERS = ("tests", "test", "testing", "unit_tests", "unittests", "t")
#: Folders that hold packages without being one.
_SOURCE_FOLDERS = ("src", "lib", "python", ".")


@dataclass(frozen=True)
class ImportPackage:
    """What a project installs under one name.

    Attributes:
        name: As it is imported, `jaraco.functools`.
        path: Its folder or its file, below the project's folder.
    """

    name: str
    path: str

    @property
    def top(self) -> str:
        """Return the first folder or file of its path."""
        return self.path.split("/")[0]


@dataclass(frozen=True)
class FileList:
    """The paths of a project's files, below its folder."""

    paths: frozenset[str]

    @classmethod
    def of(cls, paths: Iterable[str]) -> "FileList":
        """Make a list of any paths."""
        return cls(frozenset(paths))

    @cached_property
    def folders(self) -> frozenset[str]:
        """Return every folder that holds a file, `.` for the root."""
        return frozenset(
            str(parent) for path in self.paths for parent in PurePosixPath(path).parents
        )

    def below(self, folder: str) -> "FileList":
        """Return the files below a folder, by their paths in it."""
        if folder == ".":
            return self
        start = f"{folder}/"
        return FileList.of(path[len(start) :] for path in self.paths if path.startswith(start))

    def named(self, *names: str) -> tuple[str, ...]:
        """Return those of these paths that there are, in this order."""
        return tuple(name for name in names if name in self.paths)

    def children(self, folder: str) -> tuple[str, ...]:
        """Return the names of the folders in a folder."""
        parent = "" if folder == "." else folder
        inside = (path for path in self.folders - {"."} if posixpath.dirname(path) == parent)
        return tuple(sorted(posixpath.basename(path) for path in inside))

    def import_packages(self, project_name: str) -> tuple[ImportPackage, ...]:
        """Find what the project installs, by its layout; the one of the project's name first."""
        wanted = project_name.replace("-", "_").replace(".", "_").lower()
        for folder in _SOURCE_FOLDERS:
            packages = [*self._packages_in(folder, wanted), *self._modules_in(folder, wanted)]
            if packages:
                return tuple(sorted(packages, key=lambda package: _distance(package, wanted)))
        return ()

    def _packages_in(self, folder: str, wanted: str) -> list[ImportPackage]:
        packages = []
        for child in self.children(folder):
            path = child if folder == "." else f"{folder}/{child}"
            # A folder without `__init__.py` in the root is rather anything else than a namespace.
            is_likely = folder != "." or f"{path}/__init__.py" in self.paths
            is_named = wanted == child.lower() or wanted.startswith(f"{child.lower()}_")
            ignored = (_BESIDE | set(TEST_FOLDERS)) - {wanted}
            if child.isidentifier() and child not in ignored and (is_likely or is_named):
                packages += self._package(path, child)
        return packages

    def _package(self, path: str, name: str) -> list[ImportPackage]:
        """Find the package in a folder, or the ones below it where it is a namespace."""
        if {f"{path}/__init__.py", f"{path}/__init__.pyi"} & self.paths:
            return [ImportPackage(name, path)]
        below = [
            package
            for child in self.children(path)
            if child.isidentifier() and child not in TEST_FOLDERS
            for package in self._package(f"{path}/{child}", f"{name}.{child}")
        ]
        modules = [
            ImportPackage(f"{name}.{PurePosixPath(file).stem}", file)
            for file in sorted(self.paths)
            if posixpath.dirname(file) == path and _is_module(file)
        ]
        return below or modules

    def _modules_in(self, folder: str, wanted: str) -> list[ImportPackage]:
        """Find single modules; in the root only the one of the project's name."""
        start = "" if folder == "." else f"{folder}/"
        names = (
            PurePosixPath(path).stem
            for path in self.paths
            if posixpath.dirname(path) == start.rstrip("/") and _is_module(path)
        )
        return [
            ImportPackage(name, f"{start}{name}.py")
            for name in sorted(names)
            if start or name.lower() == wanted
        ]


def _is_module(path: str) -> bool:
    return path.endswith(".py") and PurePosixPath(path).stem.isidentifier()


def _distance(package: ImportPackage, wanted: str) -> tuple[int, str]:
    """Order packages: the one that is called like the project, then those that begin so."""
    name = package.name.replace(".", "_").lower()
    if name == wanted:
        return 0, name
    return 1 if wanted.endswith(name.lstrip("_")) or name.startswith(wanted) else 2, name
