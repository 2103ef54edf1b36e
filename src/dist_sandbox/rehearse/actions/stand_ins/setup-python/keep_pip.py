"""Keep a compiled pip for each Python of this machine: `keep_pip.py FOLDER [ARGUMENT ...]`.

A rehearsal runs it beside its jobs. `setup_python.py` copies it into the environments that it makes
where it would otherwise be downloaded, unpacked and compiled each time. With arguments each Python
that can run dist-actions is started with them, too.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from pythons import find_interpreters

#: After that many seconds there may be a newer pip.
_KEPT_SECONDS = 24 * 60 * 60
#: Compiles pip; the copies have other times, so the source itself is compared.
_COMPILE = (
    "import compileall, pip, py_compile; "
    "mode = py_compile.PycInvalidationMode.CHECKED_HASH; "
    "compileall.compile_dir(pip.__path__[0], quiet=2, invalidation_mode=mode)"
)
#: The oldest Python that runs dist-actions.
_OLDEST = (3, 10)


def main(folder: Path, arguments: list[str]) -> None:
    """Keep what is missing or old, the newest Python first."""
    folder.mkdir(parents=True, exist_ok=True)
    for version, interpreter in sorted(find_interpreters("3.x").items(), reverse=True):
        target = folder / "cpython-{}.{}".format(*version)
        if not target.is_dir() or time.time() - target.stat().st_mtime > _KEPT_SECONDS:
            _keep(interpreter, target)
        if arguments and version >= _OLDEST:
            subprocess.run([str(interpreter), "-I", *arguments], check=False)


def _keep(interpreter: Path, target: Path) -> None:
    """Keep the packages that uv gives to a new environment; without them, keep nothing."""
    with tempfile.TemporaryDirectory(dir=target.parent) as work:
        environment = Path(work, "environment")
        making = ["uv", "venv", "--quiet", "--seed", "--python", str(interpreter)]
        for command in (
            [*making, str(environment)],
            [str(environment / "bin" / "python"), "-c", _COMPILE],
        ):
            if subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode:
                return
        (packages,) = environment.glob("lib/*/site-packages")
        for file in packages.glob("_virtualenv.*"):
            file.unlink()
        shutil.rmtree(target, ignore_errors=True)
        os.utime(packages)
        os.replace(packages, target)


# Its temporary folders are removed, too, where the rehearsal ends before it.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
if shutil.which("uv"):
    main(Path(sys.argv[1]), sys.argv[2:])
