"""Which projects derive their version from tags, by which tool, and how it is told one."""

from pathlib import Path

import pytest
from packaging.version import Version

from dist_actions.errors import InputError, Location
from dist_actions.versions.derivers import Deriver, pin_variables, without_stronger_pins
from dist_actions.versions.project_files import ProjectFiles
from dist_actions.versions.tag_derived import find_deriver, refuse_derived, require_tellable
from support.projects.declared import (
    DYNAMIC,
    ENABLED,
    GENERATED,
    HATCHLING,
    MESON,
    PDM,
    PLACEHOLDER,
    POETRY,
    SCIKIT,
    SETUPTOOLS,
    UV,
    VERSIONEER,
    built_by,
    make_project,
    toml,
)

DERIVED = {
    "empty table": (toml(SETUPTOOLS, DYNAMIC, "[tool.setuptools_scm]\n"), "setuptools-scm", 7),
    "table and nothing else": (toml("[tool.setuptools_scm]\n"), "setuptools-scm", 1),
    "table of vcs-versioning": (toml(SETUPTOOLS, "[tool.vcs-versioning]\n"), "setuptools-scm", 4),
    "table beside attr": (
        toml(
            SETUPTOOLS,
            DYNAMIC,
            '[tool.setuptools_scm]\nversion_file = "a.py"\n',
            '[tool.setuptools.dynamic]\nversion = {attr = "a.b"}\n',
        ),
        "setuptools-scm",
        7,
    ),
    "extra simple": (
        toml(built_by("setuptools.build_meta", "setuptools-scm[simple]>=9.2"), DYNAMIC),
        "setuptools-scm",
        2,
    ),
    "keyword": (
        {"setup.py": "from setuptools import setup\nsetup(use_scm_version=True)\n"},
        "setuptools-scm",
        2,
    ),
    "keyword in a dictionary": (
        {"setup.py": "options = {\n  'use_scm_version': {'root': '.'},\n}\nsetup(**options)\n"},
        "setuptools-scm",
        2,
    ),
    "keyword set later": (
        {"setup.py": "options = {}\noptions['use_scm_version'] = f\nsetup(**options)\n"},
        "setuptools-scm",
        2,
    ),
    "get_version in setup.py": (
        {
            "setup.py": "from setuptools_scm import get_version as find\n\n"
            "setup(version=find(root='..'))\n"
        },
        "setuptools-scm",
        3,
    ),
    "option": (
        {"setup.cfg": "[metadata]\nname = a\n[options]\nuse_scm_version = true\n"},
        "setuptools-scm",
        4,
    ),
    "hatch": (
        toml(HATCHLING, DYNAMIC, '[tool.hatch.version]\nsource = "vcs"\n'),
        "hatch-vcs",
        8,
    ),
    "hatch as a dotted key": (
        toml(HATCHLING, DYNAMIC, '[tool.hatch]\nversion.source = "vcs"\n'),
        "hatch-vcs",
        8,
    ),
    "hatch.toml": (
        {**toml(HATCHLING, DYNAMIC), "hatch.toml": '[version]\nsource = "vcs"\n'},
        "hatch-vcs",
        2,
    ),
    "hatch.toml wins": (
        {
            **toml(HATCHLING, DYNAMIC, '[tool.hatch.version]\npath = "a.py"\n'),
            "hatch.toml": '[version]\nsource = "vcs"\n',
        },
        "hatch-vcs",
        2,
    ),
    "uv": (toml(HATCHLING, DYNAMIC, UV), "uv-dynamic-versioning", 8),
    "pdm": (toml(PDM, DYNAMIC, '[tool.pdm.version]\nsource = "scm"\n'), "pdm-backend", 8),
    "pdm-pep517": (
        toml(built_by("pdm.pep517.api"), DYNAMIC, "[tool.pdm]\nversion = {use_scm = true}\n"),
        "pdm-backend",
        8,
    ),
    "poetry": (toml(POETRY, PLACEHOLDER, ENABLED), "poetry-dynamic-versioning", 8),
    "flit_scm": (toml(built_by("flit_scm:buildapi", "flit_scm"), DYNAMIC), "flit-scm", 3),
    "pbr keyword": ({"setup.py": "import setuptools\nsetuptools.setup(pbr=True)\n"}, "pbr", 2),
    "pbr backend": (toml(built_by("pbr.build", "pbr"), DYNAMIC), "pbr", 3),
    "versioneer": (
        {"setup.py": "import versioneer\nsetup(\n  version=versioneer.get_version(),\n)\n"},
        "versioneer",
        3,
    ),
    "versioneer loaded by hand": (
        {"setup.py": "versioneer = load('versioneer')\nsetup(version=versioneer.get_version())\n"},
        "versioneer",
        2,
    ),
    "versioneer by attr": (
        {
            "setup.cfg": f"[metadata]\nversion = attr: sample.__version__\n{VERSIONEER}",
            "sample/_version.py": GENERATED,
        },
        "versioneer",
        3,
    ),
    "versioneer in meson": (
        {
            **toml(
                MESON,
                DYNAMIC,
                '[tool.versioneer]\nversionfile_source = "sample/_version.py"\n',
            ),
            "meson.build": "project('a', 'c', version: run_command('v.py').stdout())\n",
            "sample/_version.py": GENERATED,
        },
        "versioneer",
        7,
    ),
    "setuptools_scm in meson": (
        {
            **toml(MESON, DYNAMIC, "[tool.setuptools_scm]\n"),
            "meson.build": "project('a', 'c', version: run_command('v.py').stdout())\n",
        },
        "setuptools-scm",
        7,
    ),
    "setuptools-git-versioning": (
        toml(SETUPTOOLS, DYNAMIC, "[tool.setuptools-git-versioning]\nenabled = true\n"),
        "setuptools-git-versioning",
        7,
    ),
    "its keyword": (
        {"setup.py": "setup(\n  setuptools_git_versioning={'enabled': True},\n)\n"},
        "setuptools-git-versioning",
        2,
    ),
    "versioningit": (toml(SETUPTOOLS, DYNAMIC, "[tool.versioningit]\n"), "versioningit", 7),
    "versioningit in hatch": (
        toml(
            HATCHLING,
            DYNAMIC,
            "[tool.versioningit]\n",
            '[tool.hatch.version]\nsource = "versioningit"\n',
        ),
        "versioningit",
        7,
    ),
    "dunamai": (
        {"setup.py": "from dunamai import Version\nsetup(version=str(Version.from_git()))\n"},
        "dunamai",
        2,
    ),
    "scikit-build-core": (
        toml(
            SCIKIT,
            DYNAMIC,
            "[tool.scikit-build.metadata.version]\n"
            'provider = "scikit_build_core.metadata.setuptools_scm"\n',
        ),
        "setuptools-scm",
        8,
    ),
    "dynamic-metadata": (
        toml(SCIKIT, DYNAMIC, '[[tool.dynamic-metadata]]\nprovider = "vcs_versioning"\n'),
        "setuptools-scm",
        7,
    ),
}


@pytest.mark.parametrize("case", DERIVED)
def test_a_deriver_is_found_where_the_project_asks_for_it(tmp_path: Path, case: str) -> None:
    files, tool, line = DERIVED[case]
    found = find_deriver(make_project(tmp_path, files))
    assert found is not None
    assert (found.tool, found.location.line, found.obstacle) == (tool, line, "")
    assert found.location.file in files


@pytest.mark.parametrize(
    ("files", "obstacle", "remedy"),
    [
        pytest.param(
            toml(built_by("poetry.core.masonry.api", "poetry-core"), PLACEHOLDER, ENABLED),
            "the build backend is poetry.core.masonry.api",
            'build-backend = "poetry_dynamic_versioning.backend"',
            id="plugin without its backend",
        ),
        pytest.param(
            toml(PLACEHOLDER, ENABLED),
            "the build backend is setuptools",
            'build-backend = "poetry_dynamic_versioning.backend"',
            id="plugin without a backend",
        ),
        pytest.param(
            toml(SETUPTOOLS, DYNAMIC),
            "setuptools-scm is required, but not switched on",
            "[tool.setuptools_scm]",
            id="setuptools-scm without a switch",
        ),
    ],
)
def test_a_tool_that_would_build_something_else_is_refused(
    tmp_path: Path, files: dict[str, str], obstacle: str, remedy: str
) -> None:
    found = find_deriver(make_project(tmp_path, files))
    assert found is not None
    with pytest.raises(InputError) as refused:
        require_tellable(found)
    assert obstacle in refused.value.why
    assert remedy in refused.value.fix
    assert refused.value.location == found.location


def test_a_deriver_of_a_package_in_a_folder_is_located_from_the_root(tmp_path: Path) -> None:
    files = toml(SETUPTOOLS, DYNAMIC, "[tool.setuptools_scm]\n")
    make_project(tmp_path / "packages" / "core", files)
    found = find_deriver(ProjectFiles(tmp_path, "packages/core"))
    assert found is not None
    assert str(found.location) == "packages/core/pyproject.toml:7"


@pytest.mark.parametrize(
    ("files", "prefix"),
    [
        ({"setup.py": "import versioneer\nversioneer.get_version()\n"}, ""),
        (
            {
                "setup.py": "import versioneer\nversioneer.get_version()\n",
                "setup.cfg": VERSIONEER,
            },
            "sample-",
        ),
        (
            {
                "setup.py": "import versioneer\nversioneer.get_version()\n",
                **toml("[tool.versioneer]\ntag_prefix = 'v'\n"),
            },
            "v",
        ),
        (toml("[tool.versioningit]\n"), "v"),
        (toml("[tool.versioningit.tag2version]\nrmprefix = 'a/'\n"), "a/"),
        (toml("[tool.setuptools-git-versioning]\nenabled = true\n"), ""),
    ],
)
def test_a_tool_without_variables_looks_for_tags_with_its_prefix(
    tmp_path: Path, files: dict[str, str], prefix: str
) -> None:
    found = find_deriver(make_project(tmp_path, files))
    assert found is not None
    assert (found.variables, found.tag_prefix) == ((), prefix)


def test_auto_tag_is_refused_with_both_ways_out(tmp_path: Path) -> None:
    found = find_deriver(make_project(tmp_path, DERIVED["pdm"][0]))
    assert isinstance(found, Deriver)
    refused = refuse_derived(found)
    assert refused.what == "pyproject.toml:8: pdm-backend derives the version from git tags."
    assert 'version = "1.4.0" in pyproject.toml' in refused.fix
    assert "input version" in refused.fix


def test_every_tool_with_variables_is_told_the_normal_form() -> None:
    pins = pin_variables(Version("1.2"))
    tools = {tool: Deriver(tool, Location("setup.py")) for _, tool, _ in DERIVED.values()}
    told = {name for deriver in tools.values() for name in deriver.variables}
    assert set(pins) == told
    assert set(pins.values()) == {"1.2"}


def test_what_would_win_over_the_pins_is_taken_out() -> None:
    ours = pin_variables(Version("1.2"))
    strong = {
        "SETUPTOOLS_SCM_PRETEND_VERSION_FOR_SAMPLE": "9",
        "SETUPTOOLS_SCM_OVERRIDES_FOR_SAMPLE": "{}",
        "POETRY_DYNAMIC_VERSIONING_OVERRIDE": "sample=9",
    }
    kept = {"SETUPTOOLS_SCM_DEBUG": "1", "PATH": "/bin"}
    assert without_stronger_pins({**strong, **kept}) == kept
    assert not set(strong) & set(ours)
