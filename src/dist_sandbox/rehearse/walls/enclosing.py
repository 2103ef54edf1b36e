"""Enclose a command in walls, and say what they hold and what they do not."""

import platform
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from dist_sandbox.rehearse.walls.bubblewrap import Interior, write_command
from dist_sandbox.rehearse.walls.machine import Machine
from dist_sandbox.rehearse.walls.seccomp import write_filter

#: How `--walls` may be answered.
REQUIRE, AUTO, NONE = "require", "auto", "none"
#: The program that runs inside before the command.
PROGRAMS = Path(__file__).parent / "inside"
_SHIMS = Path(__file__).parent / "shims"
#: Other names of a shim.
_FURTHER_NAMES = {"apt": "apt-get"}
_PROGRAM_FOLDERS = ("/usr/bin", "/usr/sbin", "/usr/local/bin")
_USER_GROUP = "1001"

#: What happens where nothing is enclosed, a sentence for each kind.
NO_WALLS = (
    "A program that ignores the proxy variables (HTTPS_PROXY and the others) reaches the network, "
    "and with it cloud metadata services and name servers.",
    "A step reads and writes every file that you can, by its absolute path: your home folder, "
    "your keys, the project itself.",
    "A step reads the environment of your other programs in /proc, your shell's among them.",
    "A step reaches the sockets of agents, keyrings and container engines that run as you.",
    "A program that a step leaves in the background runs on after the rehearsal.",
)
CONTAINER_GAPS = (
    "The container engine pulls images, and builds those of Docker actions, with its own network: "
    "what a Dockerfile runs reaches it.",
)
_NO_FILTER = (
    "On this kind of processor there is no filter of system calls: a step reaches the kernel's "
    "keyrings, and the host of a virtual machine by vsock."
)


class Gateway(Protocol):
    """Where everything goes that leaves the walls."""

    @property
    def port(self) -> int:
        """Return the port of the proxy, which the variables of clients name."""

    @property
    def socket(self) -> Path:
        """Return the unix socket that takes the same connections."""

    @property
    def authority(self) -> Path:
        """Return the file with the certificate of its authority."""


@dataclass(frozen=True)
class Walls:
    """The walls that stand on this machine.

    Attributes:
        bubblewrap: The program that builds them; None where none works here.
        machine: What is shown of this machine.
        python: The interpreter that runs the entrance.
        reason: Why there are none.
        gateway: Where the connections of those inside go; nothing is enclosed before it is open.
        engine: The socket of the engine whose containers have walls of their own.
    """

    bubblewrap: Path | None
    machine: Machine
    python: Path
    reason: str = ""
    gateway: Gateway | None = None
    engine: Path | None = None

    @property
    def stand(self) -> bool:
        """Tell whether there are any."""
        return self.bubblewrap is not None or self.engine is not None

    @property
    def encloses(self) -> bool:
        """Tell whether commands are enclosed."""
        return self.bubblewrap is not None and self.gateway is not None

    @property
    def description(self) -> str:
        """Say in a sentence which walls stand."""
        if self.engine is not None:
            return (
                "Jobs ran in containers without network except for the gateway, and with the "
                "rights of ordinary containers."
            )
        if self.bubblewrap is None:
            return f"Without walls: {self.reason}."
        return (
            "Jobs ran in namespaces of their own (bubblewrap): without network except for the "
            "gateway, without your files, your programs and the project's folder."
        )

    @property
    def gaps(self) -> tuple[str, ...]:
        """List what is not stopped, a sentence each."""
        if self.engine is not None:
            return CONTAINER_GAPS
        if self.bubblewrap is None:
            return NO_WALLS
        return () if write_filter(platform.machine()) else (_NO_FILTER,)

    @property
    def left_running(self) -> str:
        """Say what may still run after a rehearsal that was interrupted."""
        if self.stand:
            return "Nothing is left running."
        return "Without walls, a program that a step left in the background may still be running."

    def enclose(
        self,
        command: Sequence[str],
        environ: Mapping[str, str],
        *,
        work: Path,
        readable: Sequence[Path] = (),
        writable: Sequence[Path] = (),
    ) -> list[str]:
        """Write the command that runs another inside the walls, with the same environment.

        Args:
            command: The command; its programs and files must be readable inside.
            environ: Its environment, which holds PATH and HOME.
            work: Its own folder, which ends with it; files of the walls are written there, too.
            readable: Files and folders that it may read besides the machine's programs.
            writable: Folders that it may change, and that outlive it.
        """
        if self.bubblewrap is None or self.gateway is None:
            return list(command)
        folder = work / "walls"
        temporary = folder / "tmp"
        temporary.mkdir(parents=True)
        shims = folder / "shims"
        shims.mkdir()
        write_shims(shims)
        call_filter = folder / "filter"
        call_filter.write_bytes(write_filter(platform.machine()))
        interior = Interior(
            work=work,
            temporary=temporary,
            etc=_write_etc(folder / "etc", environ.get("HOME", "/")),
            programs=PROGRAMS,
            python=self.python,
            gateway=(self.gateway.socket, self.gateway.port),
            call_filter=call_filter,
            readable=(*readable, self.gateway.authority),
            writable=tuple(writable),
            replaced=_replaced_programs(shims),
        )
        return write_command(self.bubblewrap, self.machine, interior, command)


def write_shims(folder: Path) -> None:
    """Write the programs that stand for ssh, sudo and apt-get in a rehearsal."""
    for name, shim in _shims().items():
        shutil.copyfile(shim, folder / name)
        (folder / name).chmod(0o755)


def _shims() -> dict[str, Path]:
    """Return the shims by the names that they have in a rehearsal."""
    shims = {shim.name: shim for shim in _SHIMS.iterdir()}
    return shims | {name: shims[shim_name] for name, shim_name in _FURTHER_NAMES.items()}


def _replaced_programs(shims: Path) -> tuple[tuple[Path, Path], ...]:
    """List the system's programs that are shims inside, for steps that set a PATH of their own."""
    return tuple(
        (Path(folder, name), shims / name)
        for folder in _PROGRAM_FOLDERS
        for name in _shims()
        if Path(folder, name).is_file()
    )


def _write_etc(folder: Path, home: str) -> tuple[Path, ...]:
    """Write the files by which programs look up users and hosts: those of a hosted runner."""
    folder.mkdir()
    contents = {
        "passwd": f"root:x:0:0:root:/root:/bin/bash\n"
        f"runner:x:{_USER_GROUP}:{_USER_GROUP}::{home}:/bin/bash\n"
        "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n",
        "group": f"root:x:0:\nrunner:x:{_USER_GROUP}:\nnogroup:x:65534:\n",
        "hosts": "127.0.0.1 localhost rehearsal\n::1 localhost ip6-localhost\n",
        "resolv.conf": "nameserver 127.0.0.1\n",
        "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\nservices: files\n",
    }
    for name, content in contents.items():
        (folder / name).write_text(content, encoding="utf-8")
    return tuple(folder / name for name in contents)
