"""Find the parts of this machine that jobs may read: its programs, and nothing of its users."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

#: Where a system keeps programs and what they read; the last is what dpkg knows as installed.
_SYSTEM = (
    "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store", "/gnu/store",
    "/opt/hostedtoolcache", "/var/lib/dpkg",
)  # fmt: skip
#: Parts of /etc that programs need and that hold nothing about users, accounts or credentials.
_ETC = (
    "alternatives", "ca-certificates*", "debian_version", "fonts", "host.conf", "java*", "ld.so.*",
    "localtime", "lsb-release", "magic*", "mime.types", "os-release", "perl", "pki/ca-trust",
    "pki/tls/cert.pem", "pki/tls/certs", "protocols", "python3*", "redhat-release", "services",
    "sgml", "ssl/cert.pem", "ssl/certs", "ssl/openssl.cnf", "terminfo", "timezone", "xml",
)  # fmt: skip
#: Folders below those of the system that are the administrator's own settings.
_SETTINGS = ("/usr/local/etc",)
#: What belongs to the programs of a `bin` folder that is not the system's.
_BESIDE_BIN = ("lib", "lib64", "libexec", "include")
#: Programs whose link leads to where the rest of them is.
_LINKED = ("python3*", "node", "pypy3*")


@dataclass(frozen=True)
class Machine:
    """The parts of this machine that are shown inside.

    Attributes:
        links: Symbolic links in `/`, with their targets.
        system: Folders and files that are shown as they are.
        masked: Folders that lie below those and are empty inside.
        tools: Folders and files of further programs, shown as they are.
    """

    links: Mapping[str, str]
    system: tuple[Path, ...]
    masked: tuple[Path, ...]
    tools: tuple[Path, ...]


def read_machine(
    environ: Mapping[str, str], tools: Iterable[Path], hidden: Sequence[Path]
) -> Machine:
    """Find what exists of the system, and the folders of further programs on PATH.

    Args:
        environ: The caller's environment.
        tools: Folders and files that jobs run or read.
        hidden: Folders of which nothing may be seen, whatever the PATH says: the projects.
    """
    roots = [Path(path) for path in _SYSTEM if Path(path).exists()]
    links = {str(path): str(path.readlink()) for path in roots if path.is_symlink()}
    system = [path for path in roots if str(path) not in links]
    etc = [path for pattern in _ETC for path in sorted(Path("/etc").glob(pattern))]
    home = Path(environ.get("HOME") or Path.home())
    secret = [home, *hidden]
    further = tuple(
        path
        for path in dict.fromkeys([*tools, *_path_folders(environ)])
        if path.exists() and is_harmless(path, secret, hidden) and not _inside(path, roots)
    )
    masked = [*(Path(path) for path in _SETTINGS), *secret]
    return Machine(
        links=links,
        system=(*system, *etc),
        masked=tuple(path for path in masked if path.is_dir() and _inside(path, system)),
        tools=further,
    )


def is_harmless(path: Path, secret: Iterable[Path], hidden: Iterable[Path]) -> bool:
    """Tell whether a folder may be shown: it holds no home and no project, nor is it in one."""
    real = path.resolve()
    holds_any = any(folder.resolve().is_relative_to(real) for folder in secret)
    is_hidden = _inside(real, (folder.resolve() for folder in hidden))
    return path.is_absolute() and not holds_any and not is_hidden


def _inside(path: Path, folders: Iterable[Path]) -> bool:
    return any(path.is_relative_to(folder) for folder in folders)


def _path_folders(environ: Mapping[str, str]) -> Iterator[Path]:
    """List the folders of PATH, and those that their programs need."""
    home = Path(environ.get("HOME") or Path.home())
    for name in dict.fromkeys(environ.get("PATH", os.defpath).split(os.pathsep)):
        folder = Path(name)
        if not name or not folder.is_dir():
            continue
        yield folder
        if folder.name == "bin" and folder.parent != home:
            yield from (folder.parent / beside for beside in _BESIDE_BIN)
        for pattern in _LINKED:
            for program in folder.glob(pattern):
                if program.is_symlink():
                    yield program.resolve().parents[1]
