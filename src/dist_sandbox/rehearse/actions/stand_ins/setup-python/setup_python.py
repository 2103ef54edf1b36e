"""Stand-in for actions/setup-python: put an interpreter of this machine into an environment."""

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from python_requirements import distance, fits, read_requirements, refuse_unknown
from pythons import find_interpreters, text_of
from runner import (
    ActionError,
    add_path,
    export,
    note_difference,
    read_flag,
    read_input,
    read_lines,
    run_action,
    set_output,
    workspace,
)

#: Files that each package manager's cache is keyed by, unless the workflow names others.
_CACHE_FILES = {
    "pip": ("**/requirements.txt", "**/pyproject.toml"),
    "pipenv": ("**/Pipfile.lock",),
    "poetry": ("**/poetry.lock",),
}
#: The system limits how long the path of a script's interpreter may be; a shell does not.
_SCRIPT = """\
#!/bin/sh
'''exec' "{python}" "$0" "$@"
' '''
import sys
from pip._internal.cli.main import main
sys.exit(main())
"""
#: Lets a Python of an environment import what `pip install --user` installs, as one of a runner
#: does. It runs twice: before and after the environment's Python shuts its user site off.
_USER_SITE = (
    "import site, sys; site.ENABLE_USER_SITE = site.check_enableusersite(); "
    "site.addusersitepackages(set(sys.path)) if site.ENABLE_USER_SITE else None\n"
)
_MACHINES = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}


def main() -> None:
    """Set up every version that is asked for; the first one ends up first on PATH."""
    _check_cache(read_input("cache"))
    _note_machine()
    for requirement in reversed(read_requirements(read_lines("python-version"), workspace())):
        interpreter, version = _find(requirement)
        folder = _make_environment(interpreter, version)
        if read_flag("update-environment"):
            add_path(folder / "bin")
            export("pythonLocation", str(folder))
            export("Python_ROOT_DIR", str(folder))
            export("Python3_ROOT_DIR", str(folder))
    _install(folder / "bin" / "python")
    set_output("python-version", version)
    set_output("python-path", str(folder / "bin" / "python"))


def _check_cache(manager: str) -> None:
    """Refuse what the real action refuses; the rehearsal's installers keep their own caches."""
    if not manager:
        return
    if manager not in _CACHE_FILES:
        raise ActionError(f"Caching for '{manager}' is not supported")
    if manager != "pip" and shutil.which(manager) is None:
        raise ActionError(f"Unable to locate executable file: {manager}.")
    patterns = read_lines("cache-dependency-path") or _CACHE_FILES[manager]
    if not any(next(workspace().glob(pattern), None) for pattern in patterns):
        raise ActionError(
            f"No file in {workspace()} matched to [{' or '.join(patterns)}], make sure you have "
            "checked out the target repository"
        )


def _note_machine() -> None:
    wanted, machine = read_input("architecture"), platform.machine().lower()
    if wanted and wanted != _MACHINES.get(machine, machine):
        note_difference(f"architecture {wanted}: the rehearsal has Python for {machine} alone.")
    if read_input("freethreaded") and read_flag("freethreaded"):
        note_difference("freethreaded: the rehearsal takes a Python with the global lock.")


def _find(requirement: str) -> tuple[Path, str]:
    """Find the newest interpreter that fits, else the nearest one, with a notice."""
    refuse_unknown(requirement)
    interpreters = find_interpreters(requirement)
    fitting = [version for version in interpreters if fits(version, requirement)]
    if fitting:
        version = max(fitting)
        return interpreters[version], text_of(version)
    if not interpreters:
        raise ActionError(f"The version '{requirement}' was not found, and no other Python either.")
    version = min(interpreters, key=lambda version: distance(version, requirement))
    note_difference(
        f"Python {requirement} is not on this machine; {text_of(version)} stands in. The steps "
        "that follow show nothing about the requested one."
    )
    return interpreters[version], text_of(version)


def _make_environment(interpreter: Path, version: str) -> Path:
    """Make a virtual environment with pip, so that steps do not install into the machine."""
    folder = Path(os.environ["RUNNER_TEMP"]) / "python" / version
    short = ".".join(version.split(".")[:2])
    kept_pip = Path(os.environ["RUNNER_TOOL_CACHE"], "dist-sandbox", f"cpython-{short}")
    uv = shutil.which("uv")
    if uv:
        seed = [] if kept_pip.is_dir() else ["--seed"]
        command = [uv, "venv", "--quiet", *seed, "--clear", "--python", str(interpreter)]
    else:
        command = [str(interpreter), "-m", "venv", "--clear"]
    result = subprocess.run([*command, str(folder)], capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise ActionError(f"No environment with Python {version}: {result.stderr.strip()[-500:]}")
    if uv and kept_pip.is_dir():
        _refer_to_pip(kept_pip.resolve(), folder, short)
    _open_user_site(folder)
    return folder


def _open_user_site(environment: Path) -> None:
    """Let `pip install --user` work; pip refuses it where the settings say `false`, not without."""
    settings = environment / "pyvenv.cfg"
    if not settings.is_file():
        return
    text = settings.read_text(encoding="utf-8")
    closed = "include-system-site-packages = false"
    settings.write_text(text.replace(closed, closed.replace("false", "no")), encoding="utf-8")
    for packages in environment.glob("lib/*/site-packages"):
        (packages / "user_site.pth").write_text(_USER_SITE, encoding="utf-8")


def _refer_to_pip(kept_pip: Path, environment: Path, version: str) -> None:
    """Let an environment import the pip that the rehearsal keeps, and write its scripts.

    A copy would be a thousand files. A step that installs another pip gets that one: the
    environment's own packages come first.
    """
    for packages in environment.glob("lib/*/site-packages"):
        (packages / "kept_pip.pth").write_text(f"{kept_pip}\n", encoding="utf-8")
    for name in ("pip", "pip3", f"pip{version}"):
        script = environment / "bin" / name
        script.write_text(_SCRIPT.format(python=environment / "bin" / "python"), encoding="utf-8")
        script.chmod(0o755)


def _install(python: Path) -> None:
    """Install what the inputs ask for besides Python."""
    version = read_input("pip-version")
    requests = [["--upgrade", f"pip=={version}"]] if version else []
    requests += [read_input("pip-install").split()] if read_input("pip-install") else []
    for request in requests:
        command = [str(python), "-m", "pip", "install", "--quiet", *request]
        result = subprocess.run(
            command, cwd=workspace(), capture_output=True, text=True, check=False
        )
        if result.returncode != 0:
            raise ActionError(f"pip install {' '.join(request)}: {result.stderr.strip()[-500:]}")


run_action(main)
