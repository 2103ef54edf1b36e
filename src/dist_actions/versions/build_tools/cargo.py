"""Read the version of a crate that maturin builds a wheel from, in `Cargo.toml`.

maturin's own backend needs the crates that the project depends on, so it is not asked for it.

Spec: https://www.maturin.rs/metadata and https://doc.rust-lang.org/cargo/reference/manifest.html
"""

import posixpath
from pathlib import Path
from typing import Any

from dist_actions.errors import InputError, Location
from dist_actions.toml import line_of, parse_toml, table_at
from dist_actions.versions.parsing import parse_version
from dist_actions.versions.project_files import DeclaredVersion, ProjectFiles, project_name

#: Where maturin looks, in this order, when no `manifest-path` is given.
_MANIFESTS = ("Cargo.toml", "rust/Cargo.toml")


def uses_maturin(project: ProjectFiles) -> bool:
    """Tell whether maturin builds the project, be it through a backend of the project's own."""
    pyproject = project.pyproject()
    backend = str(table_at(pyproject, "build-system").get("build-backend", ""))
    return backend.startswith("maturin") or (
        bool(table_at(pyproject, "tool", "maturin")) and not backend.startswith("setuptools")
    )


def read_maturin(project: ProjectFiles) -> DeclaredVersion | None:
    """Read `[package] version`, be it the crate's own or its workspace's."""
    if not uses_maturin(project):
        return None
    path = table_at(project.pyproject(), "tool", "maturin").get("manifest-path")
    files = [str(path)] if path else [file for file in _MANIFESTS if project.path(file)]
    manifest = _manifest(project, files[0]) if files else None
    if manifest is None:
        return None
    package = table_at(manifest, "package")
    version = package.get("version")
    name = project_name(project) or str(package.get("name", ""))
    if isinstance(version, str):
        return _declared(project, name, version, files[0], ("package", "version"))
    if table_at(package, "version").get("workspace") is True:
        return _read_workspace(project, name, files[0], package.get("workspace"))
    return None


def _read_workspace(
    project: ProjectFiles, name: str, file: str, workspace: Any
) -> DeclaredVersion | None:
    """Read the version of `[workspace.package]` in the nearest folder that has a workspace."""
    folder = posixpath.dirname(file)
    folders = [folder, *_folders_above(project, folder)]
    if isinstance(workspace, str):
        folders = [posixpath.join(folder, workspace)]
    for candidate in folders:
        manifest_file = posixpath.normpath(posixpath.join(candidate, "Cargo.toml"))
        manifest = _manifest(project, manifest_file)
        if manifest is not None and "workspace" in manifest:
            version = table_at(manifest, "workspace", "package").get("version")
            keys = ("workspace", "package", "version")
            if not isinstance(version, str):
                return None
            return _declared(project, name, version, manifest_file, keys)
    return None


def _folders_above(project: ProjectFiles, folder: str) -> list[str]:
    """List the folders above, as far as the repository's root."""
    depth = len(Path(posixpath.normpath(posixpath.join(project.package_path, folder))).parts)
    return [posixpath.join(folder, *[".."] * up) for up in range(1, depth + 1)]


def _manifest(project: ProjectFiles, file: str) -> dict[str, Any] | None:
    text = project.text(file)
    return None if text is None else parse_toml(text, project.location(file))


def _declared(
    project: ProjectFiles, name: str, version: Any, file: str, keys: tuple[str, ...]
) -> DeclaredVersion:
    location = project.location(file, line_of(project.text(file) or "", keys))
    return DeclaredVersion(name, _to_pep440(version, location), "maturin", location)


def _to_pep440(version: str, location: Location) -> str:
    """Write a semantic version as maturin does in wheels: `1.0.0-alpha.1` is `1.0.0a1`."""
    parsed = parse_version(version)
    if parsed is None:
        raise InputError(
            f"{location}: {version!r} has no form that Python packages can have.",
            why="maturin reads the crate's version by PEP 440, and refuses this one.",
            fix="use a pre-release such as 1.4.0-alpha.1, 1.4.0-beta.1 or 1.4.0-rc.1.",
            location=location,
            anchor="version",
        )
    return str(parsed)
