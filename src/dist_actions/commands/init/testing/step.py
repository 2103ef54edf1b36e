"""The commands of the step that tests a wheel, as its maintainer would write them; pure."""

import re
from collections.abc import Sequence

from dist_actions.commands.init.files import ImportPackage
from dist_actions.commands.init.packages import Package
from dist_actions.commands.init.shell import quote
from dist_actions.commands.init.testing.sources import missing_names

_WHEEL = "dist/*.whl"
#: Of several wheels pip chooses the one of its platform; the step has the name in its environment.
_PLATFORM_WHEEL = (
    'python -m pip install --no-index --no-deps --only-binary :all: --find-links dist "$PACKAGE"'
)
#: In characters; longer commands are broken.
_LINE = 96
_NOT_THE_CHECKOUT = " # not `python -m pytest`, which would import from the checkout"


def write_test_commands(package: Package, *, platform_wheels: bool = False) -> tuple[str, ...]:
    """Write the commands that install the built wheel and test it.

    Args:
        platform_wheels: Whether `dist` holds wheels of several platforms, of which pip chooses.
    """
    source = package.test_source
    extra = source.extra if source else ""
    wheel = _WHEEL
    commands: list[str] = []
    if platform_wheels:
        commands.append(_PLATFORM_WHEEL)
        wheel = f'"${{PACKAGE}}[{extra}]"' if extra else '"$PACKAGE"'
        wheel += " # what it requires"
    elif extra:
        wheel = f'"$(ls {_WHEEL})[{extra}]"'
    if not package.tests.paths:
        return (*commands, *_pip_install([], wheel), *_import_package(package))
    commands += _pip_install(_requirements(package), wheel)
    return (*commands, *_remove_checkout(package), _run_tests(package))


def missing_requirements(package: Package) -> tuple[str, ...]:
    """Name what the tests import or use and no source lists, besides pytest itself."""
    names = package.test_source.names if package.test_source else frozenset()
    return tuple(sorted(missing_names(package.tests.distributions, names) - {"pytest"}))


def write_arguments(package: Package) -> list[str]:
    """Write what `pip install` is given for what the tests need, besides pytest itself."""
    arguments = package.test_source.arguments if package.test_source else ()
    words = [(name,) for name in missing_requirements(package)]
    return [" ".join(map(quote, argument)) for argument in (*words, *arguments)]


def _requirements(package: Package) -> list[str]:
    names = package.test_source.names if package.test_source else frozenset()
    # A plugin requires pytest itself, but who reads the line looks for it.
    own = [] if "pytest" in names else ["pytest"]
    return [*own, *write_arguments(package)]


def _pip_install(words: Sequence[str], wheel: str) -> list[str]:
    command = " ".join(["python -m pip install", *words, wheel])
    if len(command) <= _LINE or not words:
        return [command]
    lines = ["python -m pip install"]
    for word in words:
        if len(lines[-1]) + len(word) > _LINE - 4:
            lines[-1] += " \\"
            lines.append(" ")
        lines[-1] += f" {word}"
    return [*lines, f"python -m pip install {wheel}"]


def _import_package(package: Package) -> list[str]:
    if not package.imports:
        return [f"python -m pip show {quote(package.distribution)}"]
    return [f'python -c "import {package.imports[0].name}" # there are no tests']


def _remove_checkout(package: Package) -> list[str]:
    """Take away the import package where pytest would put its folder on the path."""
    tests = package.tests
    if not tests.sees_root or not package.imports or package.path != ".":
        return []
    tops = sorted({entry.top for entry in package.imports if _is_removable(entry)})
    inside = tests.folder.split("/")[0]
    if not tops or inside in tops or (tests.folder == "." and len(tops) > 1):
        return []
    named = " ".join([tests.settings.options, *tests.settings.listed("testpaths")])
    if any(re.search(rf"(?:^|[\s=]){re.escape(top)}(?:/|\s|$)", named) for top in tops):
        return []
    return [f"rm -r {' '.join(tops)} # so that the tests import the wheel"]


def _is_removable(entry: ImportPackage) -> bool:
    """Tell whether an import package stands in the root, in Python."""
    return not entry.path.startswith("src/") and not entry.path.endswith(".toml")


def _run_tests(package: Package) -> str:
    tests = package.tests
    words = ["pytest"]
    paths = tests.settings.listed("pythonpath")
    sources = {"src", ".", "lib", "python"}
    if sources & set(paths):
        kept = " ".join(path for path in paths if path not in sources)
        words.append(f"-o {quote(f'pythonpath={kept}')}")
    module = _inside_package(package)
    if module:
        words += ["--pyargs", module]
    elif package.path != ".":
        words.append(_folder_word(_below(package, tests.folder or ".")))
    elif not tests.settings.listed("testpaths") and tests.folder not in {"", "."}:
        strays = [path for path in tests.paths if not path.startswith(f"{tests.folder}/")]
        words += [_folder_word(tests.folder)] if strays else []
    return " ".join(words) + _NOT_THE_CHECKOUT


def _folder_word(folder: str) -> str:
    return quote(f"./{folder}" if folder.startswith("-") else folder)


def _below(package: Package, path: str) -> str:
    return package.path if path == "." else f"{package.path}/{path}"


def _inside_package(package: Package) -> str:
    """Name the module that holds the tests where the wheel brings them; else nothing."""
    tests = package.tests
    for entry in package.imports:
        if tests.folder.startswith(f"{entry.path}/"):
            inside = tests.folder[len(entry.path) + 1 :].split("/")
            return ".".join([entry.name, *inside]) if all(map(str.isidentifier, inside)) else ""
        # pytest does not look into a file of such a name unless it is told of it.
        for name in ("tests", "test"):
            if tests.paths == (f"{entry.path}/{name}.py",):
                return f"{entry.name}.{name}"
    return ""
