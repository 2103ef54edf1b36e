"""The App's key as people store it; every form is in the unit tests of `private_key`."""

import pytest

from support.projects.checkouts import ProjectCheckout
from support.sandbox.fixtures import Sandbox
from support.stages.running import StageRunner, app_inputs


@pytest.mark.parametrize("line_end", ["\r\n", "\\n", " "], ids=["CRLF", "literal", "blanks"])
def test_accepted(
    package: ProjectCheckout, sandbox: Sandbox, run_stage: StageRunner, line_end: str
) -> None:
    inputs = app_inputs(sandbox)
    inputs["private-key"] = inputs["private-key"].replace("\n", line_end)

    result = run_stage("auto-tag", inputs, workspace=package.folder)

    assert (result.exit_status, result.outputs["reason"]) == (0, "created")


def test_refused(package: ProjectCheckout, sandbox: Sandbox, run_stage: StageRunner) -> None:
    """The job token's read is the only request, and the key's text is in no log."""
    inputs = app_inputs(sandbox, **{"private-key": "0123456789abcdef0123456789abcdef01234567"})

    result = run_stage("auto-tag", inputs, workspace=package.folder)

    assert result.exit_status == 2
    assert "it looks like the App's client secret" in result.annotation.message
    assert result.calls == ("GET git/matching-refs/tags/v1.0.0-dev",)
