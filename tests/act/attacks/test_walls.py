"""A hostile step tries every way out: nothing leaves the walls, and much does without them."""

import json
import sys
from pathlib import Path
from typing import Any

from support.walls import escape
from support.walls.trapped import MARKER, Trapped


def try_to_escape(trapped: Trapped, mode: str) -> dict[str, Any]:
    """Let the hostile program run; return what it reached."""
    searched = "/" if mode == "require" else str(trapped.folder)
    program = ["python3", escape.__file__, str(trapped.project), searched, *MARKER]
    command = ["-m", "support.walls.enclosed", str(trapped.folder), mode, str(trapped.project)]
    done = trapped.run([sys.executable, *command, *program])
    assert done.returncode == 0, done.stdout + done.stderr
    outcome: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return outcome


def test_nothing_leaves_the_walls(tmp_path: Path) -> None:
    trapped = Trapped.plant(tmp_path)

    outcome = try_to_escape(trapped, "require")

    assert outcome["reached"] == [], outcome
    assert outcome["markers"] == []
    assert outcome["tried"] > 50
    assert trapped.packets == 0
    # What asks by name is refused by the gateway, also where it ignores the proxy.
    assert set(outcome["gateway"].values()) == {"403"}, outcome["gateway"]
    requests = (tmp_path / "gateway").read_text(encoding="utf-8")
    assert "Host: metadata.google.internal" in requests


def test_the_same_program_gets_out_without_walls(tmp_path: Path) -> None:
    """What the trap and the markers can see: else the test above proves nothing."""
    trapped = Trapped.plant(tmp_path)

    outcome = try_to_escape(trapped, "none")

    assert {"tcp 1.1.1.1:443", "udp 8.8.8.8:53", "abstract unix socket"} <= set(outcome["reached"])
    files = {"list the project", "write the project", "see other programs"}
    assert files <= set(outcome["reached"])
    assert any(".ssh/id_ed25519" in path for path in outcome["markers"])
    assert trapped.packets > 10
