"""Run a command where everything that leaves the machine is caught: REPORT COMMAND ...

Started by `unshare --user --map-root-user --net`. The only way out is a network interface behind
which there is nothing; what the command sends through it is written to REPORT.
A server listens on an abstract unix socket meanwhile, and a key lies in the session's keyring.
"""

import ctypes
import os
import platform
import socket
import subprocess
import sys
from pathlib import Path

_EVERY_PROTOCOL, _IPV4, _IPV6 = 3, 0x0800, 0x86DD
_ICMPV6 = 58
_ADD_KEY = {"x86_64": 248, "aarch64": 217}
_SESSION_KEYRING = -3
ABSTRACT_SOCKET = "\0rehearsal-trap"

_SETUP = """\
link set lo up
link add trap type veth peer name nowhere
link set trap arp off
address add 192.0.2.1/24 dev trap
address add 2001:db8::1/64 dev trap nodad
link set trap up
link set nowhere up
route add default via 192.0.2.2
-6 route add default via 2001:db8::2
"""


def main() -> int:
    report, *command = sys.argv[1:]
    for line in _SETUP.splitlines():
        subprocess.run(["ip", *line.split()], check=True)
    marker = os.environ.get("MARKER", "").encode()
    number = _ADD_KEY.get(platform.machine())
    if number:
        key = ctypes.create_string_buffer(marker, len(marker))
        ctypes.CDLL(None).syscall(number, b"user", b"trap", key, len(marker), _SESSION_KEYRING)
    with (
        socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_EVERY_PROTOCOL)) as trap,
        socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as abstract,
    ):
        trap.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        trap.bind(("trap", _EVERY_PROTOCOL))
        trap.setblocking(False)
        abstract.bind(ABSTRACT_SOCKET)
        abstract.listen()
        status = subprocess.run(command, check=False).returncode
        Path(report).write_text("\n".join(list_packets(trap)), encoding="ascii")
    return status


def list_packets(trap: socket.socket) -> list[str]:
    """List where packets went to, except for what the kernel itself says to its neighbours."""
    packets: list[str] = []
    while True:
        try:
            frame, origin = trap.recvfrom(1 << 16)
        except BlockingIOError:
            return packets
        protocol = origin[1]
        if protocol == _IPV4:
            address = socket.inet_ntoa(frame[30:34])
            packets.append(f"protocol {frame[23]} to {address}: {frame[42:120]!r}")
        elif protocol == _IPV6 and _next_header(frame) != _ICMPV6:
            packets.append(f"to {socket.inet_ntop(socket.AF_INET6, frame[38:54])}")


def _next_header(frame: bytes) -> int:
    """Return the protocol in an IPv6 packet, behind its options for routers."""
    header = frame[14 + 6]
    return frame[14 + 40] if header == 0 else header


if __name__ == "__main__":
    sys.exit(main())
