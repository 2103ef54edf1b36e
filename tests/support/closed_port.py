"""A port of this machine at which nothing listens for as long as the tests run."""

import socket


def _hold_port() -> int:
    """Take a free port without listening, so that every connection to it is refused."""
    holder = socket.socket()
    holder.bind(("127.0.0.1", 0))
    port = int(holder.getsockname()[1])
    holder.detach()  # it stays taken until this process ends
    return port


CLOSED_PORT = f"127.0.0.1:{_hold_port()}"
