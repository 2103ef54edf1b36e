"""Which Pythons a project names, wherever it does; and the test matrix that follows."""

import json
from pathlib import Path

import pytest

from dist_actions.errors import InputError
from dist_actions.versions import ProjectFiles
from dist_actions.versions.python_support import PythonSupport, read_matrix, read_python_support
from dist_actions.versions.python_versions import MAINTAINED, MatrixEntry, python_matrix
from support.projects.settings import write_settings

CLASSIFIER = "Programming Language :: Python :: 3."


def read(folder: Path, **files: str) -> PythonSupport:
    for name, text in files.items():
        write_settings(folder, text, name.replace("_", "."))
    return read_python_support(ProjectFiles(folder))


@pytest.mark.parametrize(
    ("requires", "minors", "supported", "experimental"),
    [
        ("", (), MAINTAINED, ()),
        (">=3.12", (), ("3.12", "3.13", "3.14"), ()),
        (">=3.10", (11, 12), ("3.11", "3.12"), ("3.10", "3.13", "3.14")),
        (">=3.12", (11, 12, 13), ("3.12", "3.13"), ("3.14",)),
        (">=3.8", (8, 9), MAINTAINED, ()),
        ("<=3.12", (), ("3.10", "3.11"), ()),
        (">=3.12.4,<3.14", (), ("3.12", "3.13"), ()),
        (">=3.8,!=3.11.*", (), ("3.10", "3.12", "3.13", "3.14"), ()),
        ("!=3.11.0,!=3.12.*", (), ("3.10", "3.11", "3.13", "3.14"), ()),
        (">=3.9,<3.11||>=3.13", (), ("3.10", "3.13", "3.14"), ()),
    ],
)
def test_the_matrix(
    requires: str,
    minors: tuple[int, ...],
    supported: tuple[str, ...],
    experimental: tuple[str, ...],
) -> None:
    matrix = python_matrix(requires, [f"{CLASSIFIER}{minor}" for minor in minors])

    assert matrix.supported == supported
    assert tuple(one.python for one in matrix.entries if one.experimental) == experimental
    assert [one.python for one in matrix.entries] == [
        version for version in MAINTAINED if version in supported + experimental
    ]


def test_a_classifier_without_a_minor_version_narrows_nothing() -> None:
    assert (
        python_matrix("", ["Programming Language :: Python :: 3 :: Only"]).supported == MAINTAINED
    )


@pytest.mark.parametrize("requires", ["3.11", "<3.5", ">=4", "==3.12.3", ">=3.10||x"])
def test_what_leaves_no_python_is_refused(requires: str) -> None:
    with pytest.raises(InputError, match="cannot be used") as refused:
        python_matrix(requires, [])

    assert refused.value.anchor == "python-versions"


def test_the_matrix_is_one_of_github() -> None:
    matrix = python_matrix(">=3.13", [f"{CLASSIFIER}13"])

    assert matrix.entries == (MatrixEntry("3.13", False), MatrixEntry("3.14", True))
    assert json.loads(matrix.to_json()) == {
        "include": [
            {"python": "3.13", "experimental": False},
            {"python": "3.14", "experimental": True},
        ]
    }


@pytest.mark.parametrize(
    ("constraint", "requires"),
    [
        ("^3.9", ">=3.9,<4"),
        ("^3.9.1", ">=3.9.1,<4"),
        ("^0.2.3", ">=0.2.3,<0.3"),
        ("^0.0", ">=0.0,<0.1"),
        ("~3.9", ">=3.9,<3.10"),
        ("~3.9.2", ">=3.9.2,<3.10"),
        ("~3", ">=3,<4"),
        ("~=3.9", "~=3.9"),
        (">=3.9,<4.0", ">=3.9,<4.0"),
        (">= 3.9 <4.0", ">=3.9,<4.0"),
        (">3.9, !=3.11.*", ">3.9,!=3.11.*"),
        ("3.11", "==3.11.*"),
        ("3.11.*", "==3.11.*"),
        ("==3.11.4", "==3.11.4"),
        ("3.*", "==3.*"),
        ("*", ""),
        ("", ""),
        ("~2.7 || ^3.6", ">=2.7,<2.8||>=3.6,<4"),
        ("~2.7|^3.6", ">=2.7,<2.8||>=3.6,<4"),
    ],
)
def test_poetrys_constraints(tmp_path: Path, constraint: str, requires: str) -> None:
    text = f'[tool.poetry.dependencies]\npython = "{constraint}"\n'

    assert read(tmp_path, pyproject_toml=text).requires_python == requires


@pytest.mark.parametrize(
    "value", ['"three"', '">=3.9 or so"', "3", "{ version = 3 }", '"^"', '"3.9,,|x"']
)
def test_poetrys_constraint_that_is_none(tmp_path: Path, value: str) -> None:
    text = f"[tool.poetry.dependencies]\npython = {value}\n"

    with pytest.raises(InputError) as refused:
        read(tmp_path, pyproject_toml=text)

    assert refused.value.anchor == "python-versions"
    assert "tool.poetry.dependencies.python" in refused.value.what


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pyproject.toml", "[project]\nrequires-python = '>=3.12'\nclassifiers = ['A', 'B']"),
        ("pyproject.toml", "[tool.flit.metadata]\nrequires-python='>=3.12'\nclassifiers=['A','B']"),
        (
            "pyproject.toml",
            "[tool.poetry]\nclassifiers = ['A', 'B']\ndependencies.python.version = '>=3.12'",
        ),
        (
            "setup.cfg",
            "[metadata]\nclassifiers =\n    A\n    B\n[options]\npython_requires = >=3.12",
        ),
        ("setup.py", "setup(python_requires='>=3.12', classifiers=['A', 'B'])"),
        ("setup.py", "x = '\\d'; setup(python_requires='>=3.12', classifiers=['A', 'B'])"),
        (
            "setup.py",
            "import setuptools\nNEEDS = '>=3.12'\nLIST = ('A',\n 'B')\n"
            "if True:\n    setuptools.setup(name=x(), classifiers=LIST, python_requires=NEEDS)",
        ),
    ],
)
def test_where_it_can_stand(tmp_path: Path, name: str, text: str) -> None:
    write_settings(tmp_path, text, name)

    found = read_python_support(ProjectFiles(tmp_path))

    assert (found.requires_python, found.classifiers) == (">=3.12", ("A", "B"))
    assert found.location is not None
    assert found.location.file == name


def test_each_of_the_two_is_taken_from_the_first_that_names_it(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        pyproject_toml="[project]\nname = 'x'\nclassifiers = ['A']\ndynamic=['requires-python']",
        setup_cfg="[metadata]\nclassifiers = B\n[options]\npython_requires = >=3.11",
        setup_py="setup(python_requires='>=3.12')",
    )

    assert (found.requires_python, found.classifiers) == (">=3.11", ("A",))


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"pyproject_toml": "[project]\nclassifiers = 'A'\n"},
        {"pyproject_toml": "[project]\nclassifiers = [1]\n"},
        {"setup_cfg": "no section"},
        {"setup_py": "setup("},
        {"setup_py": "import os; os.abort(); setup(python_requires=f())"},
        {"setup_py": "setup(**arguments(), classifiers={[]: 1})"},
        {"setup_py": "setup(python_requires=312)"},
        {"setup_py": "x = " + "(" * 5000},
    ],
    ids=str,
)
def test_what_tells_nothing_allows_any(tmp_path: Path, files: dict[str, str]) -> None:
    found = read(tmp_path, **files)

    assert (found.requires_python, found.classifiers) == ("", ())


def test_a_refusal_names_the_file(tmp_path: Path) -> None:
    write_settings(tmp_path, "[options]\npython_requires = >=2.7,<3", "setup.cfg")

    with pytest.raises(InputError) as refused:
        read_matrix(ProjectFiles(tmp_path))

    assert refused.value.location is not None
    assert refused.value.location.file == "setup.cfg"


def test_requires_python_of_another_type_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"project\.requires-python is 3\.1"):
        read(tmp_path, pyproject_toml="[project]\nrequires-python = 3.1")
