"""Projects that say in some file where their version comes from, for readers of such files."""

from pathlib import Path
from textwrap import dedent

from dist_actions.versions.project_files import ProjectFiles

DYNAMIC = '[project]\nname = "sample"\ndynamic = ["version"]\n'
#: A project that asks setuptools-scm for its version, as a whole file.
DERIVED = """\
[build-system]
requires = ["setuptools", "setuptools-scm"]
build-backend = "setuptools.build_meta"

[project]
name = "eigenoid-sample"
dynamic = ["version"]

[tool.setuptools_scm]
"""
LITERAL = '[project]\nname = "sample"\nversion = "1.0"\n'


def built_by(backend: str, *requires: str) -> str:
    return f'[build-system]\nrequires = {list(requires)}\nbuild-backend = "{backend}"\n'


SETUPTOOLS = built_by("setuptools.build_meta", "setuptools", "setuptools_scm>=8")
HATCHLING = built_by("hatchling.build", "hatchling", "hatch-vcs")
PDM = built_by("pdm.backend", "pdm-backend")
POETRY = built_by("poetry_dynamic_versioning.backend", "poetry-core", "poetry-dynamic-versioning")
PLACEHOLDER = '[tool.poetry]\nname = "sample"\nversion = "0.0.0"\n'
SCIKIT = built_by("scikit_build_core.build", "scikit-build-core")
MESON = built_by("mesonpy", "meson-python")
ENABLED = "[tool.poetry-dynamic-versioning]\nenable = true\n"
UV = '[tool.hatch.version]\nsource = "uv-dynamic-versioning"\n'
VERSIONEER = '[versioneer]\nversionfile_source = sample/_version.py\ntag_prefix = "sample-"\n'
GENERATED = "def get_versions():\n    return {}\n"


def make_project(folder: Path, files: dict[str, str]) -> ProjectFiles:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(dedent(text), encoding="utf-8")
    return ProjectFiles(folder)


def toml(*parts: str) -> dict[str, str]:
    return {"pyproject.toml": "".join(parts)}
