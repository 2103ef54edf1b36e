"""Only what is certain is read from files: places that disagree or compute are refused."""

from pathlib import Path

import pytest

from dist_actions.errors import InputError
from dist_actions.services.foreign_code.pattern_matching import find_matches
from dist_actions.versions import ProjectFiles, VersionSource, find_version, read_version
from support.projects.declared import DYNAMIC, built_by, make_project

SETUPTOOLS = built_by("setuptools.build_meta", "setuptools")
HATCHLING = built_by("hatchling.build", "hatchling")
POETRY = built_by("poetry.core.masonry.api", "poetry-core")
ATTR = '[tool.setuptools.dynamic]\nversion = { attr = "sample.__version__" }\n'
LITERAL = '[project]\nname = "sample"\nversion = "1.4.0"\n'
HATCH = '[tool.hatch.version]\npath = "about.py"\n'


def read(project: ProjectFiles, **source: str) -> tuple[str, str, str]:
    found = read_version(project, VersionSource(**source), find_matches)
    return found.source, str(found.version), str(found.location)


def refusal(project: ProjectFiles, **source: str) -> InputError:
    with pytest.raises(InputError) as refused:
        read(project, **source)
    return refused.value


def test_what_a_build_tool_reads_is_read(tmp_path: Path) -> None:
    files = {"pyproject.toml": SETUPTOOLS + DYNAMIC + ATTR, "sample.py": '__version__ = "1.4.0"\n'}

    assert read(make_project(tmp_path, files)) == ("setuptools", "1.4.0", "sample.py:1")


def test_an_empty_tag_changes_nothing(tmp_path: Path) -> None:
    """Every sdist of setuptools holds these lines."""
    files = {
        "pyproject.toml": SETUPTOOLS + LITERAL,
        "setup.cfg": "[egg_info]\ntag_build = \ntag_date = 0\n",
    }

    assert read(make_project(tmp_path, files))[0] == "project"


#: Files → the place that adds to the version.
ADDITIONS = {
    "setup.cfg": ({"setup.cfg": "[egg_info]\ntag_build = .dev0\n"}, "setup.cfg:1"),
    "setup.cfg, a date": (
        {"setup.cfg": "[metadata]\nname = x\n[egg_info]\ntag-date = 1\n"},
        "setup.cfg:3",
    ),
    "pyproject.toml": (
        {"pyproject.toml": SETUPTOOLS + LITERAL + "[tool.distutils.egg_info]\ntag-build = 'b1'\n"},
        "pyproject.toml:7",
    ),
    "an option in setup.py": (
        {"setup.py": 'setup(\n  options={"egg_info": {"tag_build": ".dev0"}})\n'},
        "setup.py:2",
    ),
    "a keyword in setup.py": (
        {"setup.py": "setup(options=dict(egg_info=dict(tag_date=True)))\n"},
        "setup.py:1",
    ),
}


@pytest.mark.parametrize(("files", "place"), ADDITIONS.values(), ids=ADDITIONS)
def test_what_setuptools_adds_is_no_literal(
    tmp_path: Path, files: dict[str, str], place: str
) -> None:
    project = make_project(tmp_path, {"pyproject.toml": SETUPTOOLS + LITERAL, **files})

    refused = refusal(project)

    assert f"{place} (setuptools adds" in refused.what
    assert f"without the addition in {place}" in refused.fix
    assert str(refused.location) == place
    assert find_version(project, VersionSource(), find_matches) is None


def test_a_comment_adds_nothing(tmp_path: Path) -> None:
    files = {"pyproject.toml": SETUPTOOLS + LITERAL, "setup.py": "setup()  # no tag_build here\n"}

    assert read(make_project(tmp_path, files))[0] == "project"


@pytest.mark.parametrize("backend", [SETUPTOOLS, HATCHLING], ids=["setuptools", "hatchling"])
@pytest.mark.parametrize(
    "table",
    [
        '[tool.poetry]\nversion = "0.1"\n',
        '[tool.pdm.version]\nsource = "file"\npath = "about.py"\n',
        '[tool.scikit-build.metadata.version]\nprovider = "scikit_build_core.metadata.regex"\n'
        'input = "about.py"\n',
    ],
    ids=["poetry", "pdm", "scikit-build-core"],
)
def test_a_table_that_another_backend_left_behind_says_nothing(
    tmp_path: Path, backend: str, table: str
) -> None:
    files = {"pyproject.toml": backend + DYNAMIC + table, "about.py": '__version__ = "0.1"\n'}

    assert "no place with a constant" in refusal(make_project(tmp_path, files)).what


def test_a_table_of_hatch_says_nothing_to_setuptools(tmp_path: Path) -> None:
    files = {"pyproject.toml": SETUPTOOLS + DYNAMIC + HATCH, "about.py": '__version__ = "0.1"\n'}

    assert "no place with a constant" in refusal(make_project(tmp_path, files)).what


#: Files in which the place that decides holds no constant, though another one does → that place.
COMPUTED = {
    "attr, beside a literal in setup.py": (
        {
            "pyproject.toml": SETUPTOOLS + DYNAMIC + ATTR,
            "sample.py": "__version__ = compute()\n",
            "setup.py": 'from setuptools import setup\nsetup(version="1.4.0")\n',
        },
        "pyproject.toml:8 (attr sample.__version__ is no constant)",
    ),
    "setup.py, beside a literal in setup.cfg": (
        {
            "setup.py": "from setuptools import setup\nsetup(version=compute())\n",
            "setup.cfg": "[metadata]\nname = sample\nversion = 1.4.0\n",
        },
        "setup.py:2 (what setup() gets as the version is no constant)",
    ),
    "setup.py, by arguments": (
        {
            "setup.py": 'A = load()\nA["version"] = compute()\nsetup(**A)\n',
            "setup.cfg": "[metadata]\nname = sample\nversion = 1.4.0\n",
        },
        "setup.py:2 (what setup() gets as the version is no constant)",
    ),
    "setup.py, by arguments beside a name": (
        {
            "setup.py": 'A = load()\nA["version"] = compute()\nsetup(name="sample", **A)\n',
            "setup.cfg": "[metadata]\nname = sample\nversion = 1.4.0\n",
        },
        "setup.py:2 (what setup() gets as the version is no constant)",
    ),
    "setup.py, under a condition": (
        {"setup.py": 'if NIGHTLY:\n    V = "1.5.dev0"\nelse:\n    V = "1.4.0"\nsetup(version=V)\n'},
        "setup.py:5 (what setup() gets as the version is no constant)",
    ),
    "setup.py, in one of two calls": (
        {"setup.py": 'if NIGHTLY:\n    setup(version="2")\nelse:\n    setup(version="1")\n'},
        "setup.py:4 (what setup() gets as the version is no constant)",
    ),
    "setup.py of Python 2": (
        {"setup.py": 'print "x"\nsetup(version="1.4.0")\n', "setup.cfg": "[metadata]\nversion = 1"},
        "setup.py (it is not in this Python's syntax)",
    ),
    "setup.cfg": (
        {"setup.py": "", "setup.cfg": "[metadata]\nversion = attr: sample.version\n"},
        "setup.cfg:2 (attr sample.version is no constant)",
    ),
    "hatch, by code": (
        {
            "pyproject.toml": HATCHLING
            + DYNAMIC
            + '[tool.hatch.version]\nsource = "code"\npath = "about.py"\n',
            "about.py": "__version__ = compute()\n",
        },
        "pyproject.toml:7 (its source 'code' finds no constant)",
    ),
    "hatch, by a plugin": (
        {"pyproject.toml": HATCHLING + DYNAMIC + '[tool.hatch.version]\nsource = "env"\n'},
        "pyproject.toml:7 (its source 'env' finds no constant)",
    ),
    "flit, under a condition": (
        {
            "pyproject.toml": built_by("flit_core.buildapi", "flit_core") + DYNAMIC,
            "sample.py": 'if NIGHTLY:\n    __version__ = "2"\nelse:\n    __version__ = "1"\n',
        },
        "sample.py (its __version__ is no constant)",
    ),
    "pdm, by a call": (
        {
            "pyproject.toml": built_by("pdm.backend", "pdm-backend")
            + DYNAMIC
            + '[tool.pdm.version]\nsource = "call"\ngetter = "sample:version"\n',
        },
        "pyproject.toml:7 (it names no file",
    ),
    "meson, by a command": (
        {
            "pyproject.toml": built_by("mesonpy", "meson-python") + DYNAMIC,
            "meson.build": "project('sample',\n  version: run_command('x').stdout())\n",
        },
        "meson.build:2 (it is neither a text nor",
    ),
}


@pytest.mark.parametrize(("files", "place"), COMPUTED.values(), ids=COMPUTED)
def test_what_only_a_build_tells_is_refused_with_its_place(
    tmp_path: Path, files: dict[str, str], place: str
) -> None:
    project = make_project(tmp_path, files)

    refused = refusal(project)

    assert place in refused.what
    assert "without running its code" in refused.what
    for tried in ("a literal in pyproject.toml", "from tags", "what its build tool reads"):
        assert tried in refused.what
    for way_out in ("pyproject.toml", "version-file", "input version", "computed-version"):
        assert way_out in refused.fix
    assert place.startswith(str(refused.location))
    assert find_version(project, VersionSource(), find_matches) is None


@pytest.mark.parametrize(("files", "_place"), COMPUTED.values(), ids=COMPUTED)
def test_an_input_settles_it(tmp_path: Path, files: dict[str, str], _place: str) -> None:
    assert read(make_project(tmp_path, files), version="1.6.0")[:2] == ("input", "1.6.0")


def test_what_setuptools_takes_from_pyproject_wins_over_a_script(tmp_path: Path) -> None:
    files = {
        "pyproject.toml": SETUPTOOLS + DYNAMIC + ATTR,
        "sample.py": '__version__ = "1.4.0"\n',
        "setup.py": "setup(version=compute())\n",
    }

    assert read(make_project(tmp_path, files))[:2] == ("setuptools", "1.4.0")


def test_two_files_disagree(tmp_path: Path) -> None:
    files = {
        "setup.cfg": "[metadata]\nversion = 1.4.0\n",
        "setup.py": 'setup(version="1.3.0")\n',
    }
    project = make_project(tmp_path, files)

    refused = refusal(project)

    assert "setup.cfg:2 says '1.4.0', and setup.py:1 says '1.3.0'" in refused.what
    for way_out in ("same version in both", "version-file", "input version", "computed-version"):
        assert way_out in refused.fix
    assert find_version(project, VersionSource(), find_matches) is None
    assert read(project, file="setup.cfg", pattern="version = (.+)")[1] == "1.4.0"


def test_the_tag_decides_where_the_projects_own_backend_builds(tmp_path: Path) -> None:
    """Such a backend is read for auto-tag, but no reading of its files may contradict a tag."""
    own = '[build-system]\nrequires = []\nbuild-backend = "b"\nbackend-path = ["."]\n'
    project = make_project(
        tmp_path, {"pyproject.toml": own + DYNAMIC + ATTR, "sample.py": '__version__ = "1.4.0"\n'}
    )

    assert read(project)[:2] == ("setuptools", "1.4.0")
    assert find_version(project, VersionSource(), find_matches) is None


def test_the_name_is_found_where_the_version_is_named(tmp_path: Path) -> None:
    project = make_project(tmp_path, {"setup.py": 'setup(name="My.Sample", version=compute())\n'})

    found = read_version(project, VersionSource("1.4.0"), find_matches)

    assert found.name == "my-sample"


@pytest.mark.parametrize(
    ("files", "source", "places"),
    [
        (
            {"pyproject.toml": POETRY + LITERAL + '[tool.poetry]\nversion = "1.3"\n'},
            {},
            ["pyproject.toml:6 says '1.4.0'", "pyproject.toml:8 says '1.3'"],
        ),
        (
            {"pyproject.toml": LITERAL},
            {"version": "2.0"},
            ["the input version says '2.0'", "pyproject.toml:3 says '1.4.0'"],
        ),
        (
            {"pyproject.toml": LITERAL, "sample.py": '\n__version__ = "1.4.1"\n'},
            {"file": "sample.py"},
            ["sample.py:2 says '1.4.1'", "pyproject.toml:3 says '1.4.0'"],
        ),
    ],
    ids=["poetry", "input", "file"],
)
def test_two_places_disagree(
    tmp_path: Path, files: dict[str, str], source: dict[str, str], places: list[str]
) -> None:
    refused = refusal(make_project(tmp_path, files), **source)

    assert [place for place in places if place not in refused.what] == []


@pytest.mark.parametrize("written", ["1.4", "v1.4.0", "1.4.0.0"])
def test_versions_are_compared_as_versions(tmp_path: Path, written: str) -> None:
    project = make_project(tmp_path, {"pyproject.toml": LITERAL})

    assert read(project, version=written)[0] == "input"


def test_toml_that_does_not_parse(tmp_path: Path) -> None:
    project = make_project(tmp_path, {"pyproject.toml": "[project\n"})

    assert str(refusal(project).location) == "pyproject.toml:1"
