"""Which expressions are constants, and which only look like it."""

import time
from pathlib import Path

import pytest

from dist_actions.versions.constants.folding import find_constant
from dist_actions.versions.constants.python_module import ModuleFinder
from support.projects.declared import make_project

CERTAIN = [
    '__version__ = "1.4.0"',
    "__version__: str = '1.4.0'",
    'version = __version__ = "1.4.0"',
    'VERSION = "1.4.0"\n__version__ = VERSION',
    '__version__ = "1.4" ".0"',
    '__version__ = "1.4" + ".0"',
    'MAJOR, = (1,)\n__version__ = "1.4.0"',
    'MAJOR = 1\n__version__ = f"{MAJOR}.4.0"',
    '__version__ = "%d.%d.%s" % (1, 4, 0)',
    '__version__ = "{}.{}.0".format(1, "4")',
    'INFO = (1, 4, 0)\n__version__ = ".".join(map(str, INFO))',
    'INFO = [1, 4, 0]\n__version__ = ".".join([str(part) for part in INFO])',
    '__version__ = str("1.4.0")',
    '__version__ = " 1.4.0\\n".strip()',
    '__version__ = "1.4.0"\ndef f():\n    __version__ = "2"',
    'try:\n    __version__ = "1.4.0"\nexcept ImportError:\n    __version__ = "1.4.0"',
    "from about import v as __version__",
    "from package import about\n__version__ = about.v",
    "import package.about\n__version__ = package.about.v",
    '__version__ = open("VERSION").read().strip()',
]

UNCERTAIN = [
    "",
    "__version__: str",
    "__version__ = get()",
    '__version__ = "1.4.0"\n__version__ = "2"',
    '__version__ = "1.4.0"\n__version__ += ".dev"',
    'if DEV:\n    __version__ = "1.4.0"',
    'try:\n    from x import __version__\nexcept ImportError:\n    __version__ = "1.4.0"',
    '__version__, other = "1.4.0", 2',
    '__version__ = "1.4.0"\nfrom x import *',
    '__version__ = "1.4.0"\ndef f():\n    global __version__\n    __version__ = "2"',
    '__version__ = "1.4.0"\ndel __version__',
    'for __version__ in ["1.4.0"]: pass',
    '__version__ = "%5d" % 1',
    '__version__ = "%d.%d" % (1,)',
    '__version__ = "{0:>9}".format(1)',
    '__version__ = f"{1:>9}"',
    '__version__ = "1" * 3',
    "__version__ = True",
    "__version__ = __version__",
    "a = b\nb = a\n__version__ = a",
    '__version__ = ".".join(str(i) for i in (1, 2) if i > 1)',
    "from missing import __version__",
    "from about import missing as __version__",
    '__version__ = about["v"]',
    '__version__ = open("MISSING").read()',
    "x = (",
    "\0",
]
FILES = {
    "about.py": 'v = "1.4.0"\n',
    "package/__init__.py": "",
    "package/about.py": 'v = "1.4.0"\n',
    "VERSION": "1.4.0\n",
}


def value_in(folder: Path, text: str) -> object:
    project = make_project(folder, {**FILES, "module.py": text})
    module = ModuleFinder(project).parse("module.py")
    found = find_constant(module, "__version__") if module else None
    return found.value if found else None


@pytest.mark.parametrize("text", CERTAIN)
def test_a_constant(tmp_path: Path, text: str) -> None:
    assert value_in(tmp_path, text) == "1.4.0"


@pytest.mark.parametrize("text", UNCERTAIN)
def test_no_constant(tmp_path: Path, text: str) -> None:
    assert value_in(tmp_path, text) is None


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(f"a{i} = a{i + 1} + a{i + 1}" for i in range(60))
        + '\n__version__ = a0\na60 = ""',
        "__version__ = " + "+".join(['"1"'] * 5000),
        "__version__ = " + "(" * 150 + '"1"' + ")" * 150 + ".x" * 3000,
        "__version__ = " + "-" * 3000 + "1",
        "from module import __version__",
        "import module\n__version__ = module.__version__",
        '__version__ = "' + "1" * 5000 + '"',
    ],
    ids=["doubling", "long", "deep", "nested", "circle", "circle-by-module", "large"],
)
def test_a_hostile_module_is_declined_soon(tmp_path: Path, text: str) -> None:
    began = time.monotonic()

    assert value_in(tmp_path, text) is None
    assert time.monotonic() - began < 5


def test_a_module_in_another_encoding(tmp_path: Path) -> None:
    project = make_project(tmp_path, {})
    source = '# -*- coding: latin-1 -*-\n__author__ = "Müller"\n__version__ = "1.4.0"\n'
    (tmp_path / "module.py").write_bytes(source.encode("latin-1"))

    module = ModuleFinder(project).parse("module.py")

    assert module
    assert find_constant(module, "__version__")
