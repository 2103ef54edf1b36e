"""A process that has loaded an action's stage, and forks a run of it for each connection.

    python -I warm_stage_server.py SRC ACTION ENTRYPOINT SOCKET

It is an action's own Python, isolated as the action starts it. A run begins where the action's
`main.py` would be after its imports: with the run's variables, folder and output, and nothing else.
A connection brings the output's descriptor and a JSON object, and is told the run's process ID
and, at the end, its exit status and the most memory that it had, in KiB.
"""

import contextlib
import gc
import importlib
import json
import os
import pkgutil
import select
import socket
import sys
from collections.abc import Callable


def main() -> int:
    source, action, entrypoint, address = sys.argv[1:]
    sys.path.insert(0, source)
    run = _load(action, entrypoint)
    gc.freeze()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen(64)
        print("ready", flush=True)
        while True:
            readable, _, _ = select.select([listener, sys.stdin], [], [])
            if sys.stdin in readable:  # the tests are over
                return 0
            connection, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                _keep(connection)
                return run()
            connection.close()
            with contextlib.suppress(ChildProcessError):
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass


def _load(action: str, entrypoint: str) -> Callable[[], int]:
    """Import all of a stage, and return what runs it as its entrypoint does."""
    stage = action.replace("-", "_")
    package = importlib.import_module(f"dist_actions.{stage}")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"dist_actions.{stage}.{module.name}")
    if not entrypoint:
        cli = importlib.import_module("dist_actions.cli")
        return lambda: int(cli.main([action]))
    bootstrap = importlib.import_module("dist_actions.bootstrap")
    sys.argv = [entrypoint, sys.prefix]
    return lambda: int(bootstrap.start(stage))


def _keep(connection: socket.socket) -> None:
    """Fork the run, in which this returns, and wait for it in a process that ends here."""
    _, (output,), _, _ = socket.recv_fds(connection, 1, 1)
    with connection.makefile("rb") as stream:
        request = json.load(stream)
    process = os.fork()
    if process:
        os.close(output)
        connection.sendall(b"%d\n" % process)
        _, status, usage = os.wait4(process, 0)
        connection.sendall(b"%d %d\n" % (os.waitstatus_to_exitcode(status), usage.ru_maxrss))
        os._exit(0)
    connection.close()
    null_device = os.open(os.devnull, os.O_RDONLY)
    for descriptor, standard in ((null_device, 0), (output, 1), (output, 2)):
        os.dup2(descriptor, standard)
    for descriptor in (null_device, output):
        os.close(descriptor)
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["variables"])


if __name__ == "__main__":
    sys.exit(main())
