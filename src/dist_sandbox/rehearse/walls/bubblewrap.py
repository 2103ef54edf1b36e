"""Write the command line of bubblewrap that builds the walls around one command; pure.

Spec: https://github.com/containers/bubblewrap/blob/main/bwrap.xml
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dist_sandbox.rehearse.walls.machine import Machine

#: Where the programs of the walls and the gateway's socket are inside.
INSIDE = Path("/run/rehearsal")
_NAMESPACES = (
    "--unshare-user", "--uid", "0", "--gid", "0", "--unshare-ipc", "--unshare-pid",
    "--unshare-net", "--unshare-uts", "--unshare-cgroup-try",
)  # fmt: skip
#: What the entrance needs before it gives everything up: low ports, and another user.
_CAPABILITIES = ("CAP_NET_BIND_SERVICE", "CAP_SETFCAP")
#: What belongs to the whole machine, and whose owner is the user where that is root.
_KERNEL_SETTINGS = (
    "/proc/sys", "/proc/sysrq-trigger", "/proc/irq", "/proc/bus", "/proc/fs", "/proc/acpi",
    "/proc/scsi",
)  # fmt: skip
#: What the kernel tells about keys is not separated.
_MASKED_FILES = ("/proc/keys", "/proc/key-users")


@dataclass(frozen=True)
class Interior:
    """What one command finds inside, besides the machine's programs.

    Attributes:
        work: The folder that it may write to, at the same place inside.
        temporary: The folder that is `/tmp` inside.
        etc: A folder whose files are added to `/etc`: names of users and hosts.
        programs: The folder with the programs of the walls.
        python: The interpreter of the entrance.
        gateway: The gateway's socket, and the port of the proxy inside.
        call_filter: The file with the filter of system calls.
        readable: Further folders and files that it may read.
        writable: Further folders that it may write to, and that outlive it.
        replaced: Programs of the system that are others inside, by path.
    """

    work: Path
    temporary: Path
    etc: tuple[Path, ...]
    programs: Path
    python: Path
    gateway: tuple[Path, int]
    call_filter: Path
    readable: tuple[Path, ...]
    writable: tuple[Path, ...]
    replaced: tuple[tuple[Path, Path], ...]


def write_command(
    bubblewrap: Path, machine: Machine, interior: Interior, command: Sequence[str]
) -> list[str]:
    """Write the command that runs another inside the walls."""
    return [*_arguments(bubblewrap, machine, interior), *_entrance(interior), *command]


def _arguments(bubblewrap: Path, machine: Machine, interior: Interior) -> Iterator[str]:
    yield from (str(bubblewrap), "--die-with-parent", "--new-session", *_NAMESPACES)
    # `/tmp` is another one inside.
    yield from ("--unsetenv", "TMPDIR")
    yield from ("--hostname", "rehearsal", "--cap-drop", "ALL")
    for capability in _CAPABILITIES:
        yield from ("--cap-add", capability)
    for link, target in machine.links.items():
        yield from ("--symlink", target, link)
    # Later mounts hide earlier ones: first those of which parts are hidden or replaced.
    for path in machine.system:
        yield from _show(path)
    for folder in machine.masked:
        yield from ("--tmpfs", str(folder))
    yield from ("--proc", "/proc", "--dev", "/dev")
    for settings in _KERNEL_SETTINGS:
        yield from ("--ro-bind-try", settings, settings)
    for masked in _MASKED_FILES:
        yield from _show(Path("/dev/null"), Path(masked))
    yield from ("--bind", str(interior.temporary), "/tmp")  # noqa: S108 - the one inside
    yield from ("--symlink", "../tmp", "/var/tmp")  # noqa: S108
    for path in (*machine.tools, *interior.readable):
        yield from _show(path)
    for program, shim in interior.replaced:
        yield from _show(shim, program)
    for file in interior.etc:
        yield from _show(file, Path("/etc") / file.name)
    for folder in (*interior.writable, interior.work):
        yield from ("--bind", str(folder), str(folder))
    socket, _ = interior.gateway
    yield from _show(interior.programs, INSIDE / "programs")
    yield from _show(interior.call_filter, INSIDE / "filter")
    yield from _show(socket, INSIDE / "gateway")
    yield from ("--chdir", str(interior.work), "--")


def _show(path: Path, inside: Path | None = None) -> tuple[str, str, str]:
    return ("--ro-bind", str(path), str(inside or path))


def _entrance(interior: Interior) -> Iterator[str]:
    yield from (str(interior.python), "-I", "-S", str(INSIDE / "programs" / "entrance.py"))
    yield from (str(interior.gateway[1]), str(INSIDE / "gateway"), str(INSIDE / "filter"))
