"""What auto-tag says where the job's own token makes the tag."""

import pytest

from support.projects.checkouts import ProjectCheckout
from support.sandbox.fixtures import Sandbox
from support.stages.running import StageRunner

READ = "GET git/matching-refs/tags/v1.0.0-dev"


def test_the_job_token_tags_with_a_warning(
    package: ProjectCheckout, sandbox: Sandbox, run_stage: StageRunner
) -> None:
    """Events of the job's own token start no workflow, so a release would not follow."""
    token = sandbox.job({"contents": "write"})["token"]

    result = run_stage(
        "auto-tag", {"token": token, "github-token": token}, workspace=package.folder
    )

    assert (result.exit_status, result.outputs["created"]) == (0, "true")
    assert [one.level for one in result.annotations] == ["notice", "warning"]
    assert "start no workflow" in result.annotations[1].message
    assert result.calls == (READ, "POST git/tags", "POST git/refs")


@pytest.mark.parametrize(
    ("uses", "is_noted"),
    [
        ("eigenoid/dist-actions/release@v1", False),
        ("eigenoid/dist-actions@v1 # publish", False),
        ("eigenoid/dist-actions/.github/workflows/python-release.yml@v1", False),
        ("eigenoid/dist-actions/auto-tag@v1", True),
        ("pypa/gh-action-pypi-publish@release/v1", True),
    ],
)
def test_the_job_token_is_no_matter_where_the_same_workflow_releases(
    package: ProjectCheckout, sandbox: Sandbox, run_stage: StageRunner, uses: str, is_noted: bool
) -> None:
    workflow = f"jobs:\n  a:\n    steps:\n      - uses: {uses}\n"
    package.commit(".github/workflows/all.yml", workflow)
    package.push("main")
    token = sandbox.job({"contents": "write"})["token"]
    ref = f"{sandbox.repository.full_name}/.github/workflows/all.yml@refs/heads/main"
    result = run_stage(
        "auto-tag",
        {"token": token, "github-token": token},
        workspace=package.folder,
        ref="refs/heads/main",
        environ={"GITHUB_WORKFLOW_REF": ref},
    )

    assert (result.exit_status, result.outputs["created"]) == (0, "true")
    messages = [annotation.message for annotation in result.annotations]
    assert any("start no workflow" in message for message in messages) is is_noted
