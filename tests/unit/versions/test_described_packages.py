"""What describes no package is said to be that, before a version 0.0.0 is taken from a build."""

from pathlib import Path

import pytest

from dist_actions.errors import InputError
from dist_actions.versions import ProjectFiles, VersionSource
from dist_actions.versions.built import read_built_version
from dist_actions.versions.project_files import PatternMatch, ProjectVersion
from dist_actions.versions.reading import read_version

DYNAMIC = '[project]\nname = "p"\ndynamic = ["version"]\n'


def no_matches(pattern: str, text: str) -> list[PatternMatch]:
    raise AssertionError("no pattern is given")


def read(folder: Path, files: dict[str, str]) -> ProjectVersion:
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return read_version(ProjectFiles(folder), VersionSource(), no_matches)


@pytest.mark.parametrize(
    "pyproject",
    [
        "",
        "[tool.ruff]\nline-length = 100",
        '[tool.uv.workspace]\nmembers = ["packages/*"]',
        "[tool.poetry]\npackage-mode = false",
        '[tool.poetry]\npackage-mode = false\n[build-system]\nrequires = ["poetry-core"]\n'
        'build-backend = "poetry.core.masonry.api"',
        '[dependency-groups]\ndev = ["pytest"]\n[tool.mypy]\nstrict = true',
    ],
    ids=[
        "empty",
        "tools",
        "uv workspace",
        "poetry without a package",
        "poetry as a backend",
        "groups",
    ],
)
def test_a_file_about_other_things_is_refused(tmp_path: Path, pyproject: str) -> None:
    with pytest.raises(InputError, match=r"pyproject\.toml describes no package") as raised:
        read(tmp_path, {"pyproject.toml": pyproject})

    for word in ("package-path", "[packages]", "version-file"):
        assert word in raised.value.fix
    assert ("uv workspace" in raised.value.why) == ("uv.workspace" in pyproject)


@pytest.mark.parametrize(
    "files",
    [
        {"pyproject.toml": "", "setup.cfg": "[metadata]\nname = p\nversion = 1.2\n"},
        {
            "pyproject.toml": "[tool.ruff]",
            "setup.py": "from setuptools import setup\nsetup(name='p', version='1.2')",
        },
        {"pyproject.toml": '[tool.poetry]\nname = "p"\nversion = "1.2"'},
        {"pyproject.toml": '[tool.flit.metadata]\nmodule = "p"\n', "p.py": "__version__ = '1.2'"},
        {
            "pyproject.toml": '[build-system]\nrequires = ["intreehooks"]\n'
            'build-backend = "intreehooks:loader"\n[tool.flit.metadata]\nmodule = "p"\n',
            "p.py": "__version__ = '1.2'",
        },
    ],
    ids=["setup.cfg", "setup.py", "poetry", "flit without a backend", "flit by another backend"],
)
def test_an_older_way_to_describe_one_is_read(tmp_path: Path, files: dict[str, str]) -> None:
    assert str(read(tmp_path, files).version) == "1.2"


def test_flits_table_says_nothing_where_another_tool_builds(tmp_path: Path) -> None:
    pyproject = (
        '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
        '[tool.flit.metadata]\nmodule = "p"\n'
    )
    with pytest.raises(InputError, match="No version can be read"):
        read(tmp_path, {"pyproject.toml": pyproject, "p.py": "__version__ = '1.2'"})


@pytest.mark.parametrize("text", ['[project]\nname = "p"\nversion = "1.2"\n', ""])
def test_a_byte_order_mark_is_refused_as_build_tools_do(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError, match="byte order mark") as raised:
        read(tmp_path, {"pyproject.toml": f"\ufeff{text}"})
    assert raised.value.location is not None
    assert raised.value.location.line == 1


@pytest.mark.parametrize(
    ("files", "named"),
    [
        (
            {"setup.cfg": "\ufeff[metadata]\nname = p\nversion = 1.2\n", "setup.py": ""},
            "setup.cfg:1",
        ),
        (
            {
                "pyproject.toml": f"{DYNAMIC}[tool.setuptools.dynamic]\n"
                'version = {file = "VERSION"}\n',
                "VERSION": "\ufeff1.2\n",
            },
            "VERSION:1",
        ),
        (
            {
                "pyproject.toml": '[build-system]\nbuild-backend = "hatchling.build"\n'
                f'{DYNAMIC}[tool.hatch.version]\npath = "p.py"\n',
                "p.py": "\ufeff__version__ = '1.2'\n",
            },
            "p.py:1",
        ),
        (
            {
                "pyproject.toml": '[build-system]\nbuild-backend = "pdm.backend"\n'
                f'{DYNAMIC}[tool.pdm.version]\nsource = "file"\npath = "p.py"\n',
                "p.py": "\ufeff__version__ = '1.2'\n",
            },
            "p.py:1",
        ),
    ],
    ids=["setup.cfg", "file of a version", "hatch", "pdm"],
)
def test_a_byte_order_mark_before_what_a_build_reads_as_text_is_refused(
    tmp_path: Path, files: dict[str, str], named: str
) -> None:
    with pytest.raises(InputError, match="byte order mark") as raised:
        read(tmp_path, files)
    assert str(raised.value.location) == named


@pytest.mark.parametrize("version", ["1.0", "2", "[1, 2]"])
def test_a_version_that_is_no_string_is_told_as_that(tmp_path: Path, version: str) -> None:
    with pytest.raises(InputError, match="no text") as raised:
        read(tmp_path, {"pyproject.toml": f'[project]\nname = "p"\nversion = {version}\n'})
    assert str(raised.value.location) == "pyproject.toml:3"


@pytest.mark.parametrize("setup", ["", "from setuptools import setup\nsetup(version='1.2')\n"])
def test_a_project_table_without_a_version_is_no_package_whatever_else_says_one(
    tmp_path: Path, setup: str
) -> None:
    files = {"pyproject.toml": '[project]\nname = "p"\n', **({"setup.py": setup} if setup else {})}
    with pytest.raises(InputError, match="states no version"):
        read(tmp_path, files)


def test_python_files_may_have_a_byte_order_mark(tmp_path: Path) -> None:
    setup = "\ufefffrom setuptools import setup\nsetup(name='p', version='1.2')"
    assert str(read(tmp_path, {"setup.py": setup}).version) == "1.2"


@pytest.mark.parametrize(
    ("setup", "refused"),
    [("setup(name='p')", True), ("setup(name='p', version='0.0.0')", False)],
    ids=["not stated", "stated"],
)
def test_a_build_of_0_0_0_is_only_taken_where_a_file_says_so(
    tmp_path: Path, setup: str, refused: bool
) -> None:
    (tmp_path / "setup.py").write_text(f"from setuptools import setup\n{setup}\n")

    def read_it() -> ProjectVersion:
        return read_built_version(
            ProjectFiles(tmp_path), VersionSource(), lambda _: ("p", "0.0.0"), no_matches
        )

    if refused:
        with pytest.raises(InputError, match="states no version"):
            read_it()
    else:
        assert str(read_it().version) == "0.0.0"
