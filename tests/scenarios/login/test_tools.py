"""Each tool installs a private package, which requires a public one, by what a login hands over."""

import sys
from pathlib import Path

import pytest

from support.distributions.installers import make_environment
from support.projects.private_packages import PrivatePackages

IMPORTS = 'python -c "import eigenoid_core, eigenoid_public"'
PROJECT = """[project]
name = "application"
version = "1"
requires-python = ">=3.10,<4"
dependencies = ["eigenoid-core"]
"""
POETRY = f"{PROJECT}[tool.poetry]\npackage-mode = false\n"
HATCH = f"""{PROJECT}[tool.hatch.envs.default]
skip-install = true
dependencies = ["eigenoid-core"]
installer = "INSTALLER"
"""
BACKEND = """[build-system]
requires = ["eigenoid-core"]
build-backend = "backend"
backend-path = ["."]
"""
#: Builds a wheel whose only contents are the files that it has to have, and needs both packages.
BACKEND_MODULE = """import os, zipfile
import eigenoid_core, eigenoid_public


def build_wheel(folder, *_):
    name, info = "application-1-py3-none-any.whl", "application-1.dist-info/"
    with zipfile.ZipFile(os.path.join(folder, name), "w") as wheel:
        described = "Metadata-Version: 2.1\\nName: application\\nVersion: 1\\n"
        wheel.writestr(info + "METADATA", described)
        wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nTag: py3-none-any\\n")
        wheel.writestr(info + "RECORD", "")
    return name
"""
IN_PROJECT = "POETRY_VIRTUALENVS_IN_PROJECT=true"
WAYS = {
    "pip": ("", ".venv/bin/pip install -q eigenoid-core && .venv/bin/"),
    "uv pip": (
        "",
        "VIRTUAL_ENV=.venv uv pip install -q eigenoid-core && .venv/bin/",
    ),
    "uv": (PROJECT, "uv sync && .venv/bin/"),
    "build": (BACKEND, "python -m build --wheel && : "),
    "build with uv": (BACKEND, "python -m build --wheel --installer uv && : "),
    "uv build": (BACKEND, "uv build --wheel && : "),
}
FETCHED_WAYS = {
    "pdm": (PROJECT, "pdm install --no-self && .venv/bin/"),
    "hatch": (HATCH.replace("INSTALLER", "pip"), "hatch run "),
    "hatch with uv": (HATCH.replace("INSTALLER", "uv"), "hatch run "),
}


def prepare(folder: Path, pyproject: str) -> Path:
    """Make a project, with the module of its backend; without one, an environment with pip."""
    folder.mkdir(parents=True)
    if pyproject:
        (folder / "pyproject.toml").write_text(pyproject, encoding="utf-8")
    else:
        make_environment(folder / ".venv")
    if "backend-path" in pyproject:
        (folder / "backend.py").write_text(BACKEND_MODULE, encoding="utf-8")
    return folder


@pytest.mark.parametrize("way", WAYS)
def test_a_tool_installs_from_the_default_index(
    private_packages: PrivatePackages, tmp_path: Path, way: str
) -> None:
    pyproject, command = WAYS[way]
    project = prepare(tmp_path / "project", pyproject)
    private_packages.later_step(private_packages.log_in(), f"{command}{IMPORTS}", cwd=project)


@pytest.mark.network
@pytest.mark.parametrize("way", FETCHED_WAYS)
def test_a_fetched_tool_installs_from_the_default_index(
    private_packages: PrivatePackages, tmp_path: Path, way: str, pdm_and_hatch: str
) -> None:
    pyproject, command = FETCHED_WAYS[way]
    project = prepare(tmp_path / "project", pyproject)
    more = {"PDM_CHECK_UPDATE": "0", "HATCH_ENV_TYPE_VIRTUAL_UV_PATH": uv_beside_python()}
    private_packages.later_step(
        private_packages.log_in(), f"{command}{IMPORTS}", cwd=project, path=pdm_and_hatch, **more
    )


@pytest.mark.network
def test_poetry_installs_from_its_only_source(
    private_packages: PrivatePackages, tmp_path: Path, poetry: str
) -> None:
    url = private_packages.index_url()
    source = f'[[tool.poetry.source]]\nname = "eigenoid-all"\nurl = "{url}"\n'
    project = prepare(tmp_path / "project", f"{POETRY}{source}")
    command = f"{IN_PROJECT} poetry install -n && .venv/bin/{IMPORTS}"
    private_packages.later_step(private_packages.log_in(), command, cwd=project, path=poetry)


def test_uv_takes_an_explicit_index_before_a_higher_public_version(
    private_packages: PrivatePackages, tmp_path: Path
) -> None:
    private_packages.publish_publicly("eigenoid-core", "99.0")
    login = private_packages.log_in({"default-index": "false"})
    settings = (
        f'[[tool.uv.index]]\nname = "eigenoid-python"\nurl = "{own(private_packages)}"\n'
        'explicit = true\n[tool.uv.sources]\neigenoid-core = { index = "eigenoid-python" }\n'
    )
    project = prepare(tmp_path / "project", f"{PROJECT}{settings}")
    private_packages.later_step(
        login,
        f"uv sync && .venv/bin/{IMPORTS}",
        cwd=project,
        UV_DEFAULT_INDEX=public(private_packages),
    )
    assert {"eigenoid_core-1.2", "eigenoid_public-1.0"} <= installed(project)


@pytest.mark.network
def test_poetry_takes_an_explicit_source_before_a_higher_public_version(
    private_packages: PrivatePackages, tmp_path: Path, poetry: str
) -> None:
    private_packages.publish_publicly("eigenoid-core", "99.0")
    login = private_packages.log_in({"default-index": "false"})
    settings = (
        '[tool.poetry.dependencies]\neigenoid-core = { source = "eigenoid-python" }\n'
        f'[[tool.poetry.source]]\nname = "public"\nurl = "{public(private_packages)}"\n'
        f'[[tool.poetry.source]]\nname = "eigenoid-python"\nurl = "{own(private_packages)}"\n'
        'priority = "explicit"\n'
    )
    project = prepare(tmp_path / "project", f"{POETRY}{settings}")
    command = f"{IN_PROJECT} poetry install -n && .venv/bin/{IMPORTS}"
    private_packages.later_step(login, command, cwd=project, path=poetry)
    assert {"eigenoid_core-1.2", "eigenoid_public-1.0"} <= installed(project)


def test_pip_takes_the_private_version_in_two_steps(
    private_packages: PrivatePackages, tmp_path: Path
) -> None:
    private_packages.publish_publicly("eigenoid-core", "99.0")
    login = private_packages.log_in({"default-index": "false"})
    project = prepare(tmp_path / "project", "")
    private_packages.later_step(
        login,
        f".venv/bin/pip install -q --no-deps --index-url {own(private_packages)} "
        "eigenoid-core==1.2 && "
        f".venv/bin/pip install -q eigenoid-core==1.2 && .venv/bin/{IMPORTS}",
        cwd=project,
        PIP_INDEX_URL=public(private_packages),
    )
    assert {"eigenoid_core-1.2", "eigenoid_public-1.0"} <= installed(project)


def own(private_packages: PrivatePackages) -> str:
    return private_packages.index_url(name="eigenoid-python")


def public(private_packages: PrivatePackages) -> str:
    return f"{private_packages.sandbox.world.addresses.pypi}/simple/"


def installed(project: Path) -> set[str]:
    """Return the projects and versions in a project's environment."""
    infos = (project / ".venv").glob("lib/python*/site-packages/*.dist-info")
    return {path.name.removesuffix(".dist-info") for path in infos}


def uv_beside_python() -> str:
    return str(Path(sys.executable).with_name("uv"))
