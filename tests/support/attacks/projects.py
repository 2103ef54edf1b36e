"""Hostile projects: their files, with a build backend of their own that attacks the job it runs in.

The parts that end up in the project are the files of `hostile/`.
"""

import json
import sys
from pathlib import Path
from typing import Any, Literal

Strike = Literal["forge_outputs", "read_keys", "patch_tools"]

#: Name of every project here, and of the repository.
PROJECT = "eigenoid-sample"
_HOSTILE = Path(__file__).parent / "hostile"
_PYPROJECT = """\
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "{name}"
{version}
requires-python = "=={python}.*"
"""
_TEST = "def test_import():\n    import eigenoid_sample\n"


def honest_project(version: str, content: str = "") -> dict[str, str]:
    """Return the files of a project that is built by the same backend, which only builds."""
    return _project(version, "", content, {})


def hostile_project(version: str, strike: Strike, **options: Any) -> dict[str, str]:
    """Return the files of a project whose backend attacks the job that builds it.

    Args:
        version: What the project declares.
        strike: The module of `hostile/` that attacks.
        options: Those of that module.
    """
    return _project(version, "build_wheel", "", {**options, "strike": strike})


def hostile_metadata(version: str, strike: Strike, **options: Any) -> dict[str, str]:
    """Return the files of a project that leaves its version to the backend, which attacks then."""
    hook = "prepare_metadata_for_build_wheel"
    return _project(version, hook, "", {**options, "strike": strike}, dynamic=True)


def _project(
    version: str, hook: str, content: str, options: dict[str, Any], *, dynamic: bool = False
) -> dict[str, str]:
    described = {"name": PROJECT, "version": version, "hook": hook, "content": content, **options}
    declared = 'dynamic = ["version"]' if dynamic else f'version = "{version}"'
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    strike = options.get("strike")
    return {
        "pyproject.toml": _PYPROJECT.format(name=PROJECT, version=declared, python=python),
        "backend.py": _read("backend"),
        "strike.py": _read(strike) if strike else "",
        "strike.json": json.dumps(described),
        "tests/test_import.py": _TEST,
    }


def _read(name: str) -> str:
    return (_HOSTILE / f"{name}.py").read_text(encoding="utf-8")
