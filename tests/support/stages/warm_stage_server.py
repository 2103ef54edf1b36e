"""A process that has loaded an action's stage, and forks a run of it for each connection.

    python -I warm_stage_server.py SRC ACTION ENTRYPOINT SOCKET

It is an action's own Python, isolated as the action starts it. A run begins where the action's
`main.py` would be after its imports: with the run's variables, folder and output, and nothing else.
A connection brings the output's descriptor and a JSON object, and is told the run's process ID
and, at the end, its exit status and the most memory that it had, in KiB. What a run imports late,
the process imports before it forks the next one.
"""

import atexit
import contextlib
import gc
import http.client
import importlib
import json
import os
import pkgutil
import select
import socket
import sys
import threading
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from functools import partial
from typing import Any, NoReturn

_MESSAGE_BYTES = 1 << 17


def main() -> int:
    source, action, entrypoint, address = sys.argv[1:]
    sys.path.insert(0, source)
    run = _load(action, entrypoint)
    gc.freeze()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen(64)
        imports, to_imports = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        print("ready", flush=True)
        while True:
            readable, _, _ = select.select([listener, imports, sys.stdin], [], [])
            if sys.stdin in readable:  # the tests are over
                return 0
            if imports in readable:
                _import_all(**json.loads(imports.recv(_MESSAGE_BYTES)))
                continue
            connection, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                imports.close()
                clock = _keep(connection)
                clocks = [] if clock is None else [_SandboxTime(**clock)]
                _end(_run_and_send_imports(partial(run, *clocks), to_imports))
            connection.close()
            with contextlib.suppress(ChildProcessError):
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass


class _SandboxTime:
    """The sandbox's time, which passes at once where the run waits.

    Args:
        address: Where the sandbox's clock is read and set.
        token: Of the control interface.
        skew_seconds: How far the clock of the run is ahead.
    """

    def __init__(self, address: str, token: str, skew_seconds: float) -> None:
        self._address = address
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._skew_seconds = skew_seconds
        self._read(None)

    def now(self) -> datetime:
        return datetime.now(timezone.utc) + self._offset

    def sleep(self, seconds: float) -> None:
        self._read({"passed_seconds": seconds})

    def _read(self, change: dict[str, float] | None) -> None:
        host, path = self._address.removeprefix("http://").split("/", 1)
        connection = http.client.HTTPConnection(host)
        body = None if change is None else json.dumps(change)
        connection.request("POST" if body else "GET", f"/{path}", body, self._headers)
        ahead = json.loads(connection.getresponse().read())["offset_seconds"]
        connection.close()
        self._offset = timedelta(seconds=ahead + self._skew_seconds)


def _load(action: str, entrypoint: str) -> Callable[..., int]:
    """Import all of a stage, and return what runs it as its entrypoint does."""
    stage = action.replace("-", "_")
    package = importlib.import_module(f"dist_actions.{stage}")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"dist_actions.{stage}.{module.name}")
    if not entrypoint:
        cli = importlib.import_module("dist_actions.cli")
        main = importlib.import_module(f"dist_actions.{stage}.main").main
        return lambda *clock: int(main(dict(os.environ), *clock) if clock else cli.main([action]))
    bootstrap = importlib.import_module("dist_actions.bootstrap")
    sys.argv = [entrypoint, sys.prefix]
    return lambda *clock: int(bootstrap.start(stage, *clock))


def _run_and_send_imports(run: Callable[[], int], receiver: socket.socket) -> int:
    """Run a stage, then send which modules it imported, and from which further folders."""
    modules, folders = set(sys.modules), set(sys.path)
    status = run()
    names = sorted(set(sys.modules) - modules)
    if names:
        imported = {"names": names, "folders": [path for path in sys.path if path not in folders]}
        receiver.sendall(json.dumps(imported).encode("ascii"))
    return status


def _end(status: int) -> NoReturn:
    """End as Python does, but for clearing memory that this process shares with the next runs."""
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _import_all(names: list[str], folders: list[str]) -> None:
    """Import modules, as far as they can be imported here."""
    path = list(sys.path)
    sys.path += folders
    for name in names:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    sys.path[:] = path
    gc.freeze()


def _keep(connection: socket.socket) -> dict[str, Any] | None:
    """Fork the run, in which this returns, and wait for it in a process that ends here.

    Returns:
        How the run's clock is made; None for the machine's.
    """
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
    os.setpgid(0, 0)
    null_device = os.open(os.devnull, os.O_RDONLY)
    for descriptor, standard in ((null_device, 0), (output, 1), (output, 2)):
        os.dup2(descriptor, standard)
    for descriptor in (null_device, output):
        os.close(descriptor)
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["variables"])
    clock: dict[str, Any] | None = request["clock"]
    return clock


if __name__ == "__main__":
    sys.exit(main())
