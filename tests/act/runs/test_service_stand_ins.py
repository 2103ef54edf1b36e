"""Stand-ins for what GitHub's own service does: caches, attestations, Pages, the runner's tools."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from dist_sandbox.rehearse.runs.workflow_run import FinishedRun
from support.act.fixtures import ActSandbox
from support.act.stand_ins import Job

WORKFLOW = """
on: push
jobs:
  a:
    runs-on: ubuntu-latest
    permissions: {contents: read, id-token: write, pages: write, attestations: write}
    environment: {name: github-pages, url: "${{ steps.deploy.outputs.page_url }}"}
    steps:
      - uses: step-security/harden-runner@v2
        with: {egress-policy: audit}
      - uses: docker/setup-qemu-action@v3
        with: {platforms: arm64}
      - uses: actions/cache@v4
        id: cache
        with: {path: x, key: the-key}
      - uses: actions/cache/restore@v4
        id: restore
        with: {path: x, key: other-key}
      - {uses: actions/cache/save@v4, with: {path: x, key: k}}
      - uses: astral-sh/setup-uv@v6
        with: {activate-environment: true, enable-cache: false}
      - run: test "$VIRTUAL_ENV" = "$PWD/.venv" && uvx --version
      - run: mkdir site && touch site/index.html
      - uses: actions/attest-build-provenance@v3
        id: attest
        with: {subject-path: "site/*.html, other/*"}
      - uses: actions/configure-pages@v5
        id: pages
      - uses: actions/upload-pages-artifact@v3
        with: {path: site}
      - uses: actions/deploy-pages@v4
        id: deploy
      - run: |
          echo "[${{ steps.cache.outputs.cache-hit }}]"
          echo "${{ steps.restore.outputs.cache-primary-key }}"
          echo "${{ steps.deploy.outputs.page_url }} ${{ steps.pages.outputs.base_path }}"
          grep -c index.html "${{ steps.attest.outputs.bundle-path }}"
"""


def test_what_a_release_workflow_does_besides(run_workflow: Callable[..., FinishedRun]) -> None:
    finished = run_workflow(WORKFLOW)
    job = finished.result.job("a")
    assert job.status == "success", [(step.name, step.log) for step in job.steps]
    assert job.steps[-1].log == [
        "[]",
        "other-key",
        "https://eigenoid.github.io/eigenoid-sample/ /eigenoid-sample",
        "1",
    ]
    assert finished.warnings == ()
    differences = " ".join(job.differences)
    assert "1 subjects would be attested" in differences
    assert "deploys nothing" in differences


@pytest.fixture
def node_job(shared_act_sandbox: ActSandbox, tmp_path: Path) -> Job:
    """A job on a machine whose node is 20."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("bash", "python3"):
        (tools / name).symlink_to(os.path.realpath(str(shutil.which(name))))
    (tools / "node").write_text("#!/bin/bash\necho v20.1.0\n")
    (tools / "node").chmod(0o755)
    (tmp_path / "temp").mkdir()
    return Job(shared_act_sandbox, tmp_path, {"PATH": str(tools)})


def test_node_is_that_of_this_machine(node_job: Job) -> None:
    outcome = node_job.run(
        "setup-node", node_version="24.x", registry_url="https://npm.example/x", scope="eigenoid"
    )
    (notice,) = outcome.annotations
    assert "node 24.x is not on this machine; v20.1.0 stands in" in notice[2]
    assert outcome.outputs["node-version"] == "v20.1.0"
    configuration = (node_job.folder / "temp" / ".npmrc").read_text()
    assert configuration == (
        "//npm.example/x/:_authToken=${NODE_AUTH_TOKEN}\n"
        "@eigenoid:registry=https://npm.example/x/\n"
    )
    (node_job.workspace / ".nvmrc").write_text("v20\n")
    assert node_job.run("setup-node", node_version_file=".nvmrc").annotations == []


@pytest.mark.parametrize(
    ("stand_in", "inputs", "problem"),
    [
        ("cache", {"key": "k", "fail_on_cache_miss": "true"}, "Exiting as fail-on-cache-miss"),
        ("attest", {"subject_path": "x"}, 'missing "id-token" permission'),
        ("setup-node", {"node_version_file": "none"}, "does not exist"),
    ],
)
def test_what_fails_on_github_too(
    node_job: Job, stand_in: str, inputs: dict[str, str], problem: str
) -> None:
    outcome = node_job.run(stand_in, **inputs)
    assert not outcome.succeeded
    assert problem in outcome.annotations[0][2]
