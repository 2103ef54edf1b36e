"""In docker mode each job runs in a container, and a Docker action runs as on GitHub."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from dist_sandbox.rehearse.actions.tree import use_local_bases
from dist_sandbox.rehearse.manual_steps.reviews import Reviewer
from dist_sandbox.rehearse.project.hosted_settings import protect
from dist_sandbox.rehearse.project.provisioning import add_reviewer
from dist_sandbox.rehearse.sandbox_client import Sandbox
from dist_sandbox.rehearse.workflows.scopes import ScopedValues
from support.act.fixtures import ActSandbox
from support.image_source import (
    build_and_pin,
    commit_all,
    make_image_source,
    use_registry,
    write_small_image,
)
from support.paths import ROOT
from support.registry import remove_images

pytestmark = pytest.mark.docker
IMAGE = "dist-actions-sandbox"

WORKFLOW = """
on: push
jobs:
  make:
    runs-on: ubuntu-latest
    permissions: {contents: read, id-token: write}
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with: {python-version: "3.13"}
      - run: test -f /.dockerenv && python -c 'import sys; print(sys.version_info[:2])'
      - run: git log --format=%an > author
      - uses: actions/upload-artifact@v4
        with: {name: author, path: author}
  use:
    needs: make
    runs-on: ubuntu-latest
    steps:
      - uses: actions/download-artifact@v4
        with: {name: author}
      - run: cat author
"""
PUBLISH = """
on: push
jobs:
  a:
    runs-on: ubuntu-latest
    permissions: {id-token: write}
    steps:
      - uses: eigenoid/dist-actions@v1
"""


@pytest.fixture
def docker_sandbox(docker_engine: str, act_sandbox: ActSandbox) -> ActSandbox:
    subprocess.run(["scripts/images"], cwd=ROOT, check=True, capture_output=True)
    use_local_bases(ROOT, act_sandbox.runner.actions.dist_actions)
    return replace(act_sandbox, image=IMAGE)


def test_jobs_run_in_containers(docker_sandbox: ActSandbox) -> None:
    result = docker_sandbox.run(WORKFLOW).result
    assert result.status == "success", result
    assert result.job("make").steps[2].log == ["(3, 13)"]
    assert result.job("use").steps[1].log == ["Dev Eloper"]


def test_the_docker_action_runs(docker_sandbox: ActSandbox) -> None:
    """Without its inputs it refuses, in its own words."""
    result = docker_sandbox.run(PUBLISH).result
    assert result.status == "failure"
    assert [annotation.level for annotation in result.annotations] == ["error"]
    assert "Fix:" in result.annotations[0].message


#: What an image prints shows that it was started, and with which inputs.
PRINTS = 'printf("::notice::index is %s\\n", getenv("INPUT_INDEX")); return 0;'


def test_the_image_of_a_release_is_pulled_by_its_digest(
    docker_sandbox: ActSandbox, registry: str, tmp_path: Path
) -> None:
    """Users' jobs get what action.yml names at the tag; nothing is built then."""
    released = make_image_source(tmp_path / "released")
    write_small_image(released, PRINTS)
    use_registry(released, registry)
    commit_all(released)
    build_and_pin(released)
    remove_images(registry)
    (released / "Dockerfile").unlink()
    actions = docker_sandbox.runner.actions
    actions = replace(actions, given={"eigenoid/dist-actions": released})
    users = replace(docker_sandbox, runner=replace(docker_sandbox.runner, actions=actions))

    result = users.run(PUBLISH).result
    assert result.status == "success", result
    assert [row.message for row in result.annotations] == ["index is artifact-registry"]


GUARDED = """
on: push
jobs:
  publish:
    runs-on: ubuntu-latest
    environment: deploy
    permissions: {id-token: write}
    env: {FROM_JOB: "${{ secrets.TOKEN }}"}
    steps:
      - run: |
          test -f /.dockerenv && test "${#FROM_JOB}" = 12
          test -n "$ACTIONS_ID_TOKEN_REQUEST_TOKEN"
      - uses: eigenoid/dist-actions@v1
        with: {index: pypi, password: "${{ secrets.TOKEN }}"}
"""


def test_a_job_in_a_container_waits_for_approval(docker_sandbox: ActSandbox) -> None:
    opened = docker_sandbox.sandbox
    rules, token = add_reviewer(opened)
    protect(opened, {"deploy": rules})
    reviewer = Sandbox(opened.ready, token)
    runner = replace(docker_sandbox.runner, reviewer=Reviewer(reviewer))
    secrets = ScopedValues({}, {"deploy": {"TOKEN": "twelve-chars"}})
    finished = replace(docker_sandbox, runner=runner, secrets=secrets).run(GUARDED)
    reviewer.close()
    assert [review.decision for review in finished.reviews] == ["approved"]
    publish = finished.result.job("publish")
    assert [step.status for step in publish.steps[:3]] == ["success"] * 3, publish
    # The action itself has nothing to publish, and says so in its container.
    assert finished.result.first_failure is not None
    assert "dist" in finished.result.first_failure[1]
