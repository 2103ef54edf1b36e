"""auto-tag ends in time and with little memory, whatever GitHub sends."""

import pytest

from support.projects.checkouts import ProjectCheckout
from support.sandbox.fixtures import Sandbox
from support.stages.misbehaving import KINDS, require_bounded_runs
from support.stages.running import StageRunner, app_inputs


@pytest.mark.parametrize("kind", KINDS)
def test_every_request_may_meet_a_misbehaving_server(
    package: ProjectCheckout, sandbox: Sandbox, run_stage: StageRunner, kind: str
) -> None:
    inputs = app_inputs(sandbox, **{"max-wait": "0s"})
    run_stage("auto-tag", inputs, workspace=package.folder)  # the next runs are measured

    def undo() -> None:
        if sandbox.repository.git.tag("v1.0.0-dev"):
            sandbox.repository.git.delete_ref("refs/tags/v1.0.0-dev")

    undo()
    require_bounded_runs(
        sandbox,
        kind,
        lambda environ: run_stage(
            "auto-tag", inputs, workspace=package.folder, environ=environ, expect_revoked=False
        ),
        undo,
    )
