"""Doctor finds nothing wrong where nothing is."""

import shutil
from pathlib import Path

import pytest

from support.doctor.project import ExaminedProject, findings
from support.paths import ROOT
from support.sandbox.fixtures import git

STARTERS = sorted(
    str(path.parents[1].relative_to(ROOT / "examples"))
    for path in (ROOT / "examples").rglob(".github/workflows")
)


def test_nothing_is_wrong(examined: ExaminedProject) -> None:
    result = examined.examine()
    assert findings(result, "error", "warning") == [], result.log
    assert result.exit_status == 0
    assert (result.outputs["errors"], result.outputs["warnings"]) == ("0", "0")
    assert result.annotations == ()
    skipped = findings(result, "not-checked")
    assert [finding["check"] for finding in skipped] == ["same-bytes"], "nothing is released yet"


@pytest.mark.parametrize("name", STARTERS)
def test_no_starter_has_a_fault_in_its_files(
    name: str, examined: ExaminedProject, tmp_path: Path
) -> None:
    """Their settings on GitHub are others; what is asked here is what the files say."""
    starter = tmp_path / "starter"
    shutil.copytree(ROOT / "examples" / name, starter)
    git("init", "-q", cwd=starter)
    git("add", ".", cwd=starter)
    git("commit", "-qm", "The starter", cwd=starter)
    result = examined.runner(
        "doctor", {"github-token": ""}, workspace=starter, permissions={"contents": "read"}
    )
    assert findings(result, "error", "warning") == [], result.outputs["report"]
