"""Read what a step's command runs, together with what it calls of the project.

It is pure: the project's files are asked for by a function. Nothing is run, so that a command whose
name is put together while it runs is not seen.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath

#: Returns the text of a file of the project; None where there is no such text.
TextReader = Callable[[str], str | None]

_MAKEFILES = ("Makefile", "makefile", "GNUmakefile")
_JUSTFILES = ("justfile", "Justfile", ".justfile")
_PYTHON_BLOCK = r"^def {name}\(.*?(?=^\S|\Z)"
_RECIPE = r"^{name}\b[^=\n]*:.*?(?=^[\w.-]+.*:|\Z)"
_TOX_SECTION = (
    r"^\[(?:testenv:|tool\.tox\.env\.|env\.)(?:[^\]\n]*,)?{name}(?:,[^\]\n]*)?\].*?(?=^\[|\Z)"
)
_SCRIPT_LINE = r"^[ \t]*\"?{name}\"?[ \t]*=.*?(?=^\S|\Z)"
#: How a command names a part of another file, that file, and what the part looks like there.
_TASKS = (
    (r"\bnox\b[^\n;|&]* (?:-s|-e|--sessions?)[ =]*([\w.-]+)", ("noxfile.py",), _PYTHON_BLOCK),
    (r"\btox\b[^\n;|&]* -e[ =]*([\w.-]+)", ("tox.ini", "tox.toml", "pyproject.toml"), _TOX_SECTION),
    (r"\bTOXENV[=:] *([\w.-]+)", ("tox.ini", "tox.toml", "pyproject.toml"), _TOX_SECTION),
    (r"\bmake ((?:[\w.=/-]+[ \t]*)+)", _MAKEFILES, _RECIPE),
    (r"\bjust ((?:[\w.=/-]+[ \t]*)+)", _JUSTFILES, _RECIPE),
    (r"\b(?:invoke|inv) ([\w.-]+)", ("tasks.py",), _PYTHON_BLOCK),
    (r"\b(?:hatch run|pdm run|pdm|poe) ([\w.:-]+)", ("pyproject.toml",), _SCRIPT_LINE),
)  # fmt: skip
_WORD = re.compile(r"[\w./+-]+")
_COMMENT = re.compile(r"(?m)(?:^|\s)#.*$")
_CONTINUED = re.compile(r"\\\r?\n[ \t]*")
#: How far scripts that call scripts are followed.
_DEPTH = 4


def no_text(_path: str) -> None:
    """Return no text: the reader of a project whose files are not at hand."""


def expand(command: str, read_text: TextReader) -> str:
    """Return a command's text and that of everything of the project that it calls."""
    return "\n".join(_expand(command, read_text, set(), _DEPTH))


def _expand(text: str, read_text: TextReader, seen: set[str], depth: int) -> Iterator[str]:
    commands = _CONTINUED.sub("", _COMMENT.sub("", text))
    yield commands
    if not depth:
        return
    for called in [*_called_files(commands, read_text), *_called_tasks(commands, read_text)]:
        if called not in seen:
            seen.add(called)
            yield from _expand(called, read_text, seen, depth - 1)


def _called_files(text: str, read_text: TextReader) -> Iterator[str]:
    """Read the scripts of the project that words of a command name."""
    for word in dict.fromkeys(_WORD.findall(text)):
        path = PurePosixPath(word.removeprefix("./"))
        is_script = "/" in word or path.suffix in (".sh", ".py", ".bash")
        if is_script and path.parts and not path.is_absolute() and ".." not in path.parts:
            yield read_text(path.as_posix()) or ""


def _called_tasks(text: str, read_text: TextReader) -> Iterator[str]:
    """Read the parts of task files that a command names: sessions, environments, recipes."""
    for command, paths, block in _TASKS:
        names = {name for match in re.findall(command, text) for name in match.split()}
        for path in paths if names else ():
            file = read_text(path) or ""
            for name in sorted(names):
                pattern = block.replace("{name}", re.escape(name))
                yield from (
                    match.group() for match in re.finditer(pattern, f"{file}\n", re.M | re.S)
                )
