"""Find what is installed for a Python, by the names of folders.

Nothing of it is opened, and no Python is started: whatever was installed could run in it.
"""

import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from dist_actions.dependencies.reported_versions import collect_versions, parse_package
from dist_actions.errors import InputError

#: Names of an interpreter, which are those of its library's folder, too.
_VERSIONED = re.compile(r"(python|pypy)3\.\d{1,3}t?", re.ASCII)


def list_installed(
    python: str, workspace: Path, environ: Mapping[str, str]
) -> dict[NormalizedName, Version]:
    """List the distributions that are installed for a Python.

    Args:
        python: Name of a command, or the path of one or of a virtual environment.

    Raises:
        InputError: There is no such Python, or no folder of packages goes with it.
    """
    command = _find_command(python, workspace, environ)
    folders = list(dict.fromkeys(_package_folders(command, environ))) if command else []
    if not folders:
        raise InputError(
            f"The input python is {python!r}, "
            + (f"and no folder of packages goes with {command}." if command else "and is nowhere."),
            why="the tests ran in another Python, such as a virtual environment, or the command is "
            "a script that starts one.",
            fix="give the path of the Python or the virtual environment that the tests ran in, "
            "such as `python: .venv`.",
            anchor="login-report",
        )
    # A folder is named after the distribution, `eigenoid_core-0.5.0.dist-info`.
    # Spec: https://packaging.python.org/en/latest/specifications/recording-installed-packages/
    stems = (path.stem for folder in folders for path in sorted(folder.glob("*.dist-info")))
    parts = (stem.rpartition("-") for stem in stems)
    packages = (parse_package(name, version) for name, _, version in parts)
    return collect_versions(package for package in packages if package)


def explain_absence(python: str, own_name: str, installed: Mapping[NormalizedName, Version]) -> str:
    """Explain why no private package is installed, where the tested one is not, either.

    Args:
        own_name: Name of the tested project; empty where it is not known.

    Returns:
        The text of a warning; empty where nothing is strange.
    """
    if not own_name or canonicalize_name(own_name) in installed:
        return ""
    return (
        f"Neither {own_name} nor any private package is installed for {python!r}.\n"
        "Why: the tests ran in another Python, such as a virtual environment.\n"
        "Fix: give its path, such as `python: .venv`."
    )


def _find_command(python: str, workspace: Path, environ: Mapping[str, str]) -> Path | None:
    """Find the file that is started, whose symbolic links are followed later."""
    if "/" not in python and not (workspace / python / "pyvenv.cfg").is_file():
        command = shutil.which(python, path=environ.get("PATH", ""))
        return Path(command).absolute() if command else None
    path = workspace / python
    command_of_environment = path / "bin" / "python"
    return next((file for file in (command_of_environment, path) if file.is_file()), None)


def _package_folders(command: Path, environ: Mapping[str, str]) -> Iterator[Path]:
    """List the folders in which it looks for packages, in its order."""
    real = command.resolve()
    is_versioned = _VERSIONED.fullmatch(real.name)
    names = (real.name, "python3") if is_versioned else ("python3*", "pypy3*")
    prefix = command.parent.parent
    if (prefix / "pyvenv.cfg").is_file():
        prefixes = [prefix]
    else:
        home = Path(environ.get("HOME") or "/nonexistent")
        base = real.parent.parent
        prefixes = [home / ".local", base / "local", base]
    for place in prefixes:
        for name in names:
            for folder in ("site-packages", "dist-packages"):
                yield from (path for path in place.glob(f"lib/{name}/{folder}") if path.is_dir())
