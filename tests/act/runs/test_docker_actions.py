"""Docker actions of Python run without an engine: their own scripts, in a folder of their own."""

from dataclasses import replace
from pathlib import Path

import pytest

from dist_sandbox.rehearse.actions.machine import Machine, read_machine
from dist_sandbox.rehearse.errors import WorkflowFileError
from dist_sandbox.rehearse.walls.finding import find_walls
from support.act.fixtures import ActSandbox
from support.walls.enclosed import open_refusing_gateway

DOCKERFILE = """\
FROM python:3.11-slim
ARG GREETING=hello
ENV GREETING=${GREETING} \\
    PATH="/app/bin:${PATH}"
WORKDIR /app
COPY . .
RUN apt-get update && apt-get install -y git \\
    # a comment between
    && rm -rf /var/lib/apt/lists/* && find /tmp -mindepth 1 -delete
RUN mkdir bin && echo '#!/bin/sh\\ncat /app/mark /etc/mark' > bin/show && chmod +x bin/show \\
    && echo "$GREETING" > /etc/mark && python -c "print(__import__('sys').prefix)" > mark
USER nobody
ENTRYPOINT ["/bin/bash", "/app/entry.sh"]
CMD ["never"]
"""
ENTRY = """\
set -e
show
pwd
words=$(python -c 'import os; print(os.environ["INPUT_TWO-WORDS"], os.environ["EXTRA"])')
echo "$HOME, $words, $*"
ls
: "${INPUT_SILENT?an input is set, with nothing, also where nobody gives it}"
echo "said=$INPUT_NAME" >> "$GITHUB_OUTPUT"
"""
INPUTS = """\
inputs:
  {name: {default: nobody}, two-words: {}, silent: {}, token: {default: '${{ github.token }}'}}
"""
METADATA = f"""
{INPUTS}
runs:
  using: docker
  image: Dockerfile
  args: ["${{{{ inputs.name }}}}", last]
  env: {{EXTRA: "for ${{{{ inputs['name'] }}}}"}}
"""
#: An action that writes a Docker action into the workspace, whose image is its own Dockerfile's.
GENERATING = """
runs:
  using: composite
  steps:
    - run: |
        mkdir -p .generated
        echo '{"inputs": {"silent": {}, "name": {"default": "generated"}},
          "runs": {"using": "docker", "image": "docker://ghcr.io/Other/Container:v1"}
          }' > .generated/action.yml
      shell: bash
    - uses: ./.generated
      id: played
      with: {two-words: in a composite}
      env: {EXTRA: of the step}
outputs: {said: {value: "${{ steps.played.outputs.said }}"}}
"""
WORKFLOW = """
on: push
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - run: touch file-of-the-job
      - uses: other/container/direct@v1
        id: direct
        with: {name: somebody, two-words: good day}
      - uses: other/container@v1
        id: generated
      - run: echo "[${{ steps.direct.outputs.said }}, ${{ steps.generated.outputs.said }}]"
"""


@pytest.fixture
def action(tmp_path: Path) -> Path:
    """A repository with a Docker action, and one that writes one."""
    files = {"Dockerfile": DOCKERFILE, "entry.sh": ENTRY, "direct/action.yml": METADATA}
    files |= {"direct/Dockerfile": DOCKERFILE, "direct/entry.sh": ENTRY, "action.yml": GENERATING}
    for name, text in files.items():
        file = tmp_path / "action" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return tmp_path / "action"


def using(opened: ActSandbox, action: Path, machine: Machine) -> ActSandbox:
    actions = replace(opened.runner.actions, given={"other/container": action}, machine=machine)
    return replace(opened, runner=replace(opened.runner, actions=actions))


def test_docker_actions_are_played(act_sandbox: ActSandbox, action: Path, tmp_path: Path) -> None:
    opened, walls = act_sandbox, find_walls(act_sandbox.runner.toolchain)
    if not opened.runner.actions.machine.bubblewrap or walls.bubblewrap is None:
        pytest.skip("this machine has no bubblewrap")
    with open_refusing_gateway(tmp_path) as gateway:
        toolchain = replace(opened.runner.toolchain, walls=replace(walls, gateway=gateway))
        opened = replace(opened, runner=replace(opened.runner, toolchain=toolchain))
        job = using(opened, action, opened.runner.actions.machine).run(WORKFLOW).result.job("a")
    assert job.status == "success", [step.log for step in job.steps]
    log = job.step("direct").log
    assert log[-5:] == [
        "/usr/local",
        "hello",
        "/github/workspace",
        "/github/home, good day for somebody, somebody last",
        "file-of-the-job",
    ]
    assert job.step("generated").log[-2] == "/github/home, in a composite of the step, never"
    assert job.steps[-1].log == ["[somebody, generated]"]
    differences = " ".join(job.differences)
    assert "no container engine" in differences
    assert "apt-get install -y git" in differences
    assert not Path("/app/entry.sh").exists()


def test_without_bubblewrap_docker_is_the_way_out(act_sandbox: ActSandbox, action: Path) -> None:
    with pytest.raises(WorkflowFileError, match="--docker"):
        using(act_sandbox, action, Machine()).run(WORKFLOW)


def test_the_machine_is_looked_at(tmp_path: Path) -> None:
    node = tmp_path / "node"
    node.write_text("#!/bin/sh\necho v19.1.0\n")
    node.chmod(0o755)
    assert read_machine(str(tmp_path)).node_version == 19
    assert read_machine("/nonexistent").node_version == 0
