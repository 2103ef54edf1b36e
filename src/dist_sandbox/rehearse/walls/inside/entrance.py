"""Prepare the inside of the walls, then become the command.

Arguments: PORT SOCKET [FILTER COMMAND ...]

It runs inside with a bare Python and imports nothing of ours. What a client sends to the proxy's
port, or to ports 80 and 443 of any name, goes to the gateway's socket; every name leads here. The
command runs without capabilities, as an ordinary user, and with the system calls that the filter
allows. It is replaced by the command, so the exit status is the command's own. Without a command,
as in a container, it relays until its input ends.
"""

import asyncio
import ctypes
import os
import socket
import struct
import sys
import threading
from collections.abc import Sequence
from functools import partial
from pathlib import Path

#: User and group of the command: those of the runner of a hosted machine.
USER_ID = 1001
_LOOPBACK = "127.0.0.1"
_CHUNK_BYTES = 1 << 16
_CLONE_NEWUSER = 0x10000000
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 38, 22, 2
_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 47, 4
#: Size of an instruction of the filter.
_INSTRUCTION_BYTES = 8
#: A name server's answer: the question's flags, one question, and as many answers as there are.
_HEADER = struct.Struct("!HHHHHH")
_ADDRESS_RECORD, _SECONDS_VALID = 1, 60

libc = ctypes.CDLL(None, use_errno=True)


def main(arguments: Sequence[str]) -> None:
    """Listen, leave a relay in the background, and execute the command."""
    port, gateway, *program = arguments
    listeners = [socket.create_server((_LOOPBACK, number)) for number in (int(port), 443, 80)]
    names = [
        socket.create_server((_LOOPBACK, 53)),
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
    ]
    names[1].bind((_LOOPBACK, 53))
    if not program:
        print("ready", flush=True)
        threading.Thread(target=_end_with_input, daemon=True).start()
        asyncio.run(serve(gateway, listeners, *names))
    if os.fork() == 0:
        _close_output()
        asyncio.run(serve(gateway, listeners, *names))
    for listener in (*listeners, *names):
        listener.close()
    become_user()
    filter_file, *command = program
    filter_system_calls(Path(filter_file).read_bytes())
    os.execvp(command[0], command)


def become_user() -> None:
    """Give up root and its capabilities, by a user namespace in which this user is another."""
    user, group = os.getuid(), os.getgid()
    _check(libc.unshare(_CLONE_NEWUSER), "unshare")
    for name, content in (
        ("setgroups", "deny"),
        ("uid_map", f"{USER_ID} {user} 1"),
        ("gid_map", f"{USER_ID} {group} 1"),
    ):
        Path("/proc/self", name).write_text(content, encoding="ascii")
    _check(libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0), "capabilities")


def filter_system_calls(program: bytes) -> None:
    """Let the kernel apply this filter from now on; an empty one is none."""
    _check(libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no new privileges")
    if not program:
        return
    buffer = ctypes.create_string_buffer(program, len(program))
    address, count = ctypes.addressof(buffer), len(program) // _INSTRUCTION_BYTES
    # The header of a filter is a count, then a pointer at the next multiple of its own size.
    header = ctypes.create_string_buffer(struct.pack("@HP", count, address))
    _check(libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, header, 0, 0), "seccomp")


def _check(status: int, operation: str) -> None:
    if status != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{operation}: {os.strerror(number)}")


def _end_with_input() -> None:
    sys.stdin.read()
    os._exit(0)


def _close_output() -> None:
    """Leave the command's output to the command alone."""
    null_device = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(null_device, number)


async def serve(
    gateway: str, listeners: Sequence[socket.socket], names: socket.socket, queries: socket.socket
) -> None:
    """Relay connections to the gateway and answer questions for names, until it is killed."""
    for listener in listeners:
        await asyncio.start_server(partial(relay, gateway), sock=listener)
    await asyncio.start_server(answer_stream, sock=names)
    loop = asyncio.get_running_loop()
    await loop.create_datagram_endpoint(_NameServer, sock=queries)
    await loop.create_future()


async def relay(gateway: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass on one connection in both directions."""
    try:
        behind = await asyncio.open_unix_connection(gateway)
    except OSError:
        writer.close()
        return
    client: socket.socket = writer.get_extra_info("socket")
    # A packet does not wait until the one before is confirmed.
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    await asyncio.gather(_pump(reader, behind[1], client), _pump(behind[0], writer))
    for side in (writer, behind[1]):
        side.close()


async def _pump(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    client: "socket.socket | None" = None,
) -> None:
    """Pass on one direction; what a client sends is confirmed at once, since it may wait for it."""
    try:
        while data := await reader.read(_CHUNK_BYTES):
            if client:
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
            writer.write(data)
            await writer.drain()
        writer.write_eof()
    except OSError:
        writer.close()


class _NameServer(asyncio.DatagramProtocol):
    """Answers single packets."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep where answers are sent."""
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answer a question; what is none is dropped."""
        reply = answer(data)
        if reply:
            self.transport.sendto(reply, addr)  # type: ignore[attr-defined]


async def answer_stream(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer the first question of a connection, with its length before it."""
    try:
        (length,) = struct.unpack("!H", await reader.readexactly(2))
        reply = answer(await reader.readexactly(length))
        writer.write(struct.pack("!H", len(reply)) + reply if reply else b"")
        await writer.drain()
    except (OSError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()


def answer(query: bytes) -> bytes:
    """Lead a name to this machine; there are no other records of it. Empty for no question."""
    if len(query) < _HEADER.size:
        return b""
    identifier, flags, questions, *_ = _HEADER.unpack_from(query)
    end = query.find(b"\0", _HEADER.size) + 5
    if flags & 0x8000 or questions != 1 or end < _HEADER.size + 5 or len(query) < end:
        return b""
    question = query[_HEADER.size : end]
    (record_type,) = struct.unpack_from("!H", question, len(question) - 4)
    has_address = record_type == _ADDRESS_RECORD
    record = struct.pack("!HHHIH4s", 0xC00C, 1, 1, _SECONDS_VALID, 4, socket.inet_aton(_LOOPBACK))
    reply_flags = 0x8180 | (flags & 0x7800)
    header = _HEADER.pack(identifier, reply_flags, 1, int(has_address), 0, 0)
    return header + question + (record if has_address else b"")


if __name__ == "__main__":
    main(sys.argv[1:])
