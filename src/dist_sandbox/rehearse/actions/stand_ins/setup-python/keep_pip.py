"""Keep a compiled pip for each Python of this machine: `keep_pip.py FOLDER [ARGUMENT ...]`.

A rehearsal runs it beside its jobs. The environments that `setup_python.py` makes refer to it: it
would otherwise be downloaded, unpacked and compiled for each. With arguments each Python that can
run dist-actions is started with them, too.
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
#: The oldest Python that runs dist-actions.
_OLDEST = (3, 10)


def main(folder: Path, arguments: list[str]) -> None:
    """Keep what is missing or old, the newest Python first."""
    folder.mkdir(parents=True, exist_ok=True)
    for version, interpreter in sorted(find_interpreters("3.x").items(), reverse=True):
        link = folder / "cpython-{}.{}".format(*version)
        if not link.is_dir() or time.time() - link.stat().st_mtime > _KEPT_SECONDS:
            _keep(interpreter, link)
        if arguments and version >= _OLDEST:
            subprocess.run([str(interpreter), "-I", *arguments], check=False)


def _keep(interpreter: Path, link: Path) -> None:
    """Keep the packages that uv gives to a new environment; without them, keep nothing.

    Environments that exist refer to what the link led to before, so that stays for as long again.
    """
    with tempfile.TemporaryDirectory(dir=link.parent) as work:
        environment = Path(work, "environment")
        python = str(environment / "bin" / "python")
        making = ["uv", "venv", "--quiet", "--seed", "--python", str(interpreter)]
        for command in ([*making, str(environment)], [python, "-m", "compileall", "-q", work]):
            if subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode:
                return
        (packages,) = environment.glob("lib/*/site-packages")
        for file in packages.glob("_virtualenv.*"):
            file.unlink()
        os.utime(packages)
        kept = link.with_name(f"{link.name}-{time.time_ns()}")
        os.replace(packages, kept)
        Path(work, "link").symlink_to(kept.name)
        if link.is_dir() and not link.is_symlink():
            shutil.rmtree(link)
        os.replace(Path(work, "link"), link)
    for former in link.parent.glob(f"{link.name}-*"):
        if time.time() - former.stat().st_mtime > 2 * _KEPT_SECONDS:
            shutil.rmtree(former, ignore_errors=True)


# Its temporary folders are removed, too, where the rehearsal ends before it.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
if shutil.which("uv"):
    main(Path(sys.argv[1]), sys.argv[2:])
