"""A rehearsal removes nothing but what a rehearsal wrote."""

from pathlib import Path

import pytest

from dist_sandbox.rehearse.errors import UsageError
from dist_sandbox.rehearse.results.output import (
    OutputFolder,
    describe_failure,
    require_output_folder,
)
from dist_sandbox.rehearse.results.report import Report


@pytest.mark.parametrize("name", ["index.html", "report.json", "summary.md", "logs/own.log"])
def test_a_folder_with_results_of_somebody_else_is_refused(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    file.write_text("Mine.", encoding="utf-8")
    with pytest.raises(UsageError, match=f"holds {name.partition('/')[0]}, which no rehearsal"):
        require_output_folder(tmp_path)
    assert file.read_text(encoding="utf-8") == "Mine."


def test_a_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "out"
    file.touch()
    with pytest.raises(UsageError, match="is a file"):
        require_output_folder(file)


@pytest.mark.parametrize("made_by_it", [True, False])
def test_a_folder_that_an_earlier_rehearsal_wrote_is_taken_again(
    tmp_path: Path, made_by_it: bool
) -> None:
    folder = tmp_path / "out"
    if not made_by_it:
        folder.mkdir()
        (folder / "notes.txt").touch()
    require_output_folder(folder)
    output = OutputFolder(folder, subject="sample", hide=str)
    output.clear()
    output.write_page(Report(environments=(), seconds=0, failure=describe_failure(OSError())))
    require_output_folder(folder)
