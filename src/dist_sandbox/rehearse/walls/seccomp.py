"""Write the filter of system calls that holds inside the walls; pure.

Namespaces do not separate everything: the kernel's keyrings and the sockets of a virtual machine
(vsock) are the same inside, and io_uring opens sockets without the call that is filtered here.

Spec: https://www.kernel.org/doc/html/latest/userspace-api/seccomp_filter.html
"""

import errno
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

#: Families of sockets that the network namespace holds: unix, IPv4, IPv6, netlink.
_FAMILIES = (1, 2, 10, 16)
_LOAD, _JUMP_IF_EQUAL, _JUMP_IF_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
#: Offsets in what the kernel shows to the filter.
_CALL, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
#: Calls of the x32 interface have this bit set.
_X32_BIT = 0x40000000


@dataclass(frozen=True)
class Processor:
    """The kernel's numbers on one kind of processor.

    Attributes:
        audit: How the kernel calls it.
        socket: The number of `socket`.
        refused: Those of `add_key`, `request_key`, `keyctl` and `io_uring_setup`.
    """

    audit: int
    socket: int
    refused: tuple[int, ...]


_PROCESSORS: Mapping[str, Processor] = {
    "x86_64": Processor(0xC000003E, 41, (248, 249, 250, 425)),
    "aarch64": Processor(0xC00000B7, 198, (217, 218, 219, 425)),
}


def write_filter(machine: str) -> bytes:
    """Write the filter for a machine as `platform.machine` names it; empty for an unknown one."""
    processor = _PROCESSORS.get(machine)
    return b"".join(_instructions(processor)) if processor else b""


def _instructions(processor: Processor) -> Iterator[bytes]:
    # A jump skips as many instructions as it says where its condition holds, else the second.
    yield _instruction(_LOAD, _ARCHITECTURE)
    yield _instruction(_JUMP_IF_EQUAL, processor.audit, holds=1)
    yield _refuse(errno.ENOSYS)
    yield _instruction(_LOAD, _CALL)
    yield _instruction(_JUMP_IF_AT_LEAST, _X32_BIT, fails=1)
    yield _refuse(errno.ENOSYS)
    for number in processor.refused:
        yield _instruction(_JUMP_IF_EQUAL, number, fails=1)
        yield _refuse(errno.ENOSYS)
    yield _instruction(_JUMP_IF_EQUAL, processor.socket, holds=1)
    yield _instruction(_RETURN, _ALLOW)
    yield _instruction(_LOAD, _FIRST_ARGUMENT)
    for family in _FAMILIES:
        yield _instruction(_JUMP_IF_EQUAL, family, fails=1)
        yield _instruction(_RETURN, _ALLOW)
    yield _refuse(errno.EAFNOSUPPORT)


def _refuse(number: int) -> bytes:
    return _instruction(_RETURN, _ERRNO | number)


def _instruction(code: int, value: int, *, holds: int = 0, fails: int = 0) -> bytes:
    return struct.pack("=HBBI", code, holds, fails, value)
