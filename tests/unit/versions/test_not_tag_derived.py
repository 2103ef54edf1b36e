"""Projects beside which a tool of tags stands, and which have their version from elsewhere."""

from pathlib import Path

import pytest

from dist_actions.versions.tag_derived import find_deriver
from support.projects.declared import (
    DYNAMIC,
    ENABLED,
    GENERATED,
    HATCHLING,
    LITERAL,
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

NOT_DERIVED = {
    "file finder and attr": toml(
        SETUPTOOLS, DYNAMIC, '[tool.setuptools.dynamic]\nversion = {attr = "a.b"}\n'
    ),
    "file finder and setup.cfg": {
        **toml(SETUPTOOLS),
        "setup.cfg": "[metadata]\nversion = 1.0\n",
    },
    "table beside a version in setup.cfg": {
        **toml(SETUPTOOLS, "[tool.setuptools_scm]\n"),
        "setup.cfg": "[metadata]\nversion = 1.0\n",
    },
    "table beside a version in setup.py": {
        **toml(SETUPTOOLS, "[tool.setuptools_scm]\n"),
        "setup.py": "setup(version=VERSION)\n",
    },
    "table beside a literal": toml(SETUPTOOLS, LITERAL, "[tool.setuptools_scm]\n"),
    "keyword that says no": {"setup.py": "setup(use_scm_version=False, version='1.0')\n"},
    "comment": {"setup.py": "# setup(use_scm_version=True)\nsetup(version='1.0')\n"},
    "simple without dynamic": toml(built_by("setuptools.build_meta", "setuptools-scm[simple]")),
    "hatch-vcs as a build hook": toml(
        HATCHLING,
        DYNAMIC,
        '[tool.hatch.version]\npath = "a.py"\n',
        '[tool.hatch.build.hooks.vcs]\nversion-file = "b.py"\n',
    ),
    "hatch.toml without vcs": {
        **toml(HATCHLING, DYNAMIC, '[tool.hatch.version]\nsource = "vcs"\n'),
        "hatch.toml": '[version]\npath = "a.py"\n',
    },
    "tables of a tool that was left": toml(
        HATCHLING,
        DYNAMIC,
        '[tool.setuptools_scm]\n[tool.hatch.version]\npath = "a.py"\n',
    ),
    "hatch of another backend": toml(
        built_by("flit_core.buildapi"), DYNAMIC, '[tool.hatch.version]\nsource = "vcs"\n'
    ),
    "uv from a file": toml(
        HATCHLING, DYNAMIC, UV, '[tool.uv-dynamic-versioning.from-file]\nsource = "VERSION"\n'
    ),
    "uv for dependencies alone": toml(
        HATCHLING,
        DYNAMIC,
        '[tool.hatch.version]\npath = "a.py"\n',
        '[tool.hatch.metadata.hooks.uv-dynamic-versioning]\ndependencies = ["a=={{ version }}"]\n',
    ),
    "pdm call": toml(PDM, DYNAMIC, '[tool.pdm.version]\nsource = "call"\ngetter = "a:b"\n'),
    "pdm file": toml(PDM, DYNAMIC, '[tool.pdm.version]\nsource = "file"\npath = "a.py"\n'),
    "poetry switched off": toml(
        POETRY, PLACEHOLDER, "[tool.poetry-dynamic-versioning]\nenable = false\n"
    ),
    "poetry without a switch": toml(
        POETRY, PLACEHOLDER, '[tool.poetry-dynamic-versioning]\nvcs = "git"\n'
    ),
    "poetry from a file": toml(
        POETRY,
        PLACEHOLDER,
        ENABLED,
        '[tool.poetry-dynamic-versioning.from-file]\nsource = "VERSION"\n',
    ),
    "pbr that says no": {"setup.py": "setup(pbr=False, version='1.0')\n"},
    "versioneer's section alone": {
        "setup.cfg": f"[metadata]\nversion = attr: sample.__version__\n{VERSIONEER}"
    },
    "versioneer's section beside a version": {
        "setup.cfg": f"[metadata]\nversion = 1.0\n{VERSIONEER}",
        "sample/_version.py": GENERATED,
    },
    "versioneer's section beside setup(version=…)": {
        "setup.cfg": VERSIONEER,
        "setup.py": "setup(version='1.0')\n",
        "sample/_version.py": GENERATED,
    },
    "version in meson.build": {
        **toml(MESON, DYNAMIC, "[tool.setuptools_scm]\n"),
        "meson.build": "project('a', 'c',\n  version: '1.0')\n",
    },
    "setuptools-git-versioning switched off": toml(
        SETUPTOOLS,
        '[tool.setuptools.dynamic]\nversion = {file = "VERSION"}\n',
        "[tool.setuptools-git-versioning]\nenabled = false\n",
    ),
    "setuptools-git-versioning from a file": toml(
        SETUPTOOLS,
        "[tool.setuptools-git-versioning]\nenabled = true\nversion_file = 'VERSION'\n",
    ),
    "scikit-build-core by a pattern": toml(
        SCIKIT,
        DYNAMIC,
        '[tool.scikit-build.metadata.version]\nprovider = "scikit_build_core.metadata.regex"\n',
    ),
    "provider of another field": toml(
        SCIKIT,
        DYNAMIC,
        '[[tool.dynamic-metadata]]\nfield = "readme"\nprovider = "vcs_versioning"\n',
    ),
    "setup.py that does not parse": {"setup.py": "setup(use_scm_version=True\n"},
    "nothing": {},
}


@pytest.mark.parametrize("case", NOT_DERIVED)
def test_a_tool_that_does_not_decide_the_version_is_no_deriver(tmp_path: Path, case: str) -> None:
    assert find_deriver(make_project(tmp_path, NOT_DERIVED[case])) is None
