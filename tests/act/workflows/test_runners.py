"""Jobs that run on another kind of machine than the rehearsal's are named."""

import pytest

from dist_sandbox.rehearse.workflows.runners import describe_runners
from support.act.builders import make_workflow

JOB = "on: push\njobs: {{a: {{runs-on: {}, strategy: {{matrix: {}}}, steps: [{{run: x}}]}}}}"


@pytest.mark.parametrize(
    ("runs_on", "matrix", "system", "labels"),
    [
        ("windows-latest", "", "Linux", "windows-latest"),
        ("macos-14", "", "Linux", "macos-14"),
        ("[self-hosted, windows-2022]", "", "Linux", "windows-2022"),
        ("{group: g, labels: macos-15-xlarge}", "", "Linux", "macos-15-xlarge"),
        ("'${{ matrix.os }}'", "{os: [ubuntu-24.04, windows-2025]}", "Linux", "windows-2025"),
        ("'${{matrix.on}}'", "{include: [{on: macos-13}]}", "Linux", "macos-13"),
        ("ubuntu-latest", "", "Linux", ""),
        ("[self-hosted, arm64]", "", "Linux", ""),
        ("'${{ inputs.os }}'", "", "Linux", ""),
        ("macos-latest", "", "Darwin", ""),
        ("windows-latest", "", "Darwin", "windows-latest"),
    ],
)
def test_a_job_of_another_system_is_named_with_its_label(
    runs_on: str, matrix: str, system: str, labels: str
) -> None:
    described = describe_runners(make_workflow(JOB.format(runs_on, matrix or "{}")), system)
    name = "macOS" if system == "Darwin" else system
    text = f"job a has runs-on: {labels}; the rehearsal runs it on {name}."
    assert described == ({"a": text} if labels else {})
