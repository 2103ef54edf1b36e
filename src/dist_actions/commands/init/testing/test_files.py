"""What a project's tests import and use, from their syntax trees; nothing of them runs."""

import ast
import configparser
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from dist_actions.commands.init.files import TEST_FOLDERS, FileList
from dist_actions.errors import InputError
from dist_actions.toml import table_at
from dist_actions.versions.project_files import ProjectFiles, normalised

#: Distributions whose name is not that of what they install.
_DISTRIBUTIONS = {
    "attr": "attrs", "bs4": "beautifulsoup4", "Crypto": "pycryptodome", "cv2": "opencv-python",
    "dateutil": "python-dateutil", "dns": "dnspython", "docx": "python-docx",
    "dotenv": "python-dotenv", "git": "GitPython", "jwt": "PyJWT", "magic": "python-magic",
    "nacl": "pynacl", "OpenSSL": "pyOpenSSL", "PIL": "pillow",
    "pkg_resources": "setuptools", "ruamel": "ruamel.yaml", "serial": "pyserial",
    "skimage": "scikit-image", "sklearn": "scikit-learn", "socks": "PySocks", "usb": "pyusb",
    "yaml": "PyYAML", "zmq": "pyzmq",
    "_pytest": "pytest", "xdist": "pytest-xdist", "flask_sqlalchemy": "Flask-SQLAlchemy",
}  # fmt: skip
#: Fixtures, marks, options and settings of pytest by the plugin that brings them.
_FIXTURES = {
    "mocker": "pytest-mock", "benchmark": "pytest-benchmark", "httpserver": "pytest-httpserver",
    "freezer": "pytest-freezer", "snapshot": "syrupy", "requests_mock": "requests-mock",
    "httpx_mock": "pytest-httpx", "respx_mock": "respx", "datadir": "pytest-datadir",
    "shared_datadir": "pytest-datadir", "aiohttp_client": "pytest-aiohttp",
    "live_server": "pytest-django", "qtbot": "pytest-qt", "httpbin": "pytest-httpbin",
    "testdir": "", "fs": "pyfakefs", "postgresql": "pytest-postgresql", "faker": "Faker",
    "data_regression": "pytest-regressions", "file_regression": "pytest-regressions",
    "num_regression": "pytest-regressions", "cookies": "pytest-cookies", "fp": "pytest-subprocess",
    "cov": "pytest-cov",
}  # fmt: skip
_MARKS = {
    "asyncio": "pytest-asyncio", "trio": "pytest-trio", "anyio": "anyio",
    "timeout": "pytest-timeout",
    "django_db": "pytest-django", "flaky": "pytest-rerunfailures", "benchmark": "pytest-benchmark",
    "freeze_time": "pytest-freezer", "vcr": "pytest-recording", "order": "pytest-order",
    "dependency": "pytest-dependency", "xdist_group": "pytest-xdist", "httpx_mock": "pytest-httpx",
}  # fmt: skip
_OPTIONS = (
    (r"--cov\b|--no-cov", "pytest-cov"),
    (r"(?:^|\s)(?:-n\s*\w|--numprocesses|--dist\b)", "pytest-xdist"),
    (r"--timeout", "pytest-timeout"),
    (r"--benchmark", "pytest-benchmark"),
    (r"--reruns", "pytest-rerunfailures"),
    (r"--flake8", "pytest-flake8"),
    (r"--mypy\b", "pytest-mypy"),
    (r"--black\b", "pytest-black"),
    (r"--ruff\b", "pytest-ruff"),
    (r"--isort\b", "pytest-isort"),
    (r"--checkdocs", "pytest-checkdocs"),
    (r"--doctest-plus|--doctest-rst", "pytest-doctestplus"),
    (r"--(?:allow-hosts|disable-socket|allow-unix-socket)", "pytest-socket"),
    (r"--instafail", "pytest-instafail"),
    (r"--forked", "pytest-forked"),
    (r"--random-order", "pytest-random-order"),
    (r"--(?:mpl|arraydiff)", "pytest-mpl"),
    (r"--nbval", "nbval"),
    (r"--snapshot", "syrupy"),
)
_SETTINGS = {
    "asyncio_mode": "pytest-asyncio", "asyncio_default_fixture_loop_scope": "pytest-asyncio",
    "timeout": "pytest-timeout", "DJANGO_SETTINGS_MODULE": "pytest-django", "env": "pytest-env",
    "mock_use_standalone_module": "pytest-mock", "trio_mode": "pytest-trio",
    "doctest_plus": "pytest-doctestplus", "qt_api": "pytest-qt",
    "django_find_project": "pytest-django",
}  # fmt: skip
_TEST_FILE = re.compile(r"test_.*\.py|.*_test\.py|tests?\.py")


@dataclass(frozen=True)
class PytestSettings:
    """What the project's files say to pytest."""

    values: Mapping[str, str]

    @property
    def options(self) -> str:
        """Return the options that it always adds."""
        return self.values.get("addopts", "")

    def listed(self, key: str) -> tuple[str, ...]:
        """Return a setting that is a list of words."""
        return tuple(self.values.get(key, "").split())


@dataclass(frozen=True)
class TestFiles:
    """The tests of a project, and what they need.

    Attributes:
        paths: The test files, below the project's folder.
        folder: The folder that holds them; empty where there are none, or no single one.
        distributions: Normalised names of what they import or use and the project does not bring.
        settings: What the project says to pytest.
        sees_root: Whether pytest puts the project's folder on the path.
    """

    __test__ = False

    paths: tuple[str, ...]
    folder: str
    distributions: frozenset[str]
    settings: PytestSettings
    sees_root: bool = False


def read_tests(project: ProjectFiles, files: FileList, brought: Iterable[str]) -> TestFiles:
    """Find the tests, and read what they need.

    Args:
        brought: Names of modules that installing the project brings.
    """
    paths = tuple(sorted(path for path in files.paths if _is_test(path)))
    folders = {_test_folder(path) for path in paths}
    folder = folders.pop() if len(folders) == 1 else ""
    settings = read_pytest_settings(project)
    sources = [path for path in files.paths if _supports(path, paths, folders | {folder})]
    trees = [tree for path in sources if (tree := parse_python(project, path))]
    own = {part for path in files.paths for part in _module_names(path)}
    imported = {name for tree in trees for name in _imports(tree)}
    foreign = imported - own - set(brought) - sys.stdlib_module_names
    # Of a namespace such as google or zope nobody can tell the distribution.
    needed = {_DISTRIBUTIONS.get(name, name) for name in foreign}
    needed |= set(_plugins(settings, trees))
    # Spec: https://docs.pytest.org/en/stable/explanation/pythonpath.html
    sees_root = (
        "conftest.py" in files.paths
        or f"{folder.split('/')[0]}/__init__.py" in files.paths
        or "." in settings.listed("pythonpath")
        or "--doctest-modules" in settings.options
    )
    distributions = frozenset(map(normalised, needed - {""}))
    return TestFiles(paths, folder, distributions, settings, sees_root)


def read_pytest_settings(project: ProjectFiles) -> PytestSettings:
    """Read the first file that pytest would take.

    Spec: https://docs.pytest.org/en/stable/reference/customize.html
    """
    for name, section in (
        ("pytest.ini", "pytest"), (".pytest.ini", "pytest"), ("pyproject.toml", ""),
        ("tox.ini", "pytest"), ("setup.cfg", "tool:pytest"),
    ):  # fmt: skip
        values = _pytest_table(project, name, section)
        if values is not None:
            return PytestSettings(values)
    return PytestSettings({})


def _pytest_table(project: ProjectFiles, name: str, section: str) -> Mapping[str, str] | None:
    if not section:
        pytest = table_at(project.pyproject(), "tool", "pytest")
        table = table_at(pytest, "ini_options") or pytest
        return {key: _as_words(value) for key, value in table.items()} if table else None
    text = project.text(name)
    if text is None:
        return None
    parser = read_ini(text)
    if section in parser:
        return dict(parser[section])
    return {} if name == "pytest.ini" else None


def read_ini(text: str) -> configparser.ConfigParser:
    """Read a file of sections; an empty one where it cannot be read."""
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    try:
        parser.read_string(text)
    except configparser.Error:
        return configparser.ConfigParser()
    return parser


def _as_words(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def _is_test(path: str) -> bool:
    pure = PurePosixPath(path)
    if not _TEST_FILE.fullmatch(pure.name) or "site-packages" in pure.parts:
        return False
    return pure.name not in {"test.py", "tests.py"} or len(pure.parts) > 1


def _test_folder(path: str) -> str:
    """Return the folder up to the last part that is a usual name, else the file's own."""
    parts = PurePosixPath(path).parts[:-1]
    usual = [number for number, part in enumerate(parts) if part in TEST_FOLDERS]
    return "/".join(parts[: usual[0] + 1] if usual else parts) or "."


def _supports(path: str, tests: tuple[str, ...], folders: set[str]) -> bool:
    """Tell whether a Python file is a test or stands among them, such as conftest.py."""
    if not path.endswith(".py"):
        return False
    if path in tests or path == "conftest.py":
        return True
    return PurePosixPath(path).name == "conftest.py" and any(
        path.startswith(f"{folder}/") for folder in folders if folder
    )


def parse_python(project: ProjectFiles, path: str) -> ast.Module | None:
    """Parse a file of the project; None where it cannot be parsed, as what tests read may be."""
    try:
        file = project.path(path)
        return ast.parse(file.read_bytes()) if file else None
    except (InputError, SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _module_names(path: str) -> Iterator[str]:
    """Name what could be imported of the project's own tree."""
    pure = PurePosixPath(path)
    yield from pure.parts[:-1]
    if pure.suffix == ".py":
        yield pure.stem


def _imports(tree: ast.Module) -> Iterator[str]:
    """Name the modules that are imported whenever the file is; nested imports may be optional."""
    for node in tree.body:
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


def _plugins(settings: PytestSettings, trees: Iterable[ast.Module]) -> Iterator[str]:
    for pattern, plugin in _OPTIONS:
        if re.search(pattern, settings.options):
            yield plugin
    yield from (plugin for key, plugin in _SETTINGS.items() if key in settings.values)
    yield from (re.split(r"[\s<>=!~\[;]", name)[0] for name in settings.listed("required_plugins"))
    nodes = [node for tree in trees for node in ast.walk(tree)]
    functions = [
        node for node in nodes if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]
    # A fixture that the tests define themselves is not a plugin's.
    own = {function.name for function in functions}
    arguments = {argument.arg for function in functions for argument in function.args.args}
    yield from (_FIXTURES[name] for name in (arguments - own) & _FIXTURES.keys())
    attributes = [node for node in nodes if isinstance(node, ast.Attribute) and _is_mark(node)]
    yield from (_MARKS[node.attr] for node in attributes if node.attr in _MARKS)


def _is_mark(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Attribute) and node.value.attr == "mark"
