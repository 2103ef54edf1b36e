"""What a repository is, as far as its files tell: its packages, and what its checkout needs."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from dist_actions.commands.init.destination import IndexSign, find_index, find_publishing
from dist_actions.commands.init.files import TEST_FOLDERS, FileList
from dist_actions.commands.init.packages import Package, read_package
from dist_actions.commands.init.shell import quote
from dist_actions.errors import InputError
from dist_actions.pipeline.packages import is_package_folder
from dist_actions.pipeline.settings import SETTINGS_FILE, Settings, read_settings
from dist_actions.toml import leads_outside
from dist_actions.versions.project_files import (
    MatchFinder,
    ProjectFiles,
    describes_package,
    is_project_name,
    normalised,
)

#: Where GitHub looks for workflows; subfolders are not searched.
WORKFLOW_FOLDER = ".github/workflows"
_PROJECT_FILES = ("pyproject.toml", "setup.py", "setup.cfg")
#: Folders in which projects are test data or documentation.
_NOT_RELEASED = frozenset(
    {*TEST_FOLDERS, "docs", "doc", "example", "examples", "fixtures", "templates", "vendor", "demo"}
)
_DEEPEST = 3
#: The tag of a release, as people write it.
_TAG = re.compile(r"(?P<prefix>[A-Za-z0-9_.@/-]*?)(?P<version>\d+(?:\.\d+)+(?:[._-]?[a-z]+\d*)*)")
#: How many tags tell how they are written now.
_NEWEST = 30
#: The files in which a project says of itself where it is published.
_DESCRIPTIONS = re.compile(r"pyproject\.toml|setup\.(?:py|cfg)|README(?:\.\w+)?", re.IGNORECASE)


@dataclass(frozen=True)
class GitFacts:
    """What git knows of a folder; of a folder outside git, nothing.

    Attributes:
        branches: Names of its branches, and of those of `origin`.
        tags: Names of its tags, the newest first.
    """

    branches: frozenset[str] = frozenset()
    tags: tuple[str, ...] = ()

    @property
    def tag_prefix(self) -> str | None:
        """Return what its tags have before the version, as most of the newest do; else None."""
        matches = (_TAG.fullmatch(tag) for tag in self.tags)
        prefixes = [match["prefix"] for match in matches if match][:_NEWEST]
        return max(prefixes, key=prefixes.count) if prefixes else None


@dataclass(frozen=True)
class Repository:
    """A repository that is to be set up.

    Attributes:
        packages: What is released; of several each has tags of its own.
        others: Folders of further projects, which are not.
        submodules: What `actions/checkout` is to be told: `true`, `recursive`, or nothing.
        lfs: Whether files are kept by git-lfs.
        workflows: Texts of the workflow files that are there, by their names.
        settings: The settings that are there, or the defaults.
        settings_file: The file that holds settings; empty where none does.
        git: What git knows.
        index: What tells the index that the packages are published to; None where nothing does, and
            where workflows of ours are there.
    """

    packages: tuple[Package, ...]
    others: tuple[str, ...]
    submodules: str
    lfs: bool
    workflows: Mapping[str, str]
    settings: Settings
    settings_file: str
    git: GitFacts = field(default_factory=GitFacts)
    index: IndexSign | None = None

    @property
    def publishing_workflows(self) -> dict[str, str]:
        """Return what publishes in each workflow that is not of dist-actions, by its name."""
        publishing = {}
        for name, text in self.workflows.items():
            tool = None if uses_dist_actions(text) else find_publishing(text)
            if tool:
                publishing[name] = tool
        return publishing


def read_repository(
    folder: Path, files: FileList, git: GitFacts, find_matches: MatchFinder, package_path: str = ""
) -> Repository:
    """Read a repository's files.

    Args:
        folder: Its root.
        files: The paths in it that git knows or would add.
        package_path: The folder of the only package that is to be released; empty to look for it.

    Raises:
        InputError: It holds no Python package, or a file that decides cannot be used.
    """
    root = ProjectFiles(folder)
    settings = read_settings(folder, package_path or ".")
    paths = _find_packages(folder, files)
    selected_paths = (
        [package_path] if package_path else [package.path for package in settings.packages]
    )
    selected_paths = selected_paths or (["."] if "." in paths else paths)
    if not selected_paths:
        raise NoPackageError.of_folder(folder)
    packages = _read_packages(folder, files, selected_paths, find_matches)
    if selected_paths == ["."] and not packages[0].imports and len(paths) > 1:
        # What the root describes has no code: it holds the packages below it together.
        selected_paths = paths[1:]
        packages = _read_packages(folder, files, selected_paths, find_matches)
    _require_names(packages)
    workflows = _read_workflows(folder, files)
    return Repository(
        packages=packages if settings.packages else _needed_first(packages),
        others=tuple(path for path in paths if path not in selected_paths),
        submodules=_read_submodules(files, root),
        lfs="filter=lfs" in (root.text(".gitattributes") or ""),
        workflows=workflows,
        settings=settings,
        settings_file=_find_settings_file(root),
        git=git,
        index=_find_index(folder, files, packages, workflows),
    )


def _needed_first(packages: Sequence[Package]) -> tuple[Package, ...]:
    """Sort packages so that each comes after those that it needs, as they are tagged and promoted.

    Those that need each other stay as they are.
    """
    remaining, ordered = list(packages), list[Package]()
    while remaining:
        waiting = {normalised(package.name) for package in remaining}
        ready = [p for p in remaining if not p.requires & waiting - {normalised(p.name)}]
        ordered.append((ready or remaining)[0])
        remaining.remove(ordered[-1])
    return tuple(ordered)


def _require_names(packages: tuple[Package, ...]) -> None:
    """Refuse names that no index takes, and those by which several packages cannot be told apart.

    Raises:
        InputError: A package has such a name or stands in such a folder.
    """
    for package in packages:
        if package.name and not is_project_name(package.name):
            raise InputError(
                f"The package in {package.path} is called {package.name[:60]!r}.",
                why="that is no name of a distribution.",
                fix="name it with letters, digits, - _ and . alone.",
            )
    if len(packages) == 1:
        return
    folders = {normalised(package.name): package.path for package in packages}
    for package in packages:
        other = folders[normalised(package.name)]
        problem = ""
        if not package.name:
            problem = f"The package in {package.path} has no name in its files."
        elif other != package.path:
            problem = f"The packages in {package.path} and {other} are both called {package.name}."
        elif not is_package_folder(package.path):
            problem = (
                f"The folder {package.path!r} holds other characters than A-Z a-z 0-9 . _ @ + -."
            )
        if problem:
            raise InputError(
                problem,
                why="settings name each of several packages, and its folder.",
                fix="rename it, or release one package alone with --package-path.",
            )


def _read_packages(
    folder: Path, files: FileList, paths: list[str], find_matches: MatchFinder
) -> tuple[Package, ...]:
    return tuple(
        read_package(ProjectFiles(folder, path), files.below(path), find_matches) for path in paths
    )


def uses_dist_actions(workflow: str) -> bool:
    """Tell whether a workflow uses an action of ours, so that it is one of ours."""
    return bool(re.search(r"uses:\s*['\"]?eigenoid/dist-actions\b", workflow))


def _find_index(
    folder: Path, files: FileList, packages: Sequence[Package], workflows: Mapping[str, str]
) -> IndexSign | None:
    """Find the index that the packages are published to, unless a workflow of ours says it."""
    if any(map(uses_dist_actions, workflows.values())):
        return None
    places = {".", *(package.path for package in packages)}
    texts = {
        path: (folder / path).read_bytes().decode(errors="replace")
        for path in sorted(files.paths)
        if _DESCRIPTIONS.fullmatch(PurePosixPath(path).name)
        and str(PurePosixPath(path).parent) in places
        and not leads_outside(folder / path, folder)
    }
    return find_index(workflows, texts, [package.name for package in packages])


def _find_packages(folder: Path, files: FileList) -> list[str]:
    folders = {
        str(PurePosixPath(path).parent)
        for path in files.paths
        if PurePosixPath(path).name in _PROJECT_FILES
    }
    return sorted(
        (path for path in folders if _may_be_released(path) and _is_package(folder, path)),
        key=lambda path: (path.count("/"), path),
    )


def _may_be_released(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return len(parts) <= _DEEPEST and not any(
        part in _NOT_RELEASED or part.startswith((".", "example")) or "{{" in part for part in parts
    )


def _is_package(folder: Path, path: str) -> bool:
    project = ProjectFiles(folder, path)
    if not describes_package(project):
        return False
    # A setup.cfg alone is often the settings of tools.
    return any(project.path(name) for name in ("pyproject.toml", "setup.py")) or (
        "[metadata]" in (project.text("setup.cfg") or "")
    )


def _read_submodules(files: FileList, root: ProjectFiles) -> str:
    if ".gitmodules" not in files.paths and root.path(".gitmodules") is None:
        return ""
    nested = any(
        not leads_outside(root.folder / path, root.folder) and root.path(f"{path}/.gitmodules")
        for path in re.findall(r"^\s*path\s*=\s*(.+?)\s*$", root.text(".gitmodules") or "", re.M)
    )
    return "recursive" if nested else "true"


def _read_workflows(folder: Path, files: FileList) -> dict[str, str]:
    workflows = {}
    for path in sorted(files.paths):
        pure = PurePosixPath(path)
        if str(pure.parent) == WORKFLOW_FOLDER and pure.suffix in {".yml", ".yaml"}:
            text = (folder / path).read_bytes().decode(errors="replace")
            workflows[pure.name] = text
    return workflows


def _find_settings_file(root: ProjectFiles) -> str:
    if root.path(SETTINGS_FILE):
        return SETTINGS_FILE
    tool = root.pyproject().get("tool")
    return "pyproject.toml" if isinstance(tool, dict) and "dist-actions" in tool else ""


class NoPackageError(InputError):
    """A folder holds no Python package."""

    @classmethod
    def of_folder(cls, folder: Path) -> "NoPackageError":
        """Explain what is looked for."""
        return cls(
            f"{folder} holds no Python package.",
            why="there is no pyproject.toml that names a project or a build backend, and no "
            "setup.py, in it or in a folder below.",
            fix="name the folder of a repository that holds one, or its folder with "
            "--package-path.",
            anchor="version-not-found",
        )

    @classmethod
    def below(cls, root: Path, folder: Path) -> "NoPackageError":
        """Explain that the root of its repository holds one."""
        return cls(
            f"{folder} holds no Python package.",
            why=f"it is a folder of the repository {root}, which holds one.",
            fix=f"run it there: cd {quote(str(root))} && dist-actions init",
            anchor="version-not-found",
        )
