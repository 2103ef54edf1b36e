"""What GitHub repeats of auto-tag's credentials is shown nowhere."""

from support.projects.checkouts import ProjectCheckout
from support.sandbox.fixtures import Sandbox
from support.stages.echoing import require_no_echo
from support.stages.running import StageRunner, app_inputs


def test_no_request_shows_its_credential(
    package: ProjectCheckout, sandbox: Sandbox, run_stage: StageRunner
) -> None:
    inputs = app_inputs(sandbox, **{"max-wait": "0s"})

    def undo() -> None:
        if sandbox.repository.git.tag("v1.0.0-dev"):
            sandbox.repository.git.delete_ref("refs/tags/v1.0.0-dev")

    require_no_echo(
        sandbox,
        lambda: run_stage("auto-tag", inputs, workspace=package.folder, expect_revoked=False),
        undo,
    )
