"""A hostile step tries every way out: nothing leaves the walls, and much does without them."""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

from markupsafe import escape

from dist_sandbox.rehearse.walls.enclosing import NO_WALLS
from support.walls import escape as escaping
from support.walls.trapped import MARKER, Trapped

#: Steps that try every way out: by programs of their own, by act's and node's own calls.
HOSTILE = """\
on: {push: {branches: ["**"]}}
permissions: {contents: read}
jobs:
  escape:
    runs-on: ubuntu-latest
    env: {NO_PROXY: "*", no_proxy: "*"}
    steps:
      - uses: actions/checkout@v4
      - run: python3 escape.py PROJECT / MARKER
"""


def try_to_escape(trapped: Trapped, mode: str) -> dict[str, Any]:
    """Let the hostile program run; return what it reached."""
    searched = "/" if mode == "require" else str(trapped.folder)
    program = ["python3", escaping.__file__, str(trapped.project), searched, *MARKER]
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
    assert trapped.packets == []
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
    assert len(trapped.packets) > 10


def test_a_rehearsal_of_a_hostile_workflow_reaches_nothing(tmp_path: Path) -> None:
    trapped = Trapped.plant(tmp_path)
    # What is in the project itself is what a job may read.
    (trapped.project / "secret").unlink()
    shutil.copy(escaping.__file__, trapped.project / "escape.py")

    output, logs = rehearse(trapped, "require")

    (outcome,) = [json.loads(line) for line in logs.splitlines() if line.startswith('{"reached"')]
    assert outcome["reached"] == [], outcome
    assert outcome["markers"] == []
    assert trapped.packets == [], (trapped.packets, output)
    page = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert "namespaces of their own" in page
    assert "".join(MARKER) not in output + logs + page


def test_a_rehearsal_without_walls_says_what_was_not_stopped(tmp_path: Path) -> None:
    trapped = Trapped.plant(tmp_path)
    (trapped.project / "escape.py").touch()

    output, _ = rehearse(trapped, "none")

    page = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    for gap in NO_WALLS:
        assert gap in output
        assert escape(gap) in page


def rehearse(trapped: Trapped, mode: str) -> tuple[str, str]:
    """Rehearse a project whose workflow is hostile; return what was printed, and the jobs' logs."""
    workflows = trapped.project / ".github" / "workflows"
    workflows.mkdir(parents=True)
    text = HOSTILE.replace("PROJECT", str(trapped.project)).replace("MARKER", " ".join(MARKER))
    (workflows / "ci.yml").write_text(text, encoding="utf-8")
    out = trapped.folder / "out"
    options = ["--only", "ci.yml", "--walls", mode, "--output", str(out), str(trapped.project)]
    done = trapped.run([sys.executable, "-m", "dist_sandbox.cli", "rehearse", *options])
    logs = [log.read_text(encoding="utf-8") for log in (out / "logs").rglob("*.log")]
    assert logs, done.stdout + done.stderr
    return done.stdout + done.stderr, "".join(logs)
