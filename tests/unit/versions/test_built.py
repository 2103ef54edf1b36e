"""The version of a build: when the backend is asked, who is believed, and what is refused."""

from pathlib import Path

import pytest

from dist_actions.errors import BuildError, InputError
from dist_actions.services.foreign_code.pattern_matching import find_matches
from dist_actions.versions import ProjectFiles, VersionSource
from dist_actions.versions.built import MetadataReader, read_built_version
from support.projects.declared import DYNAMIC, built_by, make_project

SETUPTOOLS = built_by("setuptools.build_meta", "setuptools")
ATTR = '[tool.setuptools.dynamic]\nversion = { attr = "sample.__version__" }\n'
INIT = '__version__ = "1.4.0"\n'
ATTR_FILES = {"pyproject.toml": SETUPTOOLS + DYNAMIC + ATTR, "sample.py": INIT}
POETRY = built_by("poetry.core.masonry.api", "poetry-core")


def backend_says(version: str, name: str = "sample") -> MetadataReader:
    return lambda _project: (name, version)


def backend_fails(_project: ProjectFiles) -> tuple[str, str]:
    raise BuildError("The build backend failed: no network.", why="why", fix="fix")


def backend_is_not_asked(_project: ProjectFiles) -> tuple[str, str]:
    raise AssertionError("the backend is asked")


def read(project: ProjectFiles, backend: MetadataReader, **source: str) -> tuple[str, str, str]:
    found = read_built_version(project, VersionSource(**source), backend, find_matches)
    return found.source, str(found.version), str(found.location)


def refusal(project: ProjectFiles, backend: MetadataReader, **source: str) -> InputError:
    with pytest.raises(InputError) as refused:
        read(project, backend, **source)
    return refused.value


def test_what_the_backend_confirms_points_to_its_file(tmp_path: Path) -> None:
    project = make_project(tmp_path, ATTR_FILES)

    assert read(project, backend_says("1.4.0")) == ("setuptools", "1.4.0", "sample.py:1")


def test_the_backend_is_right_where_a_file_says_something_else(tmp_path: Path) -> None:
    project = make_project(tmp_path, ATTR_FILES)

    assert read(project, backend_says("1.5")) == ("backend", "1.5", "pyproject.toml")


def test_a_file_is_believed_where_the_backend_fails(tmp_path: Path) -> None:
    project = make_project(tmp_path, ATTR_FILES)

    assert read(project, backend_fails) == ("setuptools", "1.4.0", "sample.py:1")


@pytest.mark.parametrize(
    "files",
    [
        {
            "pyproject.toml": built_by("mesonpy", "meson-python") + DYNAMIC,
            "meson.build": "project('sample', version: '1.4.0')\n",
        },
        {
            "pyproject.toml": built_by("maturin", "maturin") + DYNAMIC,
            "Cargo.toml": '[package]\nversion = "1.4.0"\n',
        },
    ],
    ids=["meson", "maturin"],
)
def test_a_costly_backend_is_not_asked(tmp_path: Path, files: dict[str, str]) -> None:
    assert read(make_project(tmp_path, files), backend_is_not_asked)[1] == "1.4.0"


def test_a_costly_backend_is_asked_where_no_file_says_it(tmp_path: Path) -> None:
    files = {
        "pyproject.toml": built_by("mesonpy", "meson-python") + DYNAMIC,
        "meson.build": "project('sample', version: run_command('x').stdout())\n",
    }

    assert read(make_project(tmp_path, files), backend_says("1.4.0"))[0] == "backend"


@pytest.mark.parametrize("where", ["setup.cfg", "pyproject.toml"])
def test_setuptools_may_add_to_a_literal(tmp_path: Path, where: str) -> None:
    """With `tag_build`, the backend is right and the file is not."""
    files = {"pyproject.toml": SETUPTOOLS + '[project]\nname = "sample"\nversion = "1.4.0"\n'}
    if where == "setup.cfg":
        files["setup.cfg"] = "[egg_info]\ntag_build = .dev0\n"
    else:
        files["pyproject.toml"] += '[tool.distutils.egg_info]\ntag_build = ".dev0"\n'
    project = make_project(tmp_path, files)

    assert read(project, backend_says("1.4.0.dev0"))[:2] == ("backend", "1.4.0.dev0")
    assert "No version can be read" in refusal(project, backend_fails).what


def test_an_empty_tag_changes_nothing(tmp_path: Path) -> None:
    """Every sdist of setuptools holds these lines."""
    files = {
        "pyproject.toml": SETUPTOOLS + '[project]\nname = "sample"\nversion = "1.4.0"\n',
        "setup.cfg": "[egg_info]\ntag_build = \ntag_date = 0\n",
    }

    assert read(make_project(tmp_path, files), backend_is_not_asked)[0] == "project"


def test_a_table_that_poetry_left_behind_says_nothing(tmp_path: Path) -> None:
    files = {"pyproject.toml": SETUPTOOLS + DYNAMIC + '[tool.poetry]\nversion = "0.1"\n'}

    assert read(make_project(tmp_path, files), backend_says("1.4.0"))[:2] == ("backend", "1.4.0")


def test_nothing_says_it(tmp_path: Path) -> None:
    project = make_project(tmp_path, {"setup.py": "setup(version=compute())\n"})

    refused = refusal(project, backend_fails)

    assert "no network" in refused.what
    for tried in ("literal", "tags", "files", "backend"):
        assert tried in refused.what
    assert "version-file" in refused.fix
    assert "version-pattern" in refused.fix
    assert str(refused.location) == "setup.py"


def test_two_files_disagree_and_the_backend_fails(tmp_path: Path) -> None:
    files = {
        "setup.cfg": "[metadata]\nversion = 1.4.0\n",
        "setup.py": 'setup(version="1.3.0")\n',
    }
    project = make_project(tmp_path, files)

    assert "setup.cfg:2 says '1.4.0', and setup.py:1" in refusal(project, backend_fails).what
    assert read(project, backend_says("1.3.0")) == ("setup.py", "1.3.0", "setup.py:1")


def test_not_in_normal_form_points_to_the_line(tmp_path: Path) -> None:
    files = {**ATTR_FILES, "sample.py": '__version__ = "1.4.0-dev"\n'}
    project = make_project(tmp_path, files)

    found = read_built_version(project, VersionSource(), backend_says("1.4.0.dev0"), find_matches)

    assert (found.text, str(found.location)) == ("1.4.0-dev", "sample.py:1")
