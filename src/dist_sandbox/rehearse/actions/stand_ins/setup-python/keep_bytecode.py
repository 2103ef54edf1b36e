"""Compile pip for each Python of this machine: `keep_bytecode.py FOLDER`.

A rehearsal runs it beside its jobs. `setup_python.py` copies the bytecode into the environments
that it makes, whose pip would otherwise compile itself each time. It is checked against the source,
so that it does no harm beside another pip.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from pythons import find_interpreters

#: After that many seconds there may be a newer pip.
_KEPT_SECONDS = 24 * 60 * 60


def main(folder: Path) -> None:
    """Compile what is missing or old, the newest Python first."""
    folder.mkdir(parents=True, exist_ok=True)
    for version, interpreter in sorted(find_interpreters("3.x").items(), reverse=True):
        target = folder / "cpython-{}{}".format(*version)
        if not target.is_dir() or time.time() - target.stat().st_mtime > _KEPT_SECONDS:
            _keep(interpreter, target)


def _keep(interpreter: Path, target: Path) -> None:
    """Compile the pip that uv gives to a new environment; without one, keep nothing."""
    with tempfile.TemporaryDirectory(dir=target.parent) as work:
        environment, bytecode = Path(work, "environment"), Path(work, "bytecode")
        making = ["uv", "venv", "--quiet", "--seed", "--python", str(interpreter)]
        compiling = ["-m", "compileall", "-qq", "--invalidation-mode", "checked-hash"]
        for command in (
            [*making, str(environment)],
            [str(environment / "bin" / "python"), *compiling, str(environment)],
        ):
            if subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode:
                return
        (packages,) = environment.glob("lib/*/site-packages")
        for compiled in packages.glob("pip/**/__pycache__"):
            shutil.copytree(compiled, bytecode / compiled.relative_to(packages))
        shutil.rmtree(target, ignore_errors=True)
        os.replace(bytecode, target)


if shutil.which("uv"):
    main(Path(sys.argv[1]))
