"""Try to get out of a job by every way that is known, and print it: PROJECT FOLDER MARKER_HALF ...

One JSON object: `reached` lists the ways that led out, `tried` how many there were, `markers` the
files below FOLDER in which the marker was read, `gateway` the answers to requests by name. Runs
with a bare Python, inside the walls and without them.
"""

import contextlib
import ctypes
import errno
import json
import os
import platform
import shutil
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from functools import partial
from pathlib import Path

_WITHIN_SECONDS = 1
_LARGEST_BYTES = 1 << 20
#: What has no file of a user, and would take long to read.
_NOT_SEARCHED = {"/proc", "/sys", "/usr", "/dev", "/nix", "/lib", "/bin", "/sbin", "/lib64"}
_PROGRAM_FOLDERS = {"site-packages", ".pyenv", ".rustup", "node_modules", "toolchains", ".git"}
_NUMBERS = {"x86_64": (250, 425), "aarch64": (219, 425)}
_KEYCTL_SEARCH, _SESSION_KEYRING = 10, -3

PROJECT = sys.argv[1] if len(sys.argv) > 1 else ""
MARKER_NAME = b"MARKER="

WAYS: dict[str, Callable[[], object]] = {}


def way(name: str) -> Callable[[Callable[[], object]], Callable[[], object]]:
    """Register a way out: it led out where it returns something true."""

    def register(function: Callable[[], object]) -> Callable[[], object]:
        WAYS[name] = function
        return function

    return register


def connect(host: str, port: int) -> bool:
    """Tell whether a packet to this address leaves; the answer does not matter."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as client:
        client.settimeout(0.05)
        try:
            client.connect((host, port))
        except TimeoutError:
            return True
    return True


for _host, _port in (
    ("1.1.1.1", 443), ("192.0.2.2", 80), ("2001:db8::2", 443), ("8.8.8.8", 53),
    ("169.254.169.254", 80), ("100.100.100.200", 80), ("10.0.0.1", 22), ("224.0.0.251", 5353),
):  # fmt: skip
    way(f"tcp {_host}:{_port}")(partial(connect, _host, _port))


@way("udp 8.8.8.8:53")
def udp() -> object:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        return client.sendto(b"\0\1\1\0\0\1\0\0\0\0\0\0\1a\4test\0\0\1\0\1", ("8.8.8.8", 53))


@way("udp broadcast")
def broadcast() -> object:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        return client.sendto(b"hello", ("192.0.2.255", 9))


@way("raw socket")
def raw() -> object:
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as client:
        return client.sendto(b"\x08\0\xf7\xff\0\0\0\0", ("192.0.2.2", 0))


@way("packet socket")
def packet() -> object:
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as client:
        client.bind(("trap", 0x0800))
        return client.send(b"\xff" * 12 + b"\x08\0" + b"\0" * 46)


@way("vsock")
def vsock() -> object:
    with socket.socket(40, socket.SOCK_STREAM):
        return True


@way("abstract unix socket")
def abstract() -> object:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.connect("\0rehearsal-trap")
        return True


def system_call(number: int, *arguments: object) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    status = int(libc.syscall(number, *arguments))
    if status < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return status


@way("kernel keyring")
def keyring() -> object:
    key = (_SESSION_KEYRING, b"user", b"trap", 0)
    return system_call(_NUMBERS[platform.machine()][0], _KEYCTL_SEARCH, *key)


@way("io_uring")
def io_uring() -> object:
    parameters = ctypes.create_string_buffer(120)
    os.close(system_call(_NUMBERS[platform.machine()][1], 1, parameters))
    return True


@way("unset variables: urllib to an address")
def without_proxy() -> object:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        return opener.open("http://192.0.2.2/", timeout=0.05)
    except OSError as error:
        return isinstance(getattr(error, "reason", error), TimeoutError)


def runs(*command: str) -> bool:
    """Tell whether a program ends well, or waits for an answer from outside."""
    if not shutil.which(command[0]):
        return False
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, check=False, timeout=_WITHIN_SECONDS,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return True
    return done.returncode == 0


for _command in (
    ("git", "ls-remote", "git://192.0.2.2/a"),
    ("git", "ls-remote", "git@192.0.2.2:a"),
    ("git", "-c", "http.proxy=", "ls-remote", "http://192.0.2.2/a"),
    ("ssh", "-o", "ConnectTimeout=1", "192.0.2.2"),
    ("/usr/bin/ssh", "-o", "ConnectTimeout=1", "192.0.2.2"),
    ("curl", "--noproxy", "*", "--max-time", "1", "http://192.0.2.2/"),
    ("node", "-e", "fetch('http://192.0.2.2/', {signal: AbortSignal.timeout(900)})"),
    ("docker", "version"),
    ("ping", "-c1", "-W1", "192.0.2.2"),
    ("nsenter", "--net=/proc/1/ns/net", "ip", "link", "show", "trap"),
    ("unshare", "-rm", "umount", "/etc/hosts"),
    ("unshare", "-rm", "umount", "/usr/bin/ssh"),
    ("unshare", "-rn", "nsenter", "--net=/proc/1/ns/net", "ip", "link", "show", "trap"),
):
    way(" ".join(_command))(partial(runs, *_command))


def sees(path: str) -> bool:
    """Tell whether something is there and can be read."""
    return os.path.exists(path) and os.access(path, os.R_OK)


for _path in (
    "/var/run/docker.sock", "/run/docker.sock", "/run/user", "/run/dbus", "/etc/gitconfig",
    "/etc/pip.conf", "/etc/npmrc", "/etc/ssh", "/etc/shadow", "/etc/machine-id", "/etc/ssl/private",
    "/root/.ssh", "/home", "/sys/kernel", "/proc/kcore",
):  # fmt: skip
    way(f"see {_path}")(partial(sees, _path))


def appends(path: str) -> bool:
    """Tell whether a file can be opened for writing, without writing to it."""
    with open(path, "ab"):
        return True


for _path in (
    "/etc/passwd", "/etc/hosts", "/etc/resolv.conf", "/usr/bin/env", "/proc/sys/kernel/hostname",
    "/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", sys.executable,
    "/run/rehearsal/programs/entrance.py",
):  # fmt: skip
    way(f"write {_path}")(partial(appends, _path))


@way("write the project")
def write_project() -> object:
    return appends(os.path.join(PROJECT, "pyproject.toml"))


@way("list the project")
def list_project() -> object:
    return os.listdir(PROJECT)


@way("see other programs")
def processes() -> object:
    """Tell whether a program is visible that is not one of this job's."""
    return [pid for pid in os.listdir("/proc") if pid.isdigit() and MARKER_NAME in environ_of(pid)]


def environ_of(pid: str) -> bytes:
    with contextlib.suppress(OSError):
        return Path("/proc", pid, "environ").read_bytes()
    return b""


def search(root: str, marker: bytes) -> list[str]:
    """List the files below a folder that hold the marker, and the processes."""
    places = []
    for folder, folders, files in os.walk(root):
        folders[:] = [
            name
            for name in folders
            if os.path.join(folder, name) not in _NOT_SEARCHED and name not in _PROGRAM_FOLDERS
        ]
        for name in files:
            path = os.path.join(folder, name)
            with contextlib.suppress(OSError):
                small = os.path.isfile(path) and os.stat(path).st_size < _LARGEST_BYTES
                if small and marker in Path(path).read_bytes():
                    places.append(path)
    for pid in filter(str.isdigit, os.listdir("/proc")):
        if marker in environ_of(pid):
            places.append(f"/proc/{pid}/environ")
    return places


def asks_gateway(address: str) -> str:
    """Return the status of an answer to a plain request, by the name in the address."""
    try:
        with urllib.request.urlopen(address, timeout=_WITHIN_SECONDS) as answer:
            return str(answer.status)
    except OSError as error:
        return str(getattr(error, "code", error))


def main() -> None:
    reached, refused = [], {}
    for name, function in WAYS.items():
        try:
            if function():
                reached.append(name)
        except OSError as error:
            refused[name] = errno.errorcode.get(error.errno or 0, str(error))
    # The marker is read in two halves, so that this program's own arguments do not hold it.
    markers = search(sys.argv[2], "".join(sys.argv[3:]).encode())
    names = ("http://metadata.google.internal/", "http://127.0.0.1:3128/", "http://a.example.org/b")
    outcome = {
        "reached": reached,
        "tried": len(WAYS),
        "markers": markers,
        "refused": refused,
        "gateway": {address: asks_gateway(address) for address in names},
    }
    print(json.dumps(outcome))


if __name__ == "__main__":
    main()
