"""A hostile workflow in containers: no option, volume, service or action of it leads out."""

import subprocess
from pathlib import Path

import pytest

from support.act.rehearse_command import rehearse
from support.paths import ROOT

pytestmark = pytest.mark.docker

HOSTILE = """\
on: push
permissions: {contents: read}
jobs:
  escape:
    runs-on: ubuntu-latest
    container:
      image: dist-actions-sandbox
      options: --privileged --cap-add NET_ADMIN --network host --pid host --volume HOME:/host-option
      volumes: ["HOME:/host-volume", "shared:/shared"]
    services:
      helper: {image: dist-actions-sandbox, ports: ["80:80"]}
    steps:
      - uses: actions/checkout@v4
      - run: python3 probe.py
      - uses: docker://dist-actions-sandbox
        with: {entrypoint: python3, args: probe.py}
"""
PROBE = """\
import os, socket
with open("/proc/net/dev") as devices:
    print("interfaces", [line.split(":")[0].strip() for line in devices if ":" in line])
for address in ("1.1.1.1", "172.17.0.1", "169.254.169.254"):
    try:
        socket.create_connection((address, 80), 1)
    except OSError as error:
        print(address, error.strerror)
print("resolved", socket.gethostbyname("metadata.google.internal"))
with open("/proc/self/status") as status:
    print(*(line for line in status if line.startswith("CapEff")))
print("files", [path for path in PATHS if os.path.exists(path)])
"""
PATHS = ("/host-option", "/host-volume", "/var/run/docker.sock", "/dev/mem", "/dev/kmsg")
#: What containers of Docker have without further options, and nothing more.
ORDINARY_CAPABILITIES = "00000000a80425fb"


def test_a_hostile_workflow_in_containers_reaches_nothing(
    docker_engine: str, tmp_path: Path
) -> None:
    assert docker_engine
    subprocess.run(["scripts/images"], cwd=ROOT, check=True, capture_output=True)
    project = tmp_path / "a-project"
    workflows = project / ".github" / "workflows"
    workflows.mkdir(parents=True)
    (workflows / "ci.yml").write_text(HOSTILE.replace("HOME", str(tmp_path)))
    (project / "pyproject.toml").write_text('[project]\nname = "a"\nversion = "1"\n')
    (project / "probe.py").write_text(f"PATHS = {PATHS!r}\n{PROBE}")
    before = list_resources()

    done = rehearse(project, tmp_path / "out", "--docker", "--only", "ci.yml", "--walls", "require")

    logs = "".join(log.read_text() for log in (tmp_path / "out" / "logs").rglob("*.log"))
    for line in (
        "interfaces ['lo']",
        "1.1.1.1 Network is unreachable",
        "172.17.0.1 Network is unreachable",
        "169.254.169.254 Network is unreachable",
        "resolved 127.0.0.1",
        f"CapEff:\t{ORDINARY_CAPABILITIES}",
        "files []",
    ):
        assert logs.count(line) >= 2, (line, logs, done.stdout)
    assert "builds those of Docker actions" in done.stdout
    assert list_resources() == before


def list_resources() -> list[str]:
    """List what the engine has, by which a rehearsal may not leave anything behind."""
    lines: list[str] = []
    for kind in (("container", "ls", "--all"), ("network", "ls"), ("volume", "ls")):
        command = ["docker", *kind, "--quiet"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        lines += [line for line in done.stdout.split() if line != "act-toolcache"]
    return lines
