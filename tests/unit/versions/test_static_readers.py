"""What build tools would read is read from files, and nothing is imported or run."""

from pathlib import Path

import pytest

from dist_actions.errors import InputError
from dist_actions.services.foreign_code.pattern_matching import find_matches
from dist_actions.versions.build_tools.readers import read_static
from support.projects.declared import DYNAMIC, built_by, make_project

SETUPTOOLS = built_by("setuptools.build_meta", "setuptools")
HATCHLING = built_by("hatchling.build", "hatchling")
FLIT = built_by("flit_core.buildapi", "flit_core")
PDM = built_by("pdm.backend", "pdm-backend")
MATURIN = built_by("maturin", "maturin")
MESON = built_by("mesonpy", "meson-python")
SCIKIT = built_by("scikit_build_core.build", "scikit-build-core")
ATTR = '[tool.setuptools.dynamic]\nversion = { attr = "sample.__version__" }\n'
INIT = '"""Doc."""\n\n__version__ = "1.4.0"\n'
MESON_TOP = "# A comment, project(version: '9')\nproject(\n  'sample', 'c',\n"
REGEX = '[tool.scikit-build.metadata.version]\nprovider = "scikit_build_core.metadata.regex"\n'

#: Files → source, version as written, file and line.
FOUND = {
    "attr": (
        {"pyproject.toml": SETUPTOOLS + DYNAMIC + ATTR, "sample/__init__.py": INIT},
        ("setuptools", "1.4.0", "sample/__init__.py:3"),
    ),
    "attr-in-src": (
        {"pyproject.toml": SETUPTOOLS + DYNAMIC + ATTR, "src/sample/__init__.py": INIT},
        ("setuptools", "1.4.0", "src/sample/__init__.py:3"),
    ),
    "attr-in-a-module": (
        {"pyproject.toml": SETUPTOOLS + DYNAMIC + ATTR, "sample.py": INIT},
        ("setuptools", "1.4.0", "sample.py:3"),
    ),
    "attr-in-package-dir": (
        {
            "pyproject.toml": SETUPTOOLS
            + DYNAMIC
            + ATTR
            + '[tool.setuptools.package-dir]\n"" = "lib"\n',
            "lib/sample/__init__.py": INIT,
            "sample/__init__.py": '__version__ = "9"\n',
        },
        ("setuptools", "1.4.0", "lib/sample/__init__.py:3"),
    ),
    "attr-by-one-import": (
        {
            "pyproject.toml": SETUPTOOLS + DYNAMIC + ATTR,
            "sample/__init__.py": "from ._version import version as __version__\n",
            "sample/_version.py": 'version: str = "1.4.0"\n',
        },
        ("setuptools", "1.4.0", "sample/_version.py:1"),
    ),
    "attr-is-a-tuple": (
        {
            "pyproject.toml": SETUPTOOLS + DYNAMIC + ATTR,
            "sample/__init__.py": "__version__ = (1, 4, 0)\n",
        },
        ("setuptools", "1.4.0", "sample/__init__.py:1"),
    ),
    "file": (
        {
            "pyproject.toml": SETUPTOOLS
            + DYNAMIC
            + '[tool.setuptools.dynamic]\nversion = { file = ["VERSION"] }\n',
            "VERSION": "1.4.0\n",
        },
        ("setuptools", "1.4.0", "VERSION:1"),
    ),
    "setup.cfg": (
        {"setup.py": "", "setup.cfg": "[metadata]\nname = sample\nversion = 1.4.0\n"},
        ("setup.cfg", "1.4.0", "setup.cfg:3"),
    ),
    "setup.cfg-attr": (
        {
            "setup.py": "",
            "setup.cfg": "[metadata]\nversion = attr: sample.__version__\n"
            "[options]\npackage_dir =\n    = lib\n",
            "lib/sample/__init__.py": INIT,
        },
        ("setup.cfg", "1.4.0", "lib/sample/__init__.py:3"),
    ),
    "setup.cfg-file": (
        {"setup.py": "", "setup.cfg": "[metadata]\nversion = file: VERSION\n", "VERSION": "1.4.0"},
        ("setup.cfg", "1.4.0", "VERSION:1"),
    ),
    "setup.py-literal": (
        {"setup.py": 'import setuptools\nsetuptools.setup(name="sample",\n  version="1.4.0")\n'},
        ("setup.py", "1.4.0", "setup.py:3"),
    ),
    "setup.py-name": (
        {"setup.py": 'from setuptools import setup\nV = "1.4.0"\nsetup(version=V)\n'},
        ("setup.py", "1.4.0", "setup.py:2"),
    ),
    "setup.py-arguments": (
        {"setup.py": 'ARGUMENTS = dict(version="1.4.0")\nsetup(**ARGUMENTS)\n'},
        ("setup.py", "1.4.0", "setup.py:1"),
    ),
    "setup.py-module": (
        {
            "setup.py": "import sample\nsetup(version=sample.__version__)\n",
            "sample/__init__.py": INIT,
        },
        ("setup.py", "1.4.0", "sample/__init__.py:3"),
    ),
    "setup.py-executes-a-file": (
        {
            "setup.py": "import os\nhere = os.path.abspath(os.path.dirname(__file__))\nabout = {}\n"
            'with open(os.path.join(here, "sample", "about.py")) as f:\n'
            '    exec(compile(f.read(), "about.py", "exec"), about)\n'
            'setup(version=about["__version__"])\n',
            "sample/about.py": INIT,
        },
        ("setup.py", "1.4.0", "sample/about.py:3"),
    ),
    "setup.py-reads-a-file": (
        {
            "setup.py": "from pathlib import Path\n"
            'setup(version=(Path(__file__).parent / "VERSION").read_text().strip())\n',
            "VERSION": "1.4.0\n",
        },
        ("setup.py", "1.4.0", "VERSION:1"),
    ),
    "setup.py-reads-a-file-by-a-function": (
        {"setup.py": 'setup(version=read("VERSION").strip())\n', "VERSION": "1.4.0\n"},
        ("setup.py", "1.4.0", "VERSION:1"),
    ),
    "setup.py-executes-a-file-into-itself": (
        {
            "setup.py": 'version = None\nexec(open("sample/about.py").read())\n'
            "setup(version=version)\n",
            "sample/about.py": 'version = "1.4.0"\n',
        },
        ("setup.py", "1.4.0", "sample/about.py:1"),
    ),
    "setup.py-of-several-with": (
        {
            "setup.py": 'with open("README") as f:\n    text = f.read()\nns = {}\n'
            'with open("about.py") as f:\n    exec(f.read(), ns)\n'
            '    version = ns["__version__"]\nsetup(version=version)\n',
            "about.py": INIT,
        },
        ("setup.py", "1.4.0", "about.py:3"),
    ),
    "setup.py-reads-a-module-by-a-function": (
        {
            "setup.py": 'setup(version=find_version("src", "sample.py"))\n',
            "src/sample.py": INIT,
        },
        ("setup.py", "1.4.0", "src/sample.py:3"),
    ),
    "hatch": (
        {
            "pyproject.toml": HATCHLING + DYNAMIC + '[tool.hatch.version]\npath = "about.py"\n',
            "about.py": "\nVersion: str = 'v1.4.0'\n",
        },
        ("hatch", "1.4.0", "about.py:2"),
    ),
    "hatch-pattern": (
        {
            "pyproject.toml": HATCHLING
            + DYNAMIC
            + '[tool.hatch.version]\npath = "about.txt"\npattern = "^is (?P<version>[^ ]+) now"\n',
            "about.txt": "it\nis 1.4.0 now\n",
        },
        ("hatch", "1.4.0", "about.txt:2"),
    ),
    "hatch.toml": (
        {
            "pyproject.toml": HATCHLING + DYNAMIC,
            "hatch.toml": '[version]\npath = "about.py"\n',
            "about.py": '__version__ = "1.4.0"\n',
        },
        ("hatch", "1.4.0", "about.py:1"),
    ),
    "hatch-code": (
        {
            "pyproject.toml": HATCHLING
            + DYNAMIC
            + '[tool.hatch.version]\nsource = "code"\npath = "about.py"\n',
            "about.py": 'PARTS = (1, 4, 0)\n__version__ = ".".join(str(i) for i in PARTS)\n',
        },
        ("hatch", "1.4.0", "about.py:2"),
    ),
    "hatch-nodejs": (
        {
            "pyproject.toml": HATCHLING + DYNAMIC + '[tool.hatch.version]\nsource = "nodejs"\n',
            "package.json": '{\n  "version": "1.4.0"\n}\n',
        },
        ("hatch-nodejs-version", "1.4.0", "package.json:2"),
    ),
    "flit": (
        {"pyproject.toml": FLIT + DYNAMIC, "sample.py": INIT},
        ("flit", "1.4.0", "sample.py:3"),
    ),
    "flit-module": (
        {
            "pyproject.toml": FLIT + DYNAMIC + '[tool.flit.module]\nname = "other.inner"\n',
            "src/other/inner/__init__.py": INIT,
        },
        ("flit", "1.4.0", "src/other/inner/__init__.py:3"),
    ),
    "pdm": (
        {
            "pyproject.toml": PDM
            + DYNAMIC
            + '[tool.pdm.version]\nsource = "file"\npath = "sample/__init__.py"\n',
            "sample/__init__.py": INIT,
        },
        ("pdm", "1.4.0", "sample/__init__.py:3"),
    ),
    "maturin": (
        {
            "pyproject.toml": MATURIN + DYNAMIC,
            "Cargo.toml": '[package]\nname = "sample"\nversion = "1.4.0-alpha.1"\n',
        },
        ("maturin", "1.4.0a1", "Cargo.toml:3"),
    ),
    "maturin-manifest-path": (
        {
            "pyproject.toml": MATURIN
            + DYNAMIC
            + '[tool.maturin]\nmanifest-path = "crates/py/Cargo.toml"\n',
            "crates/py/Cargo.toml": "[package]\nversion.workspace = true\n",
            "Cargo.toml": '[workspace]\n[workspace.package]\nversion = "1.4.0"\n',
        },
        ("maturin", "1.4.0", "Cargo.toml:3"),
    ),
    "maturin-dotted-workspace": (
        {
            "pyproject.toml": MATURIN + DYNAMIC,
            "rust/Cargo.toml": '[package]\nversion = { workspace = true }\nworkspace = "../all"\n',
            "all/Cargo.toml": '[workspace.package]\nversion = "1.4.0"\n',
        },
        ("maturin", "1.4.0", "all/Cargo.toml:2"),
    ),
    "meson": (
        {
            "pyproject.toml": MESON + DYNAMIC,
            "meson.build": MESON_TOP + "  default_options: ['version=8'],\n  version : '1.4.0')\n",
        },
        ("meson", "1.4.0", "meson.build:5"),
    ),
    "meson-file": (
        {
            "pyproject.toml": MESON + DYNAMIC,
            "meson.build": MESON_TOP + "  version: files('VERSION'), license: 'MIT')\n",
            "VERSION": "1.4.0\n",
        },
        ("meson", "1.4.0", "VERSION:1"),
    ),
    "scikit-build-core": (
        {
            "pyproject.toml": SCIKIT + DYNAMIC + REGEX + 'input = "sample.py"\n',
            "sample.py": INIT,
        },
        ("scikit-build-core", "1.4.0", "sample.py:3"),
    ),
    "scikit-build-core-parts": (
        {
            "pyproject.toml": SCIKIT
            + DYNAMIC
            + REGEX
            + 'input = "version.h"\nregex = \'(?sx)MAJOR \\s+ (?P<a>\\d+) .*? MINOR \\s+ '
            '(?P<b>\\d+)\'\nresult = "{a}.{b}"\n',
            "version.h": "#define MAJOR 1\n#define MINOR 4\n",
        },
        ("scikit-build-core", "1.4", "version.h:1"),
    ),
}

#: Files in which the version is not certain.
DECLINED = {
    "setup.cfg-tag-build": {
        "setup.py": "",
        "setup.cfg": "[metadata]\nversion = 1.4.0\n[egg_info]\ntag_build = .dev\n",
    },
    "setup.py-tag-date": {
        "setup.py": 'setup(version="1.4.0")\n',
        "setup.cfg": "[egg_info]\ntag_date = true\n",
    },
    "setup.cfg-not-parsable": {"setup.py": "", "setup.cfg": "version = 1\n[metadata\n"},
    "attr-of-two-modules": {
        "pyproject.toml": SETUPTOOLS + DYNAMIC + ATTR,
        "sample/__init__.py": INIT,
        "src/sample/__init__.py": INIT,
    },
    "file-missing": {
        "pyproject.toml": SETUPTOOLS
        + DYNAMIC
        + '[tool.setuptools.dynamic]\nversion = { file = "VERSION" }\n',
    },
    "setup.py-function": {"setup.py": "setup(version=get_version())\n"},
    "setup.py-two-calls": {"setup.py": 'setup(version="1")\nsetup(version="1")\n'},
    "setup.py-changed-later": {
        "setup.py": 'A = dict(version="1")\nA["version"] = f()\nsetup(**A)\n'
    },
    "setup.py-updated-later": {
        "setup.py": 'A = dict(version="1")\nA.update(version=f())\nsetup(**A)\n'
    },
    "setup.py-of-python-2": {"setup.py": 'print "x"\nsetup(version="1.4.0")\n'},
    "setup.py-no-version-in-file": {
        "setup.py": 'setup(version=read("README"))\n',
        "README": "Hello.\n",
    },
    "hatch-env": {
        "pyproject.toml": HATCHLING
        + DYNAMIC
        + '[tool.hatch.version]\nsource = "env"\nvariable = "V"\n',
    },
    "hatch-code-with-a-call": {
        "pyproject.toml": HATCHLING
        + DYNAMIC
        + '[tool.hatch.version]\nsource = "code"\npath = "about.py"\nexpression = "get()"\n',
        "about.py": INIT,
    },
    "hatch-nodejs-prerelease": {
        "pyproject.toml": HATCHLING + DYNAMIC + '[tool.hatch.version]\nsource = "nodejs"\n',
        "package.json": '{"version": "1.4.0-beta.1"}',
    },
    "pdm-call": {
        "pyproject.toml": PDM
        + DYNAMIC
        + '[tool.pdm.version]\nsource = "call"\ngetter = "sample:version"\n',
    },
    "maturin-without-a-crate": {"pyproject.toml": MATURIN + DYNAMIC},
    "meson-runs-a-command": {
        "pyproject.toml": MESON + DYNAMIC,
        "meson.build": MESON_TOP + "  version: run_command('x.py', 'files').stdout())\n",
    },
    "meson-no-project": {"pyproject.toml": MESON + DYNAMIC, "meson.build": "version: '1'\n"},
    "scikit-build-core-removes": {
        "pyproject.toml": SCIKIT + DYNAMIC + REGEX + 'input = "sample.py"\nremove = "dev"\n',
        "sample.py": INIT,
    },
}


@pytest.mark.parametrize(("files", "expected"), FOUND.values(), ids=FOUND.keys())
def test_a_file_says_it(
    tmp_path: Path, files: dict[str, str], expected: tuple[str, str, str]
) -> None:
    reading = read_static(make_project(tmp_path, files), find_matches)
    (found,) = reading.declared

    assert reading.computed == ()
    assert (found.source, found.text, str(found.location)) == expected


@pytest.mark.parametrize("files", DECLINED.values(), ids=DECLINED.keys())
def test_no_file_says_it_for_certain(tmp_path: Path, files: dict[str, str]) -> None:
    assert read_static(make_project(tmp_path, files), find_matches).declared == ()


def test_nothing_of_the_project_is_imported(tmp_path: Path) -> None:
    trap = f"open({str(tmp_path / 'imported')!r}, 'w').close()\n"
    files = {
        "pyproject.toml": SETUPTOOLS + DYNAMIC + ATTR,
        "setup.py": trap + "import sample\nsetup(version=sample.__version__)\n",
        "sample/__init__.py": trap + "from .about import __version__\n",
        "sample/about.py": trap + INIT,
    }

    found = read_static(make_project(tmp_path, files), find_matches)

    assert [one.text for one in found.declared] == ["1.4.0", "1.4.0"]
    assert not (tmp_path / "imported").exists()


def test_the_name_is_known_without_pyproject(tmp_path: Path) -> None:
    files = {"setup.py": 'setup(name="My.Sample", version="1")\n'}

    assert read_static(make_project(tmp_path, files), find_matches).declared[0].name == "My.Sample"


def test_a_crates_version_that_python_cannot_have(tmp_path: Path) -> None:
    files = {
        "pyproject.toml": MATURIN + DYNAMIC,
        "Cargo.toml": '[package]\nversion = "1.4.0-nightly.3"\n',
    }

    with pytest.raises(InputError, match=r"Cargo\.toml:2: '1\.4\.0-nightly\.3'"):
        read_static(make_project(tmp_path, files), find_matches)


def test_a_workspace_above_the_project(tmp_path: Path) -> None:
    files = {
        "Cargo.toml": '[workspace.package]\nversion = "1.4.0"\n',
        "python/pyproject.toml": MATURIN + DYNAMIC,
        "python/Cargo.toml": "[package]\nversion.workspace = true\n",
    }
    make_project(tmp_path, files)
    project = type(make_project(tmp_path, {}))(tmp_path, "python")

    (found,) = read_static(project, find_matches).declared

    assert (found.text, str(found.location)) == ("1.4.0", "Cargo.toml:2")
