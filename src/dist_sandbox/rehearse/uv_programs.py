"""Give jobs an uv that takes the Pythons of this machine where on GitHub it downloads them."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from dist_sandbox.rehearse.actions.replaced import STAND_INS_FOLDER

#: uv and uvx, which look for a Python in the folder of links after all others: a job that wants no
#: particular one gets that of its PATH, as on GitHub.
_PROGRAM = """\
#!/bin/sh
words=""
for argument in "$@"; do
  case "$argument" in -*) ;; *) words="$words $argument" ;; esac
done
case "$words " in
  " python install "*) exec "{python}" -I "{installing}" "$@" ;;
esac
export PATH="$PATH:{links}"
exec "{program}" "$@"
"""
_INSTALLING = STAND_INS_FOLDER / "uv_python_install.py"
#: Folders of uv's Pythons and of pyenv's, except for those without the global lock.
_FOLDER = re.compile(r"(?:cpython-|pypy-?)?(3\.\d+(?:\.\d+)?)(?:-.*)?")
_INTERPRETER = re.compile(r"(?:python|pypy)3\.\d+")


def write_programs(folder: Path, uv: Path, links: Path, python: Path) -> None:
    """Write the programs that jobs call; `python` runs what they do instead of uv."""
    for program in (uv, uv.with_name("uvx")):
        if program.is_file():
            text = _PROGRAM.format(
                python=python, installing=_INSTALLING, links=links, program=program
            )
            (folder / program.name).write_text(text, encoding="utf-8")
            (folder / program.name).chmod(0o755)


def link_pythons(links: Path, tools: Mapping[str, str]) -> None:
    """Make a folder of links to the Pythons of uv and pyenv, by the names that uv looks for.

    Args:
        tools: Where these tools are, by variable.
    """
    links.mkdir(exist_ok=True)
    for _, folder in sorted(_list_folders(tools)):
        for program in (folder / "bin").glob("p*"):
            if _INTERPRETER.fullmatch(program.name):
                (links / program.name).unlink(missing_ok=True)  # of an older one
                (links / program.name).symlink_to(program)


def _list_folders(tools: Mapping[str, str]) -> Iterator[tuple[tuple[int, ...], Path]]:
    """List the folder of each Python with its version."""
    for folder in (Path(tools["UV_PYTHON_INSTALL_DIR"]), Path(tools["PYENV_ROOT"], "versions")):
        for place in folder.glob("*"):
            if match := _FOLDER.fullmatch(place.name):
                yield tuple(map(int, match[1].split("."))), place
