"""Servers on loopback that speak to a socket themselves, to say what no HTTP library would."""

import contextlib
import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
_CHUNKED = _HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
_DRIP_SECONDS = 0.2

Script = Callable[[socket.socket], object]


@contextlib.contextmanager
def raw_server(script: Script) -> Iterator[str]:
    """Let a script answer every connection once a request has come; the server's address."""
    with socket.create_server(("127.0.0.1", 0), backlog=16) as listener:

        def answer(connection: socket.socket) -> None:
            with contextlib.suppress(OSError), connection:
                connection.recv(2**16)
                script(connection)

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    threading.Thread(target=answer, args=[connection], daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        listener.shutdown(socket.SHUT_RDWR)


def say(*pieces: bytes) -> Script:
    """Say something, and close the connection."""
    return lambda connection: connection.sendall(b"".join(pieces))


def drip(begin: bytes, piece: bytes) -> Script:
    """Say something, and then a piece byte by byte, again and again."""

    def script(connection: socket.socket) -> None:
        connection.sendall(begin)
        while True:
            for number in range(len(piece)):
                connection.sendall(piece[number : number + 1])
                time.sleep(_DRIP_SECONDS)

    return script


def silent(connection: socket.socket) -> None:
    """Read whatever comes, and say nothing."""
    while connection.recv(2**16):
        pass


def endless(begin: bytes, piece: bytes) -> Script:
    """Say something, and then a piece again and again."""

    def script(connection: socket.socket) -> None:
        connection.sendall(begin)
        while True:
            connection.sendall(piece)

    return script


def claim(length: bytes, body: bytes) -> Script:
    """Claim a length, send another body, and keep the connection open."""

    def script(connection: socket.socket) -> None:
        connection.sendall(_HEAD + b"Content-Length: " + length + b"\r\n\r\n" + body)
        connection.recv(1)

    return script


def bomb() -> Script:
    """Send a GiB that is a MiB long on its way."""
    layer = gzip.compress(b"\0" * 2**20)
    body = b"".join([layer] * 1024)
    return say(_HEAD, b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body), body)


#: Servers that drip: each piece comes in time, all of them never.
DRIPS: dict[str, Script] = {
    "silent": silent,
    "status line": drip(b"", _HEAD),
    "headers": drip(_HEAD, b"X-Header: value\r\n"),
    "interim answers": drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "body": drip(_HEAD + b"\r\n", b"x"),
    "chunks": drip(_CHUNKED, b"1\r\nx\r\n"),
    "trailers": drip(_CHUNKED + b"0\r\n", b"X-Trailer: value\r\n"),
    "claimed body": drip(_HEAD + b"Content-Length: 1000\r\n\r\n", b"x"),
}
#: Servers that go on as fast as they can.
ENDLESS: dict[str, Script] = {
    "header line": endless(_HEAD + b"X-Header: ", b"x" * 2**16),
    "headers": endless(_HEAD, b"X-Header: value\r\n" * 1000),
    "interim answers": endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000),
    "body": endless(_HEAD + b"\r\n", b"x" * 2**16),
    "small chunks": endless(_CHUNKED, b"1\r\nx\r\n" * 1000),
    "chunk size": endless(_CHUNKED, b"1" * 2**16),
    "trailers": endless(_CHUNKED + b"0\r\n", b"X-Trailer: value\r\n" * 1000),
    "trailer line": endless(_CHUNKED + b"0\r\nX-Trailer: ", b"x" * 2**16),
    "claim": claim(b"%d" % (10 * 2**30), b""),
    "gzip": bomb(),
}
#: Answers that break off, or are none.
BROKEN: dict[str, Script] = {
    "too short": say(_HEAD, b"Content-Length: 200\r\n\r\nx"),
    "two lengths": say(_HEAD, b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx"),
    "cut chunk": say(_CHUNKED, b"5\r\nx"),
    "no HTTP": say(b"\x00\xff" * 100),
    "nothing": say(),
}
