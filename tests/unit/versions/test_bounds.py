"""Files outside the repository, huge files and patterns without end are refused."""

import os
import time
from pathlib import Path

import pytest

from dist_actions.errors import InputError
from dist_actions.services.foreign_code.pattern_matching import find_matches
from dist_actions.versions import ProjectFiles, VersionSource, read_version
from support.projects.declared import DYNAMIC, built_by, make_project

SETUPTOOLS = built_by("setuptools.build_meta", "setuptools")
HATCHLING = built_by("hatchling.build", "hatchling")
FILE = "[tool.setuptools.dynamic]\nversion = { file = 'PATH' }\n"
HATCH = "[tool.hatch.version]\npath = 'PATH'\n"
PDM = "[tool.pdm.version]\nsource = 'file'\npath = 'PATH'\n"
CRATE = "[tool.maturin]\nmanifest-path = 'PATH'\n"
SETTINGS = {
    "setuptools": SETUPTOOLS + DYNAMIC + FILE,
    "hatch": HATCHLING + DYNAMIC + HATCH,
    "pdm": built_by("pdm.backend", "pdm-backend") + DYNAMIC + PDM,
    "maturin": built_by("maturin", "maturin") + DYNAMIC + CRATE,
}


def refusal(project: ProjectFiles, source: VersionSource) -> InputError:
    with pytest.raises(InputError) as refused:
        read_version(project, source, find_matches)
    return refused.value


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A repository beside a file that is none of its own."""
    (tmp_path / "outside.py").write_text('__version__ = "1.4.0"\n')
    folder = tmp_path / "workspace"
    folder.mkdir()
    (folder / "link.py").symlink_to("../outside.py")
    (folder / "circle.py").symlink_to("circle.py")
    return folder


@pytest.mark.parametrize("path", ["../outside.py", "link.py", "/etc/hostname", "circle.py"])
@pytest.mark.parametrize("tool", SETTINGS)
def test_a_path_out_of_the_repository(workspace: Path, tool: str, path: str) -> None:
    text = SETTINGS[tool].replace("PATH", path)
    project = make_project(workspace, {"pyproject.toml": text})

    assert "leads out of the repository" in refusal(project, VersionSource()).what


@pytest.mark.parametrize("name", ["pyproject.toml", "setup.py", "setup.cfg"])
def test_a_link_out_of_the_repository(workspace: Path, name: str) -> None:
    project = make_project(workspace, {} if name == "pyproject.toml" else {"setup.py": ""})
    (workspace / name).unlink(missing_ok=True)
    (workspace / name).symlink_to("../outside.py")

    assert f"{name} leads out of the repository" in refusal(project, VersionSource()).what


def test_a_path_out_of_the_package_but_not_of_the_repository(workspace: Path) -> None:
    text = SETTINGS["hatch"].replace("PATH", "../about.py")
    make_project(workspace, {"about.py": '__version__ = "1.4.0"\n', "core/pyproject.toml": text})

    found = read_version(ProjectFiles(workspace, "core"), VersionSource(), find_matches)

    assert str(found.location) == "about.py:1"


def test_a_huge_file(workspace: Path) -> None:
    project = make_project(workspace, {"pyproject.toml": DYNAMIC})
    with (workspace / "VERSION").open("wb") as file:
        os.truncate(file.fileno(), 10**9)

    assert "1000000000 bytes" in refusal(project, VersionSource(file="VERSION")).what


@pytest.mark.parametrize("who", ["user", "project"])
def test_a_pattern_without_end(workspace: Path, who: str) -> None:
    pattern = "^(a+)+(?P<version>b)$"
    table = f"{HATCH}pattern = '{pattern}'\n".replace("PATH", "about.txt")
    files = {"pyproject.toml": HATCHLING + DYNAMIC + table, "about.txt": "a" * 60 + "!"}
    source = VersionSource(file="about.txt", pattern=pattern) if who == "user" else VersionSource()
    began = time.monotonic()

    refused = refusal(make_project(workspace, files), source)

    assert "is not done after 5 s" in refused.what
    assert time.monotonic() - began < 20


@pytest.mark.parametrize("pattern", ["(", "a{99999999999}", "(" * 3000])
def test_a_pattern_that_is_none(workspace: Path, pattern: str) -> None:
    project = make_project(workspace, {"pyproject.toml": DYNAMIC, "about.txt": "a"})

    refused = refusal(project, VersionSource(file="about.txt", pattern=pattern))

    assert "is no regular expression" in refused.what
