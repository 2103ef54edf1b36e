"""Stand for Poetry's installer in a rehearsal: Poetry comes from the package index."""

import argparse
import os
import subprocess
import sys
import venv
from pathlib import Path


def main() -> int:
    """Install Poetry into an environment of its own, and link the program."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--version", default=os.environ.get("POETRY_VERSION", ""))
    parser.add_argument("-p", "--preview", action="store_true")
    for flag in ("-f", "--force", "-y", "--yes"):
        parser.add_argument(flag, action="store_true")
    arguments = parser.parse_args()
    named = os.environ.get("POETRY_HOME")
    home = Path(named).expanduser() if named else Path.home() / ".local" / "share" / "pypoetry"
    programs = home / "bin" if named else Path.home() / ".local" / "bin"
    venv.create(home / "venv", with_pip=True, clear=True)
    requirement = f"poetry=={arguments.version}" if arguments.version else "poetry"
    command = [str(home / "venv" / "bin" / "python"), "-m", "pip", "install", "--quiet"]
    command += ["--pre"] if arguments.preview else []
    done = subprocess.run([*command, requirement], check=False)
    if done.returncode != 0:
        return done.returncode
    programs.mkdir(parents=True, exist_ok=True)
    link = programs / "poetry"
    link.unlink(missing_ok=True)
    link.symlink_to(home / "venv" / "bin" / "poetry")
    print(f"Poetry is installed: {link}")
    return 0


sys.exit(main())
