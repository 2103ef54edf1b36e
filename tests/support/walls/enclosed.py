"""Run a program of ours inside the walls of this machine: FOLDER MODE PROJECT COMMAND ...

A small server stands for the gateway; what reaches it is written to FOLDER/gateway.
"""

import contextlib
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from dist_sandbox.rehearse.toolchain import Toolchain, clean_environ
from dist_sandbox.rehearse.walls.finding import find_walls

_ANSWER = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 8\r\nConnection: close\r\n\r\nrefused\n"


@dataclass(frozen=True)
class RefusingGateway:
    """Refuses whatever it is asked for."""

    socket: Path
    authority: Path
    port: int = 3128


@contextlib.contextmanager
def open_refusing_gateway(folder: Path) -> Iterator[RefusingGateway]:
    """Listen on a unix socket, and write each request down."""
    gateway = RefusingGateway(folder / "gateway.sock", folder / "authority.pem")
    gateway.authority.touch()
    with socket.socket(socket.AF_UNIX) as listener, (folder / "gateway").open("w") as log:
        listener.bind(str(gateway.socket))
        listener.listen()

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    with connection:
                        head = connection.recv(1 << 16).decode("latin-1").splitlines()
                        print(*head, sep=" | ", file=log, flush=True)
                        connection.sendall(_ANSWER)

        threading.Thread(target=serve, daemon=True).start()
        yield gateway


def main() -> int:
    folder, mode, project = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
    work = folder / "work"
    work.mkdir()
    toolchain = Toolchain.find()
    walls = find_walls(toolchain, hidden=[project], mode=mode)
    with open_refusing_gateway(folder) as gateway:
        environ = clean_environ(toolchain, work)
        programs = [Path(__file__).parent]
        facing = replace(walls, gateway=gateway)
        command = facing.enclose(sys.argv[4:], environ, work=work, readable=programs)
        return subprocess.run(command, env=environ, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
